import { aliveKey } from '../keep/redis-commands.ts'
import type { RedisProcess } from '../keep/redis-process.ts'
import type { Channel } from './channel.ts'
import { type ClusterMessage, readMessage } from './cluster-message.ts'

const CHANNEL = '{bitscript}:cluster'
const PUBLICATION_KEY = '{bitscript}:publication'
/** By the name of a script and the hash of its code in the game: the hash of the code that was published. */
const ACCEPTED_KEY = '{bitscript}:accepted'
const codeKey = (sha256: string): string => `{bitscript}:code:${sha256}`

/** Seconds for which a code is kept that was not accepted. */
const CODE_SECONDS = 600

/** Ends a publication. KEYS: publication. ARGV: the process and the id. */
const END = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/** Makes a code last: it was only kept for the time of its publication. KEYS: accepted, code. ARGV: script and hash, hash of the code. */
const ACCEPT = `
redis.call('PERSIST', KEYS[2])
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`

/** Opens what the processes of a cluster have in common in Redis. */
export async function openRedisChannel(process: RedisProcess): Promise<Channel> {
  const { redis } = process
  await process.start()
  const isAlive = async (id: string): Promise<boolean> => (await redis.call('EXISTS', aliveKey(id))) === 1
  const listeners = new Set<(message: ClusterMessage) => void>()
  const subscriber = process.openSubscriber()
  subscriber.on('message', (_channel: string, json: string) => {
    const message = readMessage(json)
    if (message !== undefined) for (const listener of [...listeners]) listener(message)
  })
  await subscriber.subscribe(CHANNEL)
  return {
    process: process.id,
    send: async (message) => Number(await redis.call('PUBLISH', CHANNEL, JSON.stringify(message))),
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isAlive,
    begin: async (id, sha256, bytes) => {
      const own = `${process.id} ${id}`
      const other = await redis.call('GET', PUBLICATION_KEY)
      // That of a process that ended.
      if (typeof other === 'string' && !(await isAlive(other.split(' ')[0] ?? ''))) await redis.call('EVAL', END, 1, PUBLICATION_KEY, other)
      if ((await redis.call('SET', PUBLICATION_KEY, own, 'NX')) !== 'OK') return false
      try {
        // It may be an accepted one, that lasts.
        await redis.call('SET', codeKey(sha256), Buffer.from(bytes), 'NX', 'EX', CODE_SECONDS)
      } catch (error) {
        await redis.call('EVAL', END, 1, PUBLICATION_KEY, own)
        throw error
      }
      return true
    },
    isUnderWay: async (id, publisher) => (await redis.call('GET', PUBLICATION_KEY)) === `${publisher} ${id}` && (await isAlive(publisher)),
    end: async (id) => void (await redis.call('EVAL', END, 1, PUBLICATION_KEY, `${process.id} ${id}`)),
    code: async (sha256) => {
      const bytes = await redis.callBuffer('GET', codeKey(sha256))
      return Buffer.isBuffer(bytes) ? new Uint8Array(bytes) : undefined
    },
    accept: async (script, over, sha256) =>
      void (await redis.call('EVAL', ACCEPT, 2, ACCEPTED_KEY, codeKey(sha256), `${script} ${over}`, sha256)),
    accepted: async (script, over) => ((await redis.call('HGET', ACCEPTED_KEY, `${script} ${over}`)) as string | null) ?? undefined,
    close: async () => subscriber.disconnect(),
  }
}
