import { setImmediate } from 'node:timers/promises'
import { defineGame } from 'bitscript/colyseus'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Channel, MemoryHub } from '../../../src/colyseus/cluster/channel.ts'
import { Publications } from '../../../src/colyseus/cluster/publications.ts'
import { publishScript } from '../../../src/colyseus/cluster/publish.ts'
import type { PublishReport } from '../../../src/colyseus/cluster/publish-report.ts'
import { FixtureRoom, GAME, mover } from '../fixture-room.ts'

const utf8 = new TextEncoder()

/** Returns a channel that loses messages of a kind on their way to this process. */
function deafen(channel: Channel, kind: string | undefined): Channel {
  return { ...channel, listen: (listener) => channel.listen((message) => message.kind === kind || listener(message)) }
}

/** Processes with rooms, each of which has an entity that begins at one of these positions. */
async function createCluster(processes: readonly (readonly number[])[], deafTo?: string) {
  const hub = new MemoryHub()
  const rooms: FixtureRoom[] = []
  const members = await Promise.all(
    processes.map(async (positions, process) => {
      const own = await Promise.all(positions.map((x, index) => FixtureRoom.create(`${process}.${index}`, { x })))
      const channel = process === 0 ? hub.join('process 0') : deafen(hub.join(`process ${process}`), deafTo)
      return { channel, own, publications: new Publications(channel, () => own) }
    }),
  )
  rooms.push(...members.flatMap(({ own }) => own))
  const [first] = members
  if (first === undefined) throw new Error('a cluster has a process')
  /** Lets rooms tick until a promise is settled. */
  async function playUntil<Result>(promise: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = promise.finally(() => {
      isDone = true
    })
    done.catch(() => undefined)
    for (let turn = 0; turn < 2000 && !isDone; turn++) {
      for (const room of rooms) room.step()
      await setImmediate()
    }
    return done
  }
  const publish = async (code: string, inTicks = 5, script = 'mover'): Promise<PublishReport> => {
    const report = await publishScript(first.channel, { script, bytes: utf8.encode(code), inTicks, withinMs: 30_000 })
    return { ...report, rooms: report.rooms.toSorted((one, other) => (one.roomId < other.roomId ? -1 : 1)) }
  }
  return { hub, members, rooms, playUntil, publish }
}

afterEach(() => void vi.useRealTimers())

