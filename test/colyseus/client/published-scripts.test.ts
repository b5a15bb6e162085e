import type { ScriptId } from 'bitscript'
import type { ScriptRoom } from 'bitscript/colyseus'
import type { Correction, ScriptConnection } from 'bitscript/colyseus/client'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hashOf } from '../../../src/colyseus/game/hash-of.ts'
import { readCode } from '../../../src/colyseus/game/read-code.ts'
import { liveRooms } from '../../../src/colyseus/room/live-rooms.ts'
import { SCRIPT_MESSAGE, type ScriptNotice } from '../../../src/colyseus/sync/room-messages.ts'
import { closeRooms, openMatchMaker } from '../room/room-in-memory.ts'
import { MOVER, PLAYER } from './arena.ts'
import { Lockstep, openArena } from './play.ts'

/** Moves things twice as fast. */
const FASTER = MOVER.replaceAll('(local.get $dt)))))', '(f32.mul (f32.const 2) (local.get $dt))))))')

/** Pushes a player as before, by other code. */
const OTHER_PLAYER = `${PLAYER} ;; other`
const codeOf = (text: string, script = 'mover'): { readonly script: string; readonly sha256: string; readonly bytes: Uint8Array } => {
  const bytes = new TextEncoder().encode(text)
  return { script, sha256: hashOf(bytes), bytes }
}

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('a script that was published', () => {
  it('is reloaded after the tick that the server said, while both play', async () => {
    const { room, run, join, steer, until } = await openArena({ latency: 50 })
    const both = [await join(), await join()]
    both.forEach(steer)
    await run(1000)
    const reloaded = both.map((player) => new Promise<number>((resolve) => void player.on('reload', () => resolve(player.tick))))
    const tick = room.tick + 20
    void publish(room, { kind: 'reload', ...codeOf(FASTER), tick })
    // The server does not wait for a client that compiles.
    for (const at of await until(Promise.all(reloaded))) expect(at).toBeGreaterThanOrEqual(tick)
    await run(500)
    const before = both.map(({ stats }) => stats.corrected)
    await run(1000)
    expect(both.map(({ stats }) => stats.corrected)).toEqual(before)
  })

  it('runs on a client that joins later, too, from its tick on', async () => {
    const { room, run, join, steer, until, next } = await openArena({ latency: 50 })
    await until(publish(room, { kind: 'reload', ...codeOf(FASTER), tick: room.tick + 1 }))
    const tick = room.tick + 40
    const published = publish(room, { kind: 'reload', ...codeOf(OTHER_PLAYER, 'player'), tick })
    const late = await join()
    steer(late)
    expect(await until(next(late, 'reload'))).toMatchObject({ script: 'mover' })
    expect(late.tick).toBeLessThan(tick)
    expect(await until(next(late, 'reload'))).toMatchObject({ script: 'player' })
    expect(late.tick).toBeGreaterThanOrEqual(tick)
    await until(published)
    await run(500)
    const { corrected } = late.stats
    await run(1000)
    expect(late.stats.corrected).toBe(corrected)
  })

  it('never runs if it is taken back before its tick, and no longer if after', async () => {
    const { room, run, join, until, next } = await openArena({ latency: 50 })
    const player = await join()
    await run(200)
    announce(room, { kind: 'reload', ...codeOf(FASTER), tick: room.tick + 10 })
    await run(100)
    announce(room, { kind: 'revert', ...codeOf(MOVER), tick: room.tick })
    await run(1000)
    expect(player.tick).toBeGreaterThan(room.tick)
    const first = next(player, 'reload')
    await until(publish(room, { kind: 'reload', ...codeOf(FASTER), tick: room.tick + 5 }))
    // The only one so far.
    expect((await until(first)).generation).toBe(2)
    const second = next(player, 'reload')
    await until(publish(room, { kind: 'revert', ...codeOf(MOVER), tick: room.tick }))
    await until(second)
    expect(codeIn(player)).toBe(MOVER)
  })

  it('is the code of a client that comes back, whatever that missed', async () => {
    const { room, client, join, until, next } = await openArena({ latency: 10 })
    const player = await join()
    await until(Promise.all([publish(room, { kind: 'reload', ...codeOf(FASTER), tick: room.tick + 1 }), next(player, 'reload')]))
    client.sockets[0]?.drop(1006)
    const reloaded = next(player, 'reload')
    await until(publish(room, { kind: 'revert', ...codeOf(MOVER), tick: room.tick }))
    await until(reloaded)
    expect(codeIn(player)).toBe(MOVER)
  })

  it('ends the connection if it is not what was announced', async () => {
    const { room, until, join, next } = await openArena({ latency: 10 })
    const player = await join()
    const failed = next(player, 'error')
    room.broadcast(SCRIPT_MESSAGE, { kind: 'reload', script: 'mover', sha256: 'f'.repeat(64), tick: 1, bytes: new Uint8Array([1]) })
    expect(await until(failed)).toMatchObject({ code: 'HashMismatch' })
    expect(player.state).toBe('left')
  })
})

describe('a room of inputs whose script was published', () => {
  it('has the same world on all sides: of those who were there, and of who joins later', async () => {
    const { room, run, join, until, steer } = await openArena({ latency: 50 }, Lockstep)
    const one = await join()
    const corrections: Correction[] = []
    one.on('corrected', (correction) => void corrections.push(correction))
    await until(publish(room, { kind: 'reload', ...codeOf(FASTER), tick: room.tick + 2 }))
    const late = await join()
    late.on('corrected', (correction) => void corrections.push(correction))
    steer(late)
    await run(2500)
    await until(new Promise((resolve) => setImmediate(resolve)))
    for (const player of [one, late]) expect(player.runtime.find('mover')?.generation).toBe(2)
    expect(corrections).toEqual([])
  })
})

/** Tells the clients of a room which code a script will run. */
function announce(room: ScriptRoom, notice: ScriptNotice): void {
  liveRooms()
    .find(({ roomId }) => roomId === room.roomId)
    ?.tell(notice)
}

/** Publishes a script in one room, as a cluster does. Resolves when the room runs it. */
function publish(room: ScriptRoom, notice: ScriptNotice): Promise<void> {
  announce(room, notice)
  const found = liveRooms().find(({ roomId }) => roomId === room.roomId)
  return new Promise((resolve, reject) => {
    found?.afterTick(notice.tick, async () => {
      await room.runtime.reloadModule(room.running.scripts[notice.script] as never, notice.bytes).then(() => resolve(), reject)
    })
  })
}

/** Returns the code of the mover that a client runs. */
function codeIn({ runtime }: ScriptConnection): string {
  return new TextDecoder().decode(readCode(runtime as never, runtime.find('mover')?.id as ScriptId))
}
