import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type RedisServer, startRedis } from '../../fixtures/redis.ts'
import { drifter } from './drift.ts'
import { type BuiltProgram, buildProgram, RoomProcesses } from './room-processes.ts'

const path = inject('redis')
/** How often a process is ended: by each signal once. `npm run bench -- rooms-processes` does more, and measures. */
const KILLS = 3
const ROOMS = Array.from({ length: 10 }, (_, index) => `room ${index}`)

describe.skipIf(path === undefined)('processes that keep their rooms in Redis', () => {
  let program: BuiltProgram
  let server: RedisServer
  let cluster: RoomProcesses
  beforeAll(async () => {
    program = await buildProgram('test/colyseus/cluster/room-server.ts')
  })
  afterAll(() => program.remove())
  beforeEach(async () => {
    server = await startRedis(path as string)
    cluster = new RoomProcesses(program.file, server.port, { hold: 1, snapshot: 1, hz: 60 })
  })
  afterEach(async () => {
    await cluster.stop()
    await server.stop()
  })

  it('run rooms of each other on from the last acknowledged tick, whichever way one ends', async () => {
    const [first] = [await cluster.start(), await cluster.start()]
    await cluster.create(first, ROOMS)
    const signals = ['SIGTERM', 'SIGKILL', 'SIGSTOP'] as const
    for (let kill = 0; kill < KILLS; kill++) {
      await cluster.play(20)
      const signal = signals[kill % signals.length] as (typeof signals)[number]
      const [victim] = [...cluster.processes].filter((each) => [...cluster.rooms.values()].some(({ owner }) => owner === each))
      if (victim === undefined) throw new Error('no process has a room')
      await cluster.take(victim, signal)
      if (signal === 'SIGSTOP') {
        // It wakes up while another process runs its rooms: it must not run them, too.
        victim.child.kill('SIGCONT')
        await cluster.play(20)
        victim.child.kill('SIGKILL')
      }
      await cluster.start()
    }
    expect(cluster.mistakes).toEqual([])
  })

  it('publish a script in all rooms, and take it back from all', async () => {
    const [first, second] = [await cluster.start(), await cluster.start()]
    await cluster.create(first, ROOMS.slice(0, 5))
    await cluster.create(second, ROOMS.slice(5, 9))
    await cluster.create(second, ROOMS.slice(9), 1e6)
    expect(await cluster.publish(first, drifter(2, 1e5), 10)).toMatchObject({ state: 'vetoed', veto: { roomId: 'room 9', code: 'Trap' } })
    const report = await cluster.publish(second, drifter(3), 10)
    expect([report.state, report.rooms.length]).toEqual(['accepted', 10])
    await cluster.play(10)
    // The published code goes on in the process that runs the rooms next.
    await cluster.take(first, 'SIGKILL')
    await cluster.play(10)
    expect(cluster.mistakes).toEqual([])
  })
})
