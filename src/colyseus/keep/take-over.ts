import { aliveKey, BURY, FREE_CHANNEL, FREE_KEY, PROCESSES_KEY, roomsKey } from './redis-commands.ts'
import { BEATS, type RedisProcess } from './redis-process.ts'

/** A room that is to be created in this process. Its claim is reserved: `keeper.claim` of the room returns it. */
export interface RoomToRevive {
  readonly roomId: string
  readonly name: string
  readonly options: unknown
}

/** What is done about rooms whose process has ended. */
export interface TakeOverOptions {
  /** Whether this process may run more rooms. */
  readonly isOpen: () => boolean
  /** Creates a room in this process. */
  readonly revive: (room: RoomToRevive) => Promise<void>
  /** Called if a room could not be created. It is tried {@link MAX_TRIES} times, by any process, and is kept. */
  readonly onError: (roomId: string, error: unknown) => void
}

/** Rooms that are revived at once: others are left to other processes. */
const MAX_AT_ONCE = 4

/** How often a room may be claimed without being saved: one that ends each process that runs it must not end them all. */
export const MAX_TRIES = 3

/** Takes over rooms of processes that are silent, and rooms that are released. Resolves with the function that ends it. */
export async function takeOverRooms(process: RedisProcess, options: TakeOverOptions): Promise<() => void> {
  const watch = new TakeOver(process, options)
  await watch.start()
  return () => watch.stop()
}

class TakeOver {
  readonly #process: RedisProcess
  readonly #options: TakeOverOptions
  readonly #subscriber
  /** Rooms to claim, with the process that had them; an empty text if they were released. */
  readonly #found = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #busy = 0
  #isStopped = false

  constructor(process: RedisProcess, options: TakeOverOptions) {
    this.#process = process
    this.#options = options
    this.#subscriber = process.openSubscriber()
  }

  async start(): Promise<void> {
    await this.#process.start()
    this.#subscriber.on('message', (_channel: string, roomId: string) => {
      this.#found.set(roomId, '')
      this.#next()
    })
    await this.#subscriber.subscribe(FREE_CHANNEL)
    if (this.#isStopped) return
    this.#timer = setInterval(() => this.#look().catch(() => undefined), this.#process.hold / BEATS).unref()
    await this.#look()
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    this.#found.clear()
    this.#subscriber.disconnect()
  }

  /** Looks for rooms that no living process runs. */
  async #look(): Promise<void> {
    if (this.#isLooking || !this.#process.isAlive) return
    this.#isLooking = true
    try {
      for (const roomId of await this.#members(FREE_KEY)) this.#found.set(roomId, '')
      // Redis may have been away, so that nobody could say that they are alive.
      if (this.#process.isSteady) for (const id of await this.#members(PROCESSES_KEY)) await this.#lookAt(id)
    } finally {
      this.#isLooking = false
    }
    this.#next()
  }

  async #lookAt(id: string): Promise<void> {
    const { redis } = this.#process
    if (id === this.#process.id || (await redis.call('EXISTS', aliveKey(id))) === 1) return
    const rooms = await this.#members(roomsKey(id))
    for (const roomId of rooms) this.#found.set(roomId, id)
    if (rooms.length === 0) await redis.call('EVAL', BURY, 3, aliveKey(id), roomsKey(id), PROCESSES_KEY, id)
  }

  /** Revives as many rooms as may be at once, in any order: another process may be doing the same. */
  #next(): void {
    if (!this.#options.isOpen()) this.#found.clear()
    while (!this.#isStopped && this.#busy < MAX_AT_ONCE && this.#found.size > 0) {
      const found = [...this.#found]
      const [roomId, owner] = found[Math.floor(Math.random() * found.length)] as [string, string]
      this.#found.delete(roomId)
      this.#busy++
      this.#takeOver(roomId, owner)
        .catch((error: unknown) => this.#options.onError(roomId, error))
        .finally(() => {
          this.#busy--
          this.#next()
        })
    }
  }

  async #takeOver(roomId: string, owner: string): Promise<void> {
    const { redis } = this.#process
    const kept = await this.#process.readOwner(roomId)
    if (kept.epoch === '0' || kept.owner !== owner || kept.tries >= MAX_TRIES) {
      // It ended, or another process has it, or nobody can run it.
      if (kept.epoch === '0' || kept.owner !== owner || owner !== '')
        await redis.call('SREM', owner === '' ? FREE_KEY : roomsKey(owner), roomId)
      return
    }
    const claim = await this.#process.reserve(roomId, kept)
    if (claim === undefined) return
    try {
      await this.#options.revive({ roomId, name: kept.name, options: kept.options })
    } catch (error) {
      await claim.release().catch(() => undefined)
      throw error
    }
  }

  async #members(key: string): Promise<string[]> {
    return (await this.#process.redis.call('SMEMBERS', key)) as string[]
  }
}
