import { createWorld } from 'bitecs'
import { defineComponents, type RuntimeOptions, type ScriptError, WasmScriptRuntime } from 'bitscript'
import { type Profile, profile } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import type { Allocation } from '../../../src/ecs/components/reserve.ts'
import { storeOf } from '../../../src/runtime/script/store.ts'
import { codeOf, LINK, linkBy } from '../../fixtures/game.ts'
import { compareTraced } from '../trace/sweep.ts'
import { SCRIPTS } from '../trace/sweep-games.ts'

const RESERVE = 8 * 1024 * 1024

async function createGame(options: Partial<RuntimeOptions> = {}) {
  const components = defineComponents({ Position: { x: 'f32' }, Health: { points: 'i32' } }, { capacity: 100, reserve: RESERVE })
  const errors: ScriptError[] = []
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, ...options })
  linkBy(runtime, LINK)
  runtime.on('error', (error) => errors.push(error))
  const spawn = (points: number): number => runtime.spawn({ Position: { x: 0 }, Health: { points } })
  return { components, runtime, errors, spawn }
}

/** Takes a point of each entity that has more than two. */
const POISON = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (func $hurt (param $eid i32)
    (call $set_points (local.get $eid) (i32.sub (call $points (local.get $eid)) (i32.const 1))))
  (func (export "update") (param $eid i32) (param $dt f32)
    (if (i32.gt_s (call $points (local.get $eid)) (i32.const 2))
      (then
        (call $hurt (local.get $eid)))))
  (func (export "on_end")
    (nop)))`

/** The lines that were counted, with how often each ran. */
const hitsOf = (profiled: Profile): readonly (readonly [line: number, hits: number])[] =>
  profiled.lines().map(({ line, hits }) => [line, hits])

describe('a profile', () => {
  it('counts how often each line ran', async () => {
    const { runtime, spawn } = await createGame()
    const poison = await runtime.loadModule(POISON, { name: 'poison' })
    for (const points of [3, 5, 0]) runtime.attach(spawn(points), poison)
    const profiled = await profile(runtime)
    for (let tick = 0; tick < 4; tick++) runtime.tick(1 / 64)
    expect(profiled.scripts).toEqual([{ script: 'poison', generation: 1, since: 0 }])
    expect(profiled.lines()[0]).toEqual({ script: 'poison', file: 'poison.wat', line: 5, hits: 4 })
    expect(hitsOf(profiled)).toEqual([
      [5, 4],
      [7, 12],
      [9, 4],
      [11, 0],
    ])
  })

  it('has the fuel of each function by its callers', async () => {
    const { runtime, spawn } = await createGame()
    const poison = await runtime.loadModule(POISON, { name: 'poison' })
    runtime.attach(spawn(5), poison)
    const profiled = await profile(runtime)
    const { fuel } = runtime.tick(1 / 64)
    const [update] = profiled.functions()
    expect(update).toMatchObject({ script: 'poison', function: 'update', place: { line: 7 }, calls: 1, fuel })
    expect(update?.children).toMatchObject([{ function: 'hurt', place: { line: 5 }, calls: 1, children: [] }])
    expect((update?.self ?? 0) + (update?.children[0]?.fuel ?? 0)).toBe(fuel)
  })

  it('counts nothing more once it is stopped, and may begin again', async () => {
    const { runtime, spawn } = await createGame()
    const poison = await runtime.loadModule(POISON, { name: 'poison' })
    runtime.attach(spawn(9), poison)
    const first = await profile(runtime)
    expect(await codeOf(profile(runtime))).toBe('InvalidOptions')
    runtime.tick(1 / 64)
    first.stop()
    runtime.tick(1 / 64)
    expect(hitsOf(first)[0]).toEqual([5, 1])
    const second = await profile(runtime)
    runtime.tick(1 / 64)
    runtime.tick(1 / 64)
    expect(hitsOf(second)[0]).toEqual([5, 2])
    runtime.dispose()
    second.stop()
    expect(hitsOf(second)[0]).toEqual([5, 2])
    expect(await codeOf(profile(runtime))).toBe('Disposed')
  })

  it('changes nothing of what a game does', async () => {
    const scripts = { calls: SCRIPTS['calls, loops and traps'] ?? '', host: SCRIPTS['events, entities and the host'] ?? '' }
    expect(
      (await compareTraced({ scripts, link: LINK, fuels: [900], options: { onFault: 'detach' } }, 'profiled')).records,
    ).toBeGreaterThan(0)
  })

  it('has the fuel that the host charges for a call, and that of bulk instructions', async () => {
    const { runtime } = await createGame({ limits: { logsPerTick: 10 } })
    await runtime.loadModule(
      `(module
        (import "host" "log" (func $log (param i32 i32)))
        (memory (export "memory") 1)
        (type $logs (func (param i32 i32)))
        (table funcref (elem $log))
        (func $fill (memory.fill (i32.const 0) (i32.const 97) (i32.const 4000)))
        (func (export "tick") (param f32)
          (call $fill)
          (call $log (i32.const 0) (i32.const 1000))
          (call_indirect (type $logs) (i32.const 0) (i32.const 2000) (i32.const 0))))`,
      { name: 'writer' },
    )
    runtime.on('log', () => undefined)
    const profiled = await profile(runtime)
    const { fuel } = runtime.tick(1 / 64)
    const [tick] = profiled.functions()
    expect(tick?.fuel).toBe(fuel)
    expect(tick?.children[0]?.self).toBeGreaterThan(100)
  })

  it('follows loads and reloads from their first instruction on', async () => {
    const { runtime } = await createGame()
    const profiled = await profile(runtime)
    const code = (text: string): string => `(module
      (func (export "init") ${text})
      (func (export "tick") (param f32) (nop)))`
    runtime.tick(1 / 64)
    const id = await runtime.loadModule(code('(nop)'), { name: 'script' })
    runtime.tick(1 / 64)
    expect(profiled.scripts).toEqual([{ script: 'script', generation: 1, since: 1 }])
    expect(hitsOf(profiled)).toEqual([
      [2, 1],
      [3, 1],
    ])
    await runtime.reloadModule(id, code('(drop (i32.const 1))'))
    expect(profiled.scripts).toEqual([{ script: 'script', generation: 2, since: 2 }])
    for (let tick = 0; tick < 3; tick++) runtime.tick(1 / 64)
    expect(hitsOf(profiled)).toEqual([
      [2, 1],
      [3, 3],
    ])
    runtime.unloadModule(id)
    expect(profiled.coverage()).toMatchObject([{ lines: [{ hits: 1 }, { hits: 3 }], functions: [{ name: 'init' }, { name: 'tick' }] }])
  })

  it('keeps the state of scripts as it begins and ends, and in snapshots that were taken before, within and after', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(
      `(module
        (global $count (mut i32) (i32.const 0))
        (func (export "count") (result i32) (global.get $count))
        (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const 1)))))`,
      { name: 'counter' },
    )
    const tick = (): unknown => {
      runtime.tick(1 / 64)
      return runtime.call(id, 'count')
    }
    tick()
    const before = runtime.snapshot()
    const profiled = await profile(runtime)
    expect(tick()).toBe(2)
    const within = runtime.snapshot()
    expect(runtime.restore(before).scripts).toEqual([{ script: 'counter', state: 'restored' }])
    expect(tick()).toBe(2)
    expect(hitsOf(profiled)[1]).toEqual([4, 2])
    profiled.stop()
    expect(tick()).toBe(3)
    expect(runtime.restore(within).scripts).toEqual([{ script: 'counter', state: 'restored' }])
    expect(tick()).toBe(3)
    expect(hitsOf(profiled)[1]).toEqual([4, 2])
  })

  it('says which scripts it does not count, and why', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(
      `(module
        (table $held 1 funcref)
        (elem declare func $hidden)
        (func $hidden)
        (func (export "hold") (table.set $held (i32.const 0) (ref.func $hidden)))
        (func (export "held") (result i32) (i32.eqz (ref.is_null (table.get $held (i32.const 0))))))`,
      { name: 'holder' },
    )
    runtime.call(id, 'hold')
    const profiled = await profile(runtime)
    expect(profiled.unprofiled).toEqual([{ script: 'holder', why: expect.stringContaining('reload it while the profile runs') }])
    expect(runtime.call(id, 'held')).toBe(1)
  })

  it('gives the room of its counters back with the script', async () => {
    const { runtime } = await createGame()
    const { reserve } = storeOf(runtime).ecs.components
    const free = (): number => {
      const taken: Allocation[] = []
      for (let bytes = 2 ** 23; bytes >= 1024; bytes /= 2)
        for (let found = reserve?.allocate(bytes); found !== undefined; found = reserve?.allocate(bytes)) taken.push(found)
      for (const each of taken) reserve?.free(each)
      return taken.reduce((sum, { bytes }) => sum + bytes, 0)
    }
    const id = await runtime.loadModule(POISON, { name: 'poison' })
    runtime.unloadModule(id)
    const before = free()
    const again = await runtime.loadModule(POISON, { name: 'poison' })
    const profiled = await profile(runtime)
    runtime.unloadModule(again)
    profiled.stop()
    expect(free()).toBe(before)
  })
})
