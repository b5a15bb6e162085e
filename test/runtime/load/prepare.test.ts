import { createWorld } from 'bitecs'
import { defineComponents, type PreparedScript, prepare, Recorder, Replay, type ScriptSource, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { ModuleCache } from '../../../src/guest/module-cache.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { component } from '../../fixtures/component.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

const ADDS = (step: number): string => `(module (import "ecs.get" "Position.x" (func $get (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (func (export "update") (param i32 f32) (call $set (local.get 0) (f32.add (call $get (local.get 0)) (f32.const ${step})))))`

async function createRoom() {
  const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 100 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
  const run = async (source: ScriptSource): Promise<number> => {
    const ball = runtime.spawn({ Position: {} })
    runtime.attach(ball, await runtime.loadModule(source))
    runtime.tick(1)
    return components.Position.x[ball] as number
  }
  return { runtime, run }
}

describe('prepare', () => {
  it('makes a source that any number of rooms load, which find all of it decoded and compiled', async () => {
    const prepared = await prepare(ADDS(301), { name: 'adds' })
    expect(prepared).toMatchObject({ name: 'adds', module: { guest: 'script', exports: [{ name: 'update' }] } })
    const rooms = [await createRoom(), await createRoom(), await createRoom()]
    for (const { run } of rooms) expect(await run(prepared)).toBe(301)
    expect(rooms.map(({ runtime }) => runtime.cacheStats().decoded)).toEqual(rooms.map(() => ({ hits: 1, misses: 0 })))
    expect(rooms.map(({ runtime }) => runtime.cacheStats().compiled)).toEqual([
      { hits: 0, misses: 1 },
      { hits: 1, misses: 0 },
      { hits: 1, misses: 0 },
    ])
    expect(rooms[2]?.runtime.find('adds')?.generation).toBe(1)
  })

  it('keeps what was compiled, whatever else the cache has to hold', async () => {
    const cache = new ModuleCache({ entries: 1, bytes: 10_000 })
    const [held, other] = [
      await assembleWat('(module (func (export "tick") (param f32)))', 'a.wat'),
      await assembleWat('(module)', 'b.wat'),
    ]
    await cache.hold(held)
    const decoded = { hits: 0, misses: 0 }
    const counts = { decoded, compiled: { hits: 0, misses: 0 } }
    const plan = { memoryPages: 1, tableElements: 1, jsonBytes: 1, imports: [] }
    for (let time = 0; time < 2; time++) {
      for (const bytes of [held, other]) await cache.compile(await cache.decode(bytes, counts), plan, counts)
      await cache.decode(await assembleWat('(module (func))', 'c.wat'))
    }
    expect(counts).toEqual({ decoded: { hits: 2, misses: 2 }, compiled: { hits: 1, misses: 3 } })
  })

  it('takes every kind of source, and names the script after its file', async () => {
    const { runtime } = await createGame()
    const file = { url: new URL('file:///game/file.wat'), content: ADDS(1) }
    const mod = { manifest: { name: 'doors', version: '1.0.0', order: 7 }, source: ADDS(2) }
    const sources = [
      file,
      mod,
      plugin('(func (export "run") (result i32) (i32.const 0))'),
      await component('export tick: func(dt: f32);', '(module (func (export "tick") (param f32)))'),
    ]
    const prepared: PreparedScript[] = []
    for (const source of sources as ScriptSource[]) prepared.push(await prepare(source))
    expect(prepared.map(({ name, module }) => [name, module.guest])).toEqual([
      ['file', 'script'],
      ['doors', 'script'],
      [undefined, 'extism'],
      [undefined, 'component'],
    ])
    for (const each of prepared) await runtime.loadModule(each)
    expect(runtime.find('file')?.url?.href).toBe('file:///game/file.wat')
    expect(runtime.find('doors')?.order).toBe(7)
    expect(await prepare(prepared[1] as PreparedScript)).toMatchObject({ name: 'doors' })
  })

  it('serves reloads, and recordings hold its code', async () => {
    const one = await createGame()
    const id = await one.runtime.loadModule(await prepare(ADDS(1)), { name: 'adds' })
    one.runtime.attach(one.runtime.spawn({ Position: {} }), id)
    const recorder = new Recorder(one.runtime)
    expect(await one.runtime.reloadModule(id, await prepare(ADDS(2)))).toMatchObject({ generation: 2, unchanged: false })
    one.runtime.tick(1)
    const recording = recorder.stop()
    const other = await createGame()
    await other.runtime.loadModule(ADDS(1), { name: 'adds' })
    const replay = await Replay.begin(other.runtime, recording)
    expect(await replay.run()).toMatchObject({ matches: true })
  })

  it('says what is wrong, with its place, before any runtime is there', async () => {
    const error = await errorOf(prepare('(module\n  (func (export "tick") (param f32) (i32.add)))', { name: 'broken' }))
    expect(error).toMatchObject({ code: 'InvalidText', script: 'broken', location: { line: 2 } })
    expect(await codeOf(prepare('(module (func (export "tick")))'))).toBe('SignatureMismatch')
    expect(await codeOf(prepare(ADDS(1), { limits: { moduleBytes: 10 } }))).toBe('TooLarge')
    expect(await codeOf(prepare(ADDS(1), { names: 'adds' } as never))).toBe('InvalidOptions')
    expect(await codeOf(prepare(7 as never))).toBe('InvalidOptions')
  })

  it('keeps to the limits of the runtime that loads it', async () => {
    const { runtime } = await createGame()
    expect(await codeOf(runtime.loadModule(await prepare(ADDS(1)), { limits: { moduleBytes: 10 } }))).toBe('TooLarge')
  })
})
