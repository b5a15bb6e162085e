import { ScriptError } from '../../index.ts'
import { claimLost, TickOrder } from './claim-rules.ts'
import type { ClaimState, KeptAbout, KeptRoom, RoomClaim } from './keeper.ts'
import type { RedisClient } from './redis-client.ts'
import { FORGET, FREE_CHANNEL, FREE_KEY, logKey, RELEASE, roomKey, roomsKey, SAVE } from './redis-commands.ts'

/** A tick that cannot be appended, because one before it was not. */
interface WaitingTick {
  readonly tick: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** The process that a claim is for. */
export interface Claimant {
  readonly id: string
  readonly redis: RedisClient
  /** Whether other processes take it for alive. */
  readonly isAlive: boolean
  /** Its claims that are not lost. */
  readonly claims: Map<string, unknown>
}

/** A claim in Redis. */
export class RedisClaim implements RoomClaim {
  readonly roomId: string
  readonly epoch: number
  readonly kept: KeptRoom | undefined
  readonly #process: Claimant
  readonly #about: KeptAbout
  readonly #order: TickOrder
  readonly #listeners = new Set<() => void>()
  /** Ticks that only the next snapshot keeps. */
  #waiting: WaitingTick[] = []
  #hasGap = false
  #wantsSnapshot = false
  #isLost = false

  constructor(process: Claimant, room: { roomId: string; epoch: number; about: KeptAbout; kept: KeptRoom | undefined }) {
    this.#process = process
    this.roomId = room.roomId
    this.epoch = room.epoch
    this.kept = room.kept
    this.#about = room.about
    this.#order = new TickOrder(room.kept)
  }

  get state(): ClaimState {
    if (this.#isLost) return 'lost'
    return this.#process.isAlive ? 'held' : 'unsure'
  }

  get wantsSnapshot(): boolean {
    return this.#hasGap || this.#wantsSnapshot
  }

  /** Asks for a snapshot before the next is due. */
  wantSnapshot(): void {
    this.#wantsSnapshot = true
  }

  async append(tick: number, entry: Uint8Array): Promise<void> {
    this.#check()
    this.#order.append(tick)
    if (!this.#hasGap) {
      try {
        await this.#process.redis.call('XADD', logKey(this.roomId), `${this.epoch}-${tick}`, 'tick', bufferOf(entry))
      } catch {
        await this.#explainFailure(tick)
      }
      this.#check()
      // Replies come in the order of ticks, so one before this may have failed by now.
      if (!this.#hasGap) return
    }
    await new Promise<void>((resolve, reject) => this.#waiting.push({ tick, resolve, reject }))
  }

  async save(tick: number, bytes: Uint8Array): Promise<void> {
    this.#check()
    this.#order.save(tick)
    const { roomId, epoch } = this
    const { name, options = null } = this.#about
    const keys = [roomKey(roomId), logKey(roomId), roomsKey(this.#process.id)]
    const args = [epoch, this.#process.id, roomId, name, JSON.stringify(options), tick, bufferOf(bytes)]
    this.#wantsSnapshot = false
    const saved = await this.#evaluate(SAVE, keys, args)
    if (saved !== 1) this.lose()
    this.#check()
    const kept = this.#waiting.filter((waiting) => waiting.tick <= tick)
    this.#waiting = this.#waiting.filter((waiting) => waiting.tick > tick)
    this.#hasGap = this.#waiting.length > 0
    for (const { resolve } of kept) resolve()
  }

  async release(): Promise<void> {
    if (this.#isLost) return
    this.#end()
    const keys = [roomKey(this.roomId), logKey(this.roomId), roomsKey(this.#process.id), FREE_KEY]
    await this.#evaluate(RELEASE, keys, [this.epoch, this.roomId, FREE_CHANNEL])
  }

  async forget(): Promise<void> {
    if (this.#isLost) return
    this.#end()
    await this.#evaluate(FORGET, [roomKey(this.roomId), logKey(this.roomId), roomsKey(this.#process.id)], [this.epoch, this.roomId])
  }

  onLost(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Asks Redis whether the room is still this claim's. */
  async verify(): Promise<void> {
    const epoch = await this.#process.redis.call('HGET', roomKey(this.roomId), 'epoch')
    if (epoch === null) this.wantSnapshot()
    else if (epoch !== String(this.epoch)) this.lose()
  }

  /** Ends the claim because another process has the room. */
  lose(): void {
    if (this.#isLost) return
    this.#end()
    for (const listener of [...this.#listeners]) listener()
  }

  /** Finds out why a tick was not appended. */
  async #explainFailure(tick: number): Promise<void> {
    // A command that is sent again after the connection broke may have come the first time.
    const last = await this.#lastEntry().catch(() => undefined)
    if (last !== undefined && last.epoch > this.epoch) this.lose()
    else if (last?.epoch !== this.epoch || last.tick < tick) {
      this.#hasGap = true
    }
  }

  async #lastEntry(): Promise<{ readonly epoch: number; readonly tick: number } | undefined> {
    const entries = (await this.#process.redis.call('XREVRANGE', logKey(this.roomId), '+', '-', 'COUNT', 1)) as [string, unknown][]
    const [epoch, tick] = (entries[0]?.[0] ?? '').split('-').map(Number)
    return epoch === undefined || tick === undefined ? undefined : { epoch, tick }
  }

  /** Runs a script of Redis. Throws `EngineUnavailable` if Redis refuses it. */
  async #evaluate(script: string, keys: readonly string[], args: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await this.#process.redis.call('EVAL', script, keys.length, ...keys, ...args)
    } catch (cause) {
      throw new ScriptError('EngineUnavailable', `Redis refused to keep the room '${this.roomId}': ${describe(cause)}`, { cause })
    }
  }

  #check(): void {
    if (this.#isLost) throw claimLost(this.roomId)
  }

  #end(): void {
    this.#isLost = true
    this.#process.claims.delete(this.roomId)
    for (const { reject } of this.#waiting.splice(0)) reject(claimLost(this.roomId))
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