describe('publishing a script', () => {
  it('reloads it in all rooms of all processes, in each after its tick', async () => {
    const { rooms, playUntil, publish } = await createCluster([[0, 0], [0]])
    for (let tick = 0; tick < 3; tick++) rooms[1]?.step()
    const report = await playUntil(publish(mover(10)))
    expect(report).toMatchObject({ script: 'mover', state: 'accepted', veto: undefined })
    expect(report.rooms.map(({ roomId, process, state }) => [roomId, process, state])).toEqual([
      ['0.0', 'process 0', 'passed'],
      ['0.1', 'process 0', 'passed'],
      ['1.0', 'process 1', 'passed'],
    ])
    for (const room of rooms) {
      const { tick } = report.rooms.find(({ roomId }) => roomId === room.roomId) as { tick: number }
      expect(room.x).toBe(tick + 10 * (room.tick - tick))
      expect(room.notices).toEqual([{ kind: 'reload', script: 'mover', sha256: report.sha256, bytes: utf8.encode(mover(10)), tick }])
    }
    const ticks = report.rooms.map(({ tick }) => tick)
    expect(ticks[1]).toBe((ticks[0] as number) + 3)
  })

  it('takes it back everywhere, code and world, if it traps in one room', async () => {
    const { rooms, playUntil, publish } = await createCluster([
      [0, 0],
      [0, 900],
    ])
    const report = await playUntil(publish(mover(10, 1000)))
    expect(report.state).toBe('vetoed')
    expect(report.veto).toMatchObject({
      roomId: '1.1',
      process: 'process 1',
      code: 'Trap',
      message: expect.stringContaining('unreachable'),
    })
    expect(report.rooms.map(({ roomId, state }) => `${roomId} ${state}`).sort()).toEqual([
      '0.0 reverted',
      '0.1 reverted',
      '1.0 reverted',
      '1.1 trapped',
    ])
    const x = rooms.map((room) => room.x)
    for (const room of rooms) room.step()
    expect(rooms.map((room, index) => room.x - (x[index] as number))).toEqual([1, 1, 1, 1])
    // The ticks of the new code are undone.
    expect(rooms.every((room) => room.x < room.tick + 900)).toBe(true)
    for (const room of rooms) expect(room.notices.map(({ kind }) => kind)).toEqual(['reload', 'revert'])
  })

  it('takes it back where the probation of the runtime is over already', async () => {
    const game = defineGame({
      components: { Position: { x: 'f32' } },
      scripts: { mover: { source: mover(1), probation: 1 } },
      capacity: 100,
      reserve: 65_536,
    })
    const { members, rooms, playUntil, publish } = await createCluster([[0]])
    const other = await FixtureRoom.create('other', { game, x: 700 })
    members[0]?.own.push(other)
    rooms.push(other)
    const report = await playUntil(publish(mover(10, 1000)))
    expect([report.state, report.veto?.roomId]).toEqual(['vetoed', 'other'])
    const before = other.x
    other.step()
    expect([other.x - before, other.runtime.find('mover')?.status]).toEqual([1, 'active'])
    expect(before).toBeLessThan(740)
  })

  it('takes it back if one room cannot load it, and names the reason', async () => {
    const { rooms, playUntil, publish } = await createCluster([[0], [0]])
    const report = await playUntil(
      publish('(module (import "ecs.get" "Health.hp" (func (param i32) (result f32))) (func (export "tick") (param f32)))'),
    )
    expect(report).toMatchObject({ state: 'vetoed', veto: { code: 'UnknownImport', message: expect.stringContaining('Health') } })
    expect(report.rooms.map(({ state }) => state)).toContain('refused')
    for (const room of rooms) expect(room.x).toBe(room.tick)
  })

  it('takes it back before its tick, too', async () => {
    const { members, playUntil, publish, rooms } = await createCluster([[0], [0]])
    members[1]?.own[0]?.afterTick(2, () => {
      const { channel } = members[1] as { channel: { send: (message: never) => Promise<number> } }
      return Promise.resolve(void channel.send({ kind: 'veto', id, process: 'process 1', code: 'Timeout', message: 'no' } as never))
    })
    let id = ''
    members[0]?.channel.listen((message) => {
      id = message.id
    })
    const report = await playUntil(publish(mover(10), 50))
    expect(report.rooms.map(({ state }) => state)).toEqual(['reverted', 'reverted'])
    for (const room of rooms) expect(room.x).toBe(room.tick)
  })

  it('is up to date in a room that begins later, and in one that begins meanwhile', async () => {
    const { members, rooms, playUntil, publish } = await createCluster([[0]])
    const [member] = members
    const publishing = publish(mover(10), 20)
    await playUntil(setImmediate())
    const meanwhile = await FixtureRoom.create('meanwhile')
    await member?.publications.enter(meanwhile)
    rooms.push(meanwhile)
    const report = await playUntil(publishing)
    expect(report.rooms.map(({ roomId, state }) => [roomId, state])).toEqual([
      ['0.0', 'passed'],
      ['meanwhile', 'passed'],
    ])
    const later = await FixtureRoom.create('later')
    await member?.publications.enter(later)
    later.step()
    expect(later.x).toBe(10)
  })

  it('replaces only the code that it was published over', async () => {
    const { members, playUntil, publish } = await createCluster([[0]])
    await playUntil(publish(mover(10)))
    const game = defineGame({ components: { Position: { x: 'f32' } }, scripts: { mover: mover(3) }, capacity: 100, reserve: 65_536 })
    const deployed = await FixtureRoom.create('deployed', { game })
    await members[0]?.publications.enter(deployed)
    deployed.step()
    expect(deployed.x).toBe(3)
  })

  it('goes back to the code that was published before', async () => {
    const { rooms, playUntil, publish } = await createCluster([[0], [500]])
    expect((await playUntil(publish(mover(2)))).state).toBe('accepted')
    expect((await playUntil(publish(mover(10, 900)))).state).toBe('vetoed')
    const x = rooms.map((room) => room.x)
    for (const room of rooms) room.step()
    expect(rooms.map((room, index) => room.x - (x[index] as number))).toEqual([2, 2])
  })

  it('takes one publication at a time', async () => {
    const { playUntil, publish } = await createCluster([[0]])
    const first = publish(mover(10))
    await expect(publish(mover(20))).rejects.toMatchObject({ code: 'LoadFailed' })
    expect((await playUntil(first)).state).toBe('accepted')
    expect((await playUntil(publish(mover(20)))).state).toBe('accepted')
  })

  it('leaves out rooms that end, and processes that end', async () => {
    const { members, rooms, playUntil, publish } = await createCluster([[0, 0], [0]])
    const publishing = publish(mover(10), 30)
    await playUntil(setImmediate())
    members[0]?.publications.leave(rooms[1] as FixtureRoom)
    members[1]?.publications.close()
    await members[1]?.channel.close()
    const report = await playUntil(publishing)
    expect(report.state).toBe('accepted')
    expect(report.rooms.map(({ roomId, state }) => [roomId, state])).toEqual([
      ['0.0', 'passed'],
      ['0.1', 'gone'],
      ['1.0', 'gone'],
    ])
  })

  it.each([
    ['veto', 900, 1],
    ['accept', 0, 10],
  ])('ends in a process that did not hear of it, too: %s', async (kind, x, speed) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    const { members, rooms, playUntil, publish } = await createCluster([[x], [0]], kind)
    const publishing = publish(mover(10, 1000))
    // Who published waits until rooms took it back, for a while.
    for (let turn = 0; turn < 100; turn++) await playUntil(setImmediate())
    await vi.advanceTimersByTimeAsync(6000)
    await playUntil(publishing)
    await vi.advanceTimersByTimeAsync(1000)
    await playUntil(setImmediate())
    const later = await FixtureRoom.create('later')
    await members[1]?.publications.enter(later)
    rooms.push(later)
    const before = rooms.map((room) => room.x)
    for (const room of rooms) room.step()
    expect(rooms.map((room, index) => room.x - (before[index] as number))).toEqual([speed, speed, speed])
    for (const { publications } of members) publications.close()
  })

  it('is about no room if none has the script', async () => {
    const { playUntil, publish } = await createCluster([[0]])
    expect(await playUntil(publish(mover(1), 5, 'gun'))).toMatchObject({ state: 'accepted', rooms: [] })
  })

  it('changes nothing if the code is the same', async () => {
    const { rooms, playUntil, publish } = await createCluster([[0]])
    expect((await playUntil(publish(new TextDecoder().decode(GAME.scripts[0]?.bytes)))).state).toBe('accepted')
    expect([rooms[0]?.x, rooms[0]?.runtime.find('mover')?.generation]).toEqual([rooms[0]?.tick, 1])
  })
})
