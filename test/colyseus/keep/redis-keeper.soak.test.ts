import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import type { Keeper, RoomClaim } from '../../../src/colyseus/keep/keeper.ts'
import { processOf, redisKeeper } from '../../../src/colyseus/keep/redis-keeper.ts'
import { MAX_TRIES, takeOverRooms } from '../../../src/colyseus/keep/take-over.ts'
import { type RedisServer, startRedis } from '../../fixtures/redis.ts'
import { describeKeeper } from './keeper-conformance.ts'

const path = inject('redis')
const about = { name: 'arena', options: { map: 'forest' } }
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values)

describe.skipIf(path === undefined)('a keeper in Redis', () => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis(path as string)
    redis = server.connect()
  })
  beforeEach(() => redis.flushall())
  afterAll(() => server.stop())

  /** A process of its own, as others see it. */
  function join(hold = 1): { readonly keeper: Keeper; readonly name: string; readonly client: Redis } {
    const client = server.connect()
    return { keeper: redisKeeper(client, { hold }), name: processOf(client, undefined).id, client }
  }
  /** Lets others take a process for dead. */
  const silence = (name: string): Promise<unknown> => redis.del(`{bitscript}:alive:${name}`)
  async function start(keeper: Keeper, roomId = 'one'): Promise<RoomClaim> {
    const claim = await keeper.claim(roomId, about)
    await claim.save(4, bytes(4, 4))
    await claim.append(5, bytes(5))
    return claim
  }

  describeKeeper(async () => ({ join: () => join().keeper, close: async () => undefined }))

  it('fences a process that was silent for too long: nothing of it is kept any more', async () => {
    const sleeper = join(60)
    const first = await start(sleeper.keeper)
    const lost = vi.fn()
    first.onLost(lost)
    await silence(sleeper.name)
    const second = await join().keeper.claim('one', about)
    expect([second.epoch, second.kept?.ticks.map(({ tick }) => tick)]).toEqual([2, [5]])
    await expect(first.append(6, bytes(66))).rejects.toMatchObject({ code: 'Disposed' })
    expect([first.state, lost.mock.calls.length]).toEqual(['lost', 1])
    await second.append(6, bytes(6))
    await second.release()
    expect((await join().keeper.claim('one', about)).kept?.ticks.map(({ entry }) => [...entry])).toEqual([[5], [6]])
  })

  it('refuses a snapshot, a release and an end of a claim that is older', async () => {
    const sleeper = join(60)
    const claims = [await start(sleeper.keeper, 'one'), await start(sleeper.keeper, 'two'), await start(sleeper.keeper, 'three')]
    await silence(sleeper.name)
    const other = join().keeper
    const taken = await Promise.all(['one', 'two', 'three'].map((roomId) => other.claim(roomId, about)))
    await expect(claims[0]?.save(5, bytes(9))).rejects.toMatchObject({ code: 'Disposed' })
    await claims[1]?.release()
    await claims[2]?.forget()
    for (const claim of taken) {
      await claim.append(6, bytes(6))
      await claim.release()
      expect((await other.claim(claim.roomId, about)).kept).toMatchObject({ snapshot: { tick: 4 }, ticks: [{ tick: 5 }, { tick: 6 }] })
    }
  })

  it('is unsure while Redis is away, and asks for a snapshot when Redis came back without its data', async () => {
    const own = await startRedis(path as string)
    const client = own.connect()
    const claim = await start(redisKeeper(client, { hold: 0.2 }))
    const ended = new Promise((resolve) => own.process.once('exit', resolve))
    own.process.kill('SIGKILL')
    await ended
    await vi.waitFor(() => expect(claim.state).toBe('unsure'), { timeout: 10_000 })
    const appended = claim.append(6, bytes(6))
    const again = await startRedis(path as string, own.port)
    await vi.waitFor(() => expect([claim.state, claim.wantsSnapshot]).toEqual(['held', true]), { timeout: 10_000 })
    await claim.save(6, bytes(66))
    await appended
    expect(claim.wantsSnapshot).toBe(false)
    await claim.release()
    const next = await redisKeeper(again.connect()).claim('one', about)
    expect([next.epoch, next.kept]).toEqual([2, { snapshot: { tick: 6, bytes: Buffer.of(66) }, ticks: [] }])
    await again.stop()
    await own.stop()
  })

  it('does not acknowledge a tick that Redis refused, nor those after it, before a snapshot has them', async () => {
    const { keeper } = join()
    const claim = await start(keeper)
    await redis.config('SET', 'maxmemory', '1')
    const done: number[] = []
    const sixth = claim.append(6, bytes(6)).then(() => done.push(6))
    await vi.waitFor(() => expect(claim.wantsSnapshot).toBe(true), { timeout: 10_000 })
    await expect(claim.save(6, bytes())).rejects.toMatchObject({ code: 'EngineUnavailable', message: expect.stringContaining('OOM') })
    await redis.config('SET', 'maxmemory', '0')
    const seventh = claim.append(7, bytes(7)).then(() => done.push(7))
    await redis.ping()
    expect(done).toEqual([])
    await claim.save(7, bytes(77))
    await Promise.all([sixth, seventh])
    expect([done, claim.wantsSnapshot]).toEqual([[6, 7], false])
    await claim.append(8, bytes(8))
    await claim.release()
    expect((await join().keeper.claim('one', about)).kept).toMatchObject({ snapshot: { tick: 7 }, ticks: [{ tick: 8 }] })
  })

  it('keeps each tick once, whenever its connection breaks', async () => {
    const { keeper } = join()
    const claim = await start(keeper)
    const appends: Promise<void>[] = []
    for (let tick = 6; tick < 200; tick++) {
      appends.push(claim.append(tick, bytes(tick)))
      if (tick % 40 === 0) await redis.call('CLIENT', 'KILL', 'TYPE', 'normal')
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(appends)
    expect([claim.state, claim.wantsSnapshot]).toEqual(['held', false])
    await claim.release()
    const { kept } = await join().keeper.claim('one', about)
    expect(kept?.ticks.map(({ tick, entry }) => [tick, ...entry])).toEqual(
      Array.from({ length: 195 }, (_, index) => [index + 5, index + 5]),
    )
  })

  it('leaves out ticks after a gap, which nobody saw', async () => {
    const claim = await start(join().keeper)
    await redis.xadd('{bitscript}:log:one', '1-7', 'tick', 'x')
    await claim.release()
    expect((await join().keeper.claim('one', about)).kept?.ticks.map(({ tick }) => tick)).toEqual([5])
  })

  it.each<[string, (redis: Redis) => Promise<unknown>]>([
    ['its snapshot has no tick', (redis) => redis.hdel('{bitscript}:room:one', 'tick')],
    ['its snapshot has no tick', (redis) => redis.hset('{bitscript}:room:one', 'tick', '1e3')],
    ['its snapshot has no tick', (redis) => redis.hset('{bitscript}:room:one', 'tick', '9999999999999999')],
    ['its snapshot has no tick or no bytes', (redis) => redis.hdel('{bitscript}:room:one', 'snapshot')],
    ['an entry of its log', (redis) => redis.xadd('{bitscript}:log:one', '1-6', 'tick', 'x', 'other', 'y')],
  ])('refuses what is damaged: %s', async (what, damage) => {
    await (await start(join().keeper)).release()
    await damage(redis)
    for (let count = 0; count < 2; count++)
      await expect(join().keeper.claim('one', about)).rejects.toMatchObject({
        code: 'StateRejected',
        message: expect.stringContaining(what),
      })
  })

  it('claims a room of which Redis lost all but its last ticks', async () => {
    const lost = await start(join().keeper)
    await redis.del('{bitscript}:room:one')
    await lost.append(6, bytes(6))
    expect(await join().keeper.claim('one', about)).toMatchObject({ epoch: 1, kept: undefined })
  })

  it('gives up when Redis does not answer', async () => {
    const own = await startRedis(path as string)
    const client = own.connect()
    await own.stop()
    await expect(redisKeeper(client, { hold: 0.2 }).claim('one', about)).rejects.toMatchObject({ code: 'EngineUnavailable' })
  })

  it('says what is wrong with its options', () => {
    const client = server.connect()
    expect(() => redisKeeper({} as never)).toThrow(/takes a client of ioredis/)
    expect(() => redisKeeper(client, { hold: 0 })).toThrow(/hold must be a number above 0/)
    redisKeeper(client, { hold: 2 })
    redisKeeper(client)
    expect(() => redisKeeper(client, { hold: 3 })).toThrow(/hold is 2 seconds for this client of Redis already/)
  })

  describe('taking over', () => {
    /** Takes over the rooms of others in a process. */
    async function takeOver(hold: number, revive?: (keeper: Keeper, roomId: string) => Promise<void>) {
      const { keeper, client } = join(hold)
      const revived: unknown[] = []
      const errors: unknown[] = []
      const stop = await takeOverRooms(processOf(client, undefined), {
        isOpen: () => true,
        revive: async ({ roomId, name, options }) => {
          await revive?.(keeper, roomId)
          const { epoch } = await keeper.claim(roomId, { name, options })
          revived.push([roomId, name, options, epoch])
        },
        onError: (roomId, error) => errors.push([roomId, error]),
      })
      return { revived, errors, stop }
    }

    it('creates rooms that are released, at once, and those of processes that are silent', async () => {
      const ender = join()
      const released = await start(ender.keeper, 'released')
      await start(join(0.2).keeper, 'silent')
      const { revived, stop } = await takeOver(0.2)
      await released.release()
      await vi.waitFor(() => expect(revived).toContainEqual(['released', 'arena', { map: 'forest' }, 2]), { timeout: 10_000 })
      for (const name of await redis.smembers('{bitscript}:processes'))
        if ((await redis.smembers(`{bitscript}:rooms:${name}`)).includes('silent')) await kill(name)
      await vi.waitFor(() => expect(revived).toContainEqual(['silent', 'arena', { map: 'forest' }, 2]), { timeout: 10_000 })
      stop()

      /** Silences a process again and again: it lives. */
      async function kill(name: string): Promise<void> {
        for (let count = 0; count < 200 && revived.length < 2; count++) {
          await silence(name)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      }
    })

    it('gives up a room that ends those that run it, and keeps it', async () => {
      const claim = await start(join().keeper)
      const { revived, errors, stop } = await takeOver(0.2, async () => {
        throw new Error('too large')
      })
      await claim.release()
      await vi.waitFor(() => expect(errors).toHaveLength(MAX_TRIES), { timeout: 10_000 })
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect([errors.length, revived]).toEqual([MAX_TRIES, []])
      stop()
      expect((await join().keeper.claim('one', about)).kept?.ticks).toHaveLength(1)
    })
  })
})
