/** What is used of a client of `ioredis`. */
export interface RedisClient {
  /** Returns another client of the same server. */
  duplicate(options: RedisClientOptions): RedisClient
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>
  callBuffer(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  on(event: string, listener: (...args: never[]) => void): unknown
  disconnect(): void
}

interface RedisClientOptions {
  readonly enableReadyCheck: boolean
  readonly maxRetriesPerRequest: null
  readonly lazyConnect: boolean
  readonly retryStrategy: (times: number) => number
}

/** Milliseconds between attempts to reach a server that is away. */
const RETRY_MS = 100

/**
 * Opens a connection of its own: commands wait for a server that is away, in their order. The check that ioredis makes of a new connection by itself would
 * let commands that wait overtake others.
 */
export function openConnection(redis: RedisClient): RedisClient {
  const connection = redis.duplicate({
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    lazyConnect: false,
    retryStrategy: () => RETRY_MS,
  })
  // Commands wait for the next connection. Without a listener ioredis prints each failure.
  connection.on('error', () => undefined)
  return connection
}
