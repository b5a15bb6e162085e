import { addEntity, createWorld } from 'bitecs'
import { defineComponents, type HostContext, type LoadOptions, type RuntimeOptions, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../src/ecs/components/columns.ts'
import type { Reserve } from '../../src/ecs/components/reserve.ts'
import { codeOf, errorOf } from '../fixtures/game.ts'

const PAGE = 65_536

/** A script that has a memory of its own and reaches a column. */
const script = (body: string, memory = '1'): string => `(module
  (import "ecs.get" "P.x" (func $get (param i32) (result f32)))
  (import "ecs.set" "P.x" (func $set (param i32 f32)))
  (memory (export "memory") ${memory})
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "poke") (param i32 i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "size") (result i32) (memory.size))
  ${body})`
const GROW = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'
/** Counts in its memory how often it ran on entities, and moves them by that. */
const COUNT = `(func (export "update") (param i32 f32)
  (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
  (call $set (local.get 0) (f32.convert_i32_u (i32.load (i32.const 16)))))`

async function play({ reserve = 4 * 1024 * 1024, host = {} }: { reserve?: number; host?: NonNullable<RuntimeOptions['host']> } = {}) {
  const world = createWorld()
  const components = defineComponents({ P: { x: 'f32' } }, { capacity: 100, reserve })
  const runtime = await WasmScriptRuntime.create({ world, components, host, link: 'window', probation: 0 })
  const { reserve: allocator } = layoutOf(components.P) as { reserve: Reserve }
  /** Returns how many pages are free, lists of entities aside, which take a few bytes here and there. */
  const freePages = (): number => {
    const taken = []
    for (let part = allocator.allocate(1024); part !== undefined; part = allocator.allocate(1024)) taken.push(part)
    for (const part of taken) allocator.free(part)
    return Math.round((taken.length * 1024) / PAGE)
  }
  const load = (text: string, options: LoadOptions<'P'> = {}): Promise<ScriptId> => runtime.loadModule(text, options)
  return { world, components, runtime, load, freePages }
}

describe('the memory of a script in the ECS memory', () => {
  it('is told by its link, and needs no room for a script that reaches no column', async () => {
    const { runtime, load, freePages } = await play()
    const before = freePages()
    expect(runtime.script(await load('(module (memory 1) (func (export "tick") (param f32)))')).link?.path).toBe('inline')
    expect(freePages()).toBe(before)
    expect(runtime.script(await load(script(''))).link).toMatchObject({ path: 'window', why: undefined })
    expect(freePages()).toBe(before - 1)
  })

  it('takes its maximum, or what it begins with and does not grow, or a sixteenth of the reserve more, 16 pages at least', async () => {
    const roomOf = async (text: string): Promise<number> => {
      const { load, freePages } = await play()
      const before = freePages()
      await load(text)
      return before - freePages()
    }
    expect(await roomOf(script('', '2 5'))).toBe(5)
    expect(await roomOf(script('', '2'))).toBe(2)
    expect(await roomOf(script(GROW, '2'))).toBe(2 + 16)
    // The host arena lies in it, too.
    expect(await roomOf(script('(func (export "say") (param i32 i32))', '2'))).toBe(2 + 16)
  })

  it('grows to there, with zeros, and then no further', async () => {
    const { runtime, load } = await play()
    const id = await load(script(GROW, '1 3'))
    const call = (name: string, ...numbers: number[]): unknown => runtime.call(id, name, ...numbers)
    expect(await codeOf(() => call('peek', PAGE))).toBe('Trap')
    expect([call('grow', 1), call('size'), call('peek', PAGE), call('peek', 2 * PAGE - 4)]).toEqual([1, 2, 0, 0])
    expect([call('grow', 2), call('grow', -1), call('grow', 1), call('grow', 0), call('grow', 1)]).toEqual([-1, -1, 2, 3, -1])
    call('poke', 3 * PAGE - 4, 9, 0)
    expect(call('peek', 3 * PAGE - 4)).toBe(9)
    expect(await errorOf(() => call('peek', 3 * PAGE - 3))).toMatchObject({ code: 'Trap', detail: expect.stringMatching(/bounds/) })
  })

  it('is zeros for a script that takes the room of another, and does not change the columns around it', async () => {
    const { runtime, load, components, freePages } = await play({ reserve: 2 * PAGE })
    components.P.x.fill(7)
    const before = freePages()
    const first = await load(script('', '2'))
    for (let at = 0; at < 2 * PAGE; at += 4096) runtime.call(first, 'poke', at, -1, 0)
    expect(await codeOf(() => runtime.call(first, 'poke', -4, -1, 0))).toBe('Trap')
    runtime.unloadModule(first)
    expect(freePages()).toBe(before)
    const second = await load(script('', '2'))
    for (let at = 0; at < 2 * PAGE; at += 4096) expect(runtime.call(second, 'peek', at)).toBe(0)
    expect(components.P.x.every((x) => x === 7)).toBe(true)
  })

  it('is given back by an unload, by each reload, and by loads and reloads that fail', async () => {
    const { runtime, load, freePages } = await play()
    const before = freePages()
    const id = await load(script(COUNT))
    for (let round = 0; round < 3; round++) await runtime.reloadModule(id, script(`${COUNT} (func (export "r${round}"))`))
    expect(freePages()).toBe(before - 1)
    expect(await codeOf(load(script('(func (export "init") unreachable)')))).toBe('InitFailed')
    expect(await codeOf(load(script('(data (i32.const 65535) "ab")')))).toBe('Trap')
    expect(await codeOf(load(script('(func (export "get_metadata") (result i32 i32) i32.const 0 i32.const 0)')))).toBe('InvalidMetadata')
    expect(await codeOf(load(script(''), { requires: ['missing'] }))).toBe('MissingExport')
    expect(await codeOf(load(script(''), { every: [{ ticks: 1, export: 'missing' }] }))).toBe('MissingExport')
    expect(await codeOf(runtime.reloadModule(id, script('(func (export "init") unreachable)')))).toBe('InitFailed')
    await runtime.checkModule(script(COUNT))
    expect(freePages()).toBe(before - 1)
    runtime.unloadModule(id)
    expect(freePages()).toBe(before)
    await load(script(COUNT))
    runtime.dispose()
    expect(freePages()).toBe(before)
  })

  it('without room is OutOfMemory, which says what to do', async () => {
    const { runtime, load, freePages } = await play({ reserve: 5 * PAGE })
    const before = freePages()
    const error = await errorOf(load(script('', '100')))
    expect(error).toMatchObject({ code: 'OutOfMemory', detail: expect.stringMatching(/raise reserve in defineComponents/) })
    expect(freePages()).toBe(before)
    // A reload needs room for both generations.
    const id = await load(script('', '3'))
    expect(await codeOf(runtime.reloadModule(id, script('', '3 4')))).toBe('OutOfMemory')
    expect(runtime.call(id, 'size')).toBe(3)
  })

  it('is the bytes that host functions are given, and that pointers are into', async () => {
    const seen: unknown[] = []
    const look = (context: HostContext): void => {
      seen.push(context.bytes.length, context.bytes[16], context.readString(16, 2))
      context.bytes[17] = 0x21
    }
    const { runtime, load } = await play({ host: { game: { look } } })
    const imports = '(import "game" "look" (func $look))'
    const text = script(
      '(data (i32.const 16) "hi") (func (export "act") (call $look) (drop (memory.grow (i32.const 1))) (call $look))',
      '1 2',
    )
    const id = await load(text.replace('(module', `(module ${imports}`))
    runtime.call(id, 'act')
    expect(seen).toEqual([PAGE, 0x68, 'hi', 2 * PAGE, 0x68, 'h!'])
  })

  it('is in snapshots, is carried over reloads, and is put back by a restore', async () => {
    const { world, runtime, load, components } = await play()
    const id = await load(script(COUNT), { preserve: 'auto' })
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    const snapshot = runtime.snapshot()
    runtime.tick(1)
    expect(await runtime.reloadModule(id, script(`${COUNT} (func (export "more"))`))).toMatchObject({ state: 'preserved' })
    runtime.tick(1)
    expect([components.P.x[entity], runtime.call(id, 'peek', 16)]).toEqual([3, 3])
    const again = runtime.snapshot()
    runtime.tick(1)
    runtime.restore(again)
    expect(runtime.call(id, 'peek', 16)).toBe(3)
    expect(runtime.restore(snapshot).scripts).toMatchObject([{ state: 'kept' }])
  })

  it('shrinks in a restore to a moment before it grew', async () => {
    const { runtime, load, freePages } = await play()
    const id = await load(script(GROW, '1 3'))
    const free = freePages()
    runtime.call(id, 'poke', 8, 5, 0)
    const snapshot = runtime.snapshot()
    runtime.call(id, 'grow', 2)
    runtime.call(id, 'poke', 2 * PAGE, 6, 0)
    runtime.restore(snapshot)
    expect([runtime.call(id, 'size'), runtime.call(id, 'peek', 8)]).toEqual([1, 5])
    expect([runtime.call(id, 'grow', 2), runtime.call(id, 'peek', 2 * PAGE), freePages()]).toEqual([1, 0, free])
  })

  it('asks the state of code that was replaced since, after its room was given back', async () => {
    const { runtime, load, freePages } = await play()
    const STATE = `(func (export "get_state") (result i32 i32) i32.const 16 i32.const 1)
      (func (export "set_state") (param $at i32) (param i32) (i32.store8 (i32.const 16) (i32.load8_u (local.get $at))))`
    const id = await load(script(`(data (i32.const 16) "1") ${STATE}`))
    runtime.call(id, 'poke', 16, 0x37, 0)
    const snapshot = runtime.snapshot()
    await runtime.reloadModule(id, script(`(data (i32.const 16) "2") ${STATE} (func (export "more"))`))
    runtime.call(id, 'poke', 16, 0x38, 0)
    const free = freePages()
    expect(runtime.restore(snapshot).scripts).toMatchObject([{ state: 'converted' }])
    expect([runtime.call(id, 'peek', 16), freePages()]).toEqual([0x37, free])
  })

  it('belongs to one instance at a time: jobs take turns with their script', async () => {
    const { runtime, load } = await play()
    const JOB = `(func (export "job_chunk") (param i32 i32) (result i32 i32)
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.load8_u (local.get 0)))) (i32.const 0) (i32.const 1))
      (func (export "tick") (param f32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 100))))`
    const id = await load(script(JOB, '1'))
    const job = runtime.job(id, [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)], { fuelPerTick: 100_000 })
    const outputs: number[] = []
    const read = (async () => {
      for await (const output of job) outputs.push(...(output as Uint8Array))
    })()
    for (let tick = 0; tick < 10; tick++) {
      runtime.tick(1)
      await runtime.settle()
    }
    await read
    expect(outputs).toEqual([1, 3, 6])
    expect(runtime.call(id, 'peek', 0)).toBe(1000)
  })
})
