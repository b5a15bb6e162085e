import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { ScriptError } from '../../index.ts'
import { parseJson } from '../../json.ts'
import type { KeptAbout, KeptRoom } from './keeper.ts'
import { MAX_KEPT_TICKS, readKept } from './read-kept.ts'
import { type Claimant, RedisClaim } from './redis-claim.ts'
import { openConnection, type RedisClient } from './redis-client.ts'
import { aliveKey, CLAIM, FREE_KEY, logKey, PROCESSES_KEY, roomKey, roomsKey } from './redis-commands.ts'

/** A process says that it is alive, and looks for others that are not, this often in the time that it may be silent. */
export const BEATS = 4

const DEFAULT_HOLD_MS = 1000

/** What Redis has of a room, to claim it. */
export interface KeptOwner extends KeptAbout {
  readonly epoch: string
  /** A process; an empty text if the room was released. */
  readonly owner: string
  /** How often it was claimed since it was last saved. */
  readonly tries: number
}

/** This process as others see it in Redis: it is alive, and runs the rooms that it claimed. One for each client of `ioredis` that is given. */
export class RedisProcess implements Claimant {
  readonly id: string = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
  readonly redis: RedisClient
  /** The claims that are not lost. */
  readonly claims: Map<string, RedisClaim> = new Map()
  /** Claims for rooms that are about to be created here. */
  readonly #reserved = new Map<string, RedisClaim>()
  readonly #client: RedisClient
  #aliveUntil = 0
  /** Since when the process was alive without a break. */
  #steadySince = Number.POSITIVE_INFINITY
  #beating: NodeJS.Timeout | undefined
  #known = false

  #hold: number | undefined

  constructor(client: RedisClient) {
    this.#client = client
    this.redis = openConnection(client)
  }

  /** Milliseconds for which a process may be silent. */
  get hold(): number {
    return this.#hold ?? DEFAULT_HOLD_MS
  }

  /** Sets `hold`, once. Returns whether it is that now. */
  setHold(hold: number): boolean {
    if (this.#hold !== undefined) return this.#hold === hold
    this.#hold = hold
    if (this.#beating !== undefined) this.#startBeating()
    return true
  }

  /** Opens another connection, to subscribe with. */
  openSubscriber(): RedisClient {
    return openConnection(this.#client)
  }

  /** Whether other processes take this one for alive. */
  get isAlive(): boolean {
    return performance.now() < this.#aliveUntil
  }

  /** Whether the process was alive long enough to judge others: if Redis was away, all of them were silent. */
  get isSteady(): boolean {
    return this.isAlive && performance.now() - this.#steadySince >= this.hold
  }

  /** Begins to say that the process is alive. Resolves when others can see it. */
  async start(): Promise<void> {
    if (this.#beating !== undefined) return
    this.#startBeating()
    await this.#beat()
  }

  #startBeating(): void {
    clearInterval(this.#beating)
    this.#beating = setInterval(() => this.#beat().catch(() => undefined), this.hold / BEATS).unref()
  }

  /** Claims a room, or returns the claim that was made for it by {@link reserve}. */
  async claim(roomId: string, about: KeptAbout): Promise<RedisClaim> {
    const reserved = this.#reserved.get(roomId)
    this.#reserved.delete(roomId)
    if (reserved !== undefined && reserved.state !== 'lost') return reserved
    await this.#inTime(this.start())
    const kept = await this.#inTime(this.readOwner(roomId))
    const claim = await this.#inTime(this.#claim(roomId, kept, about))
    return claim ?? this.#refuse(roomId, kept.owner)
  }

  /** Claims a room that has no living owner, for `claim` to return. Resolves with `undefined` if another process was quicker. */
  async reserve(roomId: string, kept: KeptOwner): Promise<RedisClaim | undefined> {
    const claim = await this.#claim(roomId, kept, kept)
    if (claim !== undefined) this.#reserved.set(roomId, claim)
    return claim
  }

  /** Resolves with who had a room, and what it is. */
  async readOwner(roomId: string): Promise<KeptOwner> {
    const reply = (await this.redis.call('HMGET', roomKey(roomId), 'epoch', 'owner', 'name', 'options', 'tries')) as (string | null)[]
    const [epoch, owner, name, options, tries] = reply
    return { epoch: epoch ?? '0', owner: owner ?? '', name: name ?? '', options: parseOptions(options), tries: Number(tries ?? 0) }
  }

  /** Ends: other processes need not wait for it to be silent. */
  async stop(): Promise<void> {
    clearInterval(this.#beating)
    this.#beating = undefined
    this.#aliveUntil = 0
    await this.redis.call('DEL', aliveKey(this.id))
    await this.redis.call('SREM', PROCESSES_KEY, this.id)
    this.redis.disconnect()
  }

  async #claim(roomId: string, { epoch, owner }: KeptOwner, about: KeptAbout): Promise<RedisClaim | undefined> {
    if (this.claims.has(roomId)) return undefined
    // A claim of this process that is lost is no owner.
    const alive = aliveKey(owner === this.id ? '' : owner)
    const keys = [roomKey(roomId), logKey(roomId), alive, roomsKey(owner), roomsKey(this.id), FREE_KEY]
    const { name, options = null } = about
    const claimed = await this.redis.call('EVAL', CLAIM, keys.length, ...keys, epoch, this.id, roomId, name, JSON.stringify(options))
    if (typeof claimed !== 'number' || claimed === 0) return undefined
    const [fields, entries] = await Promise.all([
      this.redis.callBuffer('HMGET', roomKey(roomId), 'tick', 'snapshot'),
      this.redis.callBuffer('XRANGE', logKey(roomId), '-', '+', 'COUNT', MAX_KEPT_TICKS + 1),
    ])
    const make = (kept: KeptRoom | undefined): RedisClaim => new RedisClaim(this, { roomId, epoch: claimed, about, kept })
    let claim: RedisClaim
    try {
      claim = make(readKept(roomId, fields, entries))
    } catch (error) {
      await make(undefined).release()
      throw error
    }
    this.claims.set(roomId, claim)
    return claim
  }

  #refuse(roomId: string, owner: string): never {
    const who = owner === this.id || this.claims.has(roomId) ? 'this process' : `another process, ${owner},`
    throw new ScriptError('LoadFailed', `${who} runs the room '${roomId}': join it there`)
  }

  /** Waits for Redis as long as a process may be silent. */
  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new ScriptError('EngineUnavailable', `Redis did not answer within ${this.hold} ms: start it, or correct its address`)
      timer = setTimeout(reject, this.hold, error)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Says that the process is alive, before it counts as a process: others would take it for dead. */
  async #beat(): Promise<void> {
    const began = performance.now()
    const [, added] = await Promise.all([
      this.redis.call('SET', aliveKey(this.id), 1, 'PX', this.hold),
      this.redis.call('SADD', PROCESSES_KEY, this.id),
    ])
    if (this.#beating === undefined) return
    // Another process may have claimed rooms while this one was silent.
    if (!this.isAlive) {
      this.#steadySince = began
      await Promise.all([...this.claims.values()].map((claim) => claim.verify()))
    }
    // Redis lost its data.
    if (added === 1 && this.#known) for (const claim of this.claims.values()) claim.wantSnapshot()
    this.#known = true
    this.#aliveUntil = Math.max(this.#aliveUntil, began + this.hold)
  }
}

function parseOptions(text: string | null | undefined): unknown {
  try {
    return parseJson(text ?? 'null')
  } catch {
    return null
  }
}
