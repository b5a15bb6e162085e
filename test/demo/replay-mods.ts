import { type ModSource, Mods, Recorder, Recording, Replay } from 'bitscript'
import { expect, onTestFinished, vi } from 'vitest'
import { createSimulation, type Game } from '../../demo/sim/index.ts'

const FOLDER = new URL('../../demo/mods/', import.meta.url)

/** A mod that asks a server for a hue every 50 ticks, and gives it to the player: the answer is in the world. */
const PAINTER: ModSource = {
  manifest: {
    name: 'painter',
    version: '1.0.0',
    grant: { read: ['Player'], write: ['Look'], host: ['http'], hosts: ['paint.example'] },
    every: [{ ticks: 50, export: 'ask' }],
  },
  source: `(module
    (import "http" "request" (func $request (param i32 i32) (result i32)))
    (import "ecs.query" "Player" (func $players (result i32)))
    (import "ecs.entity" "Player" (func $player (param i32) (result i32)))
    (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "{\\"url\\":\\"https://paint.example/hue\\"}")
    (func (export "ask") (drop (call $request (i32.const 0) (i32.const 35))))
    (func (export "on_response") (param $id i32) (param $status i32) (param $body i32) (param $length i32)
      (if (i32.and (i32.gt_u (call $players) (i32.const 0)) (i32.gt_u (local.get $length) (i32.const 0)))
        (then (call $set_hue (call $player (i32.const 0)) (f32.convert_i32_u (i32.load8_u (local.get $body))))))))`,
}

async function createGame(): Promise<Game> {
  const game = await createSimulation({ seed: 7 })
  onTestFinished(() => game.runtime.dispose())
  game.runtime.on('log', () => undefined)
  await game.load()
  return game
}

/**
 * Records the demo with its mods, of which one is a job and two send messages, and one that asks a server. They are loaded, disabled, enabled
 * and reloaded meanwhile. A replay, which reads no file and reaches no server, must come to the same world.
 */
export async function replayMods(ticks: number): Promise<void> {
  let asked = 0
  const server = vi.fn(async () => new Response(Uint8Array.of(20 + asked++)))
  vi.stubGlobal('fetch', server)
  onTestFinished(() => void vi.unstubAllGlobals())
  const one = await createGame()
  const recorder = new Recorder(one.runtime)
  const mods = new Mods(one.runtime)
  await mods.load(FOLDER)
  await mods.load([PAINTER])
  await one.useMods?.(mods)
  for (let tick = 0; tick < ticks; tick++) {
    one.step(1 / 60)
    if (tick % 40 === 0) await one.runtime.settle()
    if (tick === 60) mods.disable('wind')
    if (tick === 90) mods.enable('wind')
    if (tick === 120) await mods.reload('wind')
  }
  const recording = Recording.fromBytes(recorder.stop().toBytes())
  const hue = one.components.Look.hue[one.player]
  expect(server.mock.calls.length).toBeGreaterThanOrEqual(Math.floor(ticks / 50) - 1)
  expect(one.runtime.metrics().length).toBeGreaterThan(0)
  server.mockClear()
  const other = await createGame()
  const replay = await Replay.begin(other.runtime, recording, { load: true, grant: 'recorded', limits: 'recorded' })
  expect(await replay.run()).toMatchObject({ ticks, matches: true })
  replay.end()
  expect(server).not.toHaveBeenCalled()
  expect(other.components.Look.hue[other.player]).toBe(hue)
  expect(hue).toBeGreaterThanOrEqual(20)
}
