import { setImmediate } from 'node:timers/promises'
import { hashWorld, type WasmScriptRuntime } from 'bitscript'
import { defineGame, type GameScript, ScriptCluster } from 'bitscript/colyseus'
import type { ScriptConnection } from 'bitscript/colyseus/client'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readCode } from '../../../src/colyseus/game/read-code.ts'
import { arena, MOVER, PLAYER } from '../client/arena.ts'
import { lockstepOf, openArena, type Play } from '../client/play.ts'
import { closeRooms, openMatchMaker } from '../room/room-in-memory.ts'

/** Moves things as before, and traps on what is past 1000. */
const FAULTY = MOVER.replace(
  '(param $dt f32)',
  '(param $dt f32) (if (f32.gt (call $Position_x (local.get $e)) (f32.const 1000)) (then unreachable))',
)

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('a script that was published in rooms of inputs, and traps in one of them on probation', () => {
  it.each<[string, GameScript]>([
    ['while the runtimes can go back by themselves', MOVER],
    ['after the probation of the runtimes', { source: MOVER, probation: 2 }],
  ])('is taken back in every room and on every client, code and world, %s', async (_, mover) => {
    const game = defineGame({ components: arena.components, capacity: arena.capacity, scripts: { player: PLAYER, mover } })
    const Room = lockstepOf(game)
    const cluster = new ScriptCluster({})
    const rooms = [await openArena({ latency: 50 }, Room), await openArena({ latency: 30, jitter: 10 }, Room)]
    const hashes = new Map(rooms.map((play) => [play, new Map<number, string>()]))
    for (const [{ room }, known] of hashes) room.runtime.on('tick', () => known.set(room.tick, hashOf(room.runtime as never)))
    const players: { readonly play: Play; readonly player: ScriptConnection }[] = []
    const news: unknown[] = []
    const join = async (play: Play): Promise<void> => {
      const player = await play.join({ game: game as never, predict: [] })
      for (const name of ['corrected', 'error'] as const) player.on(name, (payload: unknown) => void news.push(payload))
      play.steer(player)
      players.push({ play, player })
    }
    const run = async (milliseconds: number): Promise<void> => {
      for (let passed = 0; passed < milliseconds; passed += 10) {
        for (const play of rooms) await play.run(10)
        await setImmediate()
      }
    }
    /** Lets time pass until something is so: code is compiled meanwhile, in a time of its own. */
    const runUntil = async (isTrue: () => boolean): Promise<void> => {
      for (let turn = 0; turn < 5000 && !isTrue(); turn++) await run(10)
    }
    for (const play of rooms) await join(play)
    await run(200)
    let isPublished = false
    const publishing = cluster.publish('mover', FAULTY, { inTicks: 2 }).finally(() => (isPublished = true))
    await runUntil(() => rooms.every(({ room }) => codeOf(room.runtime as never) === FAULTY))
    // They join while the code is on probation: a snapshot does not hold what that goes back to.
    for (const play of rooms) await join(play)
    const [, { room: second }] = rooms as [Play, Play]
    second.runtime.attach(second.runtime.spawn({ Position: { x: 2000 } } as never), second.running.scripts.mover as never)
    await runUntil(() => isPublished)
    expect(await publishing).toMatchObject({ state: 'vetoed', veto: { roomId: second.roomId, code: 'Trap' } })
    await run(200)
    const isSame = ({ play, player }: (typeof players)[number]): boolean =>
      player.tick > play.room.tick - 5 && hashOf(player.runtime) === hashes.get(play)?.get(player.tick)
    await runUntil(() => players.every(isSame))
    expect(players.map(isSame)).toEqual([true, true, true, true])
    for (const { play, player } of players)
      for (const runtime of [play.room.runtime, player.runtime]) expect(codeOf(runtime as never)).toBe(MOVER)
    // No client had to find that its world is another.
    expect(news).toEqual([])
    await cluster.dispose()
  })
})

function codeOf(runtime: WasmScriptRuntime): string {
  return new TextDecoder().decode(readCode(runtime, runtime.find('mover')?.id as never))
}

function hashOf({ world, components }: WasmScriptRuntime): string {
  return hashWorld(world, components)
}
