import { addEntity } from 'bitecs'
import type { HostContext, HostModules, LoadOptions, ScriptError, ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import loadWabt from 'wabt'
import { createGame, errorOf } from '../../fixtures/game.ts'

const script = (body: string, declarations = ''): string => `(module
  ${declarations}
  (func $first (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $second (param i32)
    (call $third (call $first (local.get 0))))
  (func $third (param i32)
    nop
    ${body})
  (func (export "tick") (param f32)
    (call $second (i32.const 4))))`

/** Returns the position of a part of a text, with lines and columns from 1. */
function placeOf(wat: string, part: string): { file: string; line: number; column: number } {
  const offset = wat.indexOf(part)
  expect(offset).toBeGreaterThanOrEqual(0)
  const lines = wat.slice(0, offset).split('\n')
  return { file: 'bad.wat', line: lines.length, column: (lines.at(-1) as string).length + 1 }
}

const functions = ({ trace = [] }: ScriptError): string[] => trace.map((frame) => frame.function)

/** Returns the only error that `act` causes in a script. */
async function errorIn(
  wat: string | Uint8Array,
  act: (runtime: WasmScriptRuntime, id: ScriptId, entity: number) => unknown = (runtime) => runtime.tick(1),
  host: HostModules<HostContext>[string] = {},
  load: LoadOptions = {},
): Promise<ScriptError> {
  const { world, runtime, errors } = await createGame({ host: { test: host } })
  const id = await runtime.loadModule(wat, { name: 'bad', ...load })
  try {
    await act(runtime, id, addEntity(world))
  } catch (error) {
    expect(errors).toEqual([error])
  }
  expect(errors).toHaveLength(1)
  return errors[0] as ScriptError
}

const SETTER = '(import "ecs.set" "Position.x" (func $set (param i32 f32)))'
const ENDS: readonly [string, string, string, string, string][] = [
  ['a division by zero', '(drop (i32.div_s (i32.const 1) (i32.const 0)))', '', 'i32.div_s', 'Trap'],
  ['unreachable', 'unreachable', '', 'unreachable', 'Trap'],
  ['a load outside the memory', '(drop (i32.load offset=4 (i32.const 65535)))', '(memory 1)', 'i32.load', 'Trap'],
  ['a call through a table that is empty', '(call_indirect (i32.const 0))', '(table 1 funcref)', 'call_indirect', 'Trap'],
  ['a number out of range', '(drop (i32.trunc_f32_s (f32.const 1e20)))', '', 'i32.trunc_f32_s', 'Trap'],
  ['an entity out of range', '(call $set (i32.const 123456) (f32.const 1))', SETTER, 'call $set', 'EntityOutOfRange'],
]

describe('an error in text', () => {
  it.each(ENDS)('by %s has the location and the trace', async (_, body, declarations, part, code) => {
    const wat = script(body, declarations)
    const error = await errorIn(wat)
    const place = placeOf(wat, part)
    expect(error).toMatchObject({ code, export: 'tick', location: place })
    expect(error.trace).toEqual([
      { function: 'third', location: place },
      { function: 'second', location: placeOf(wat, 'call $third') },
      { function: 'tick', location: placeOf(wat, 'call $second') },
    ])
    expect(error.message).toContain(`bad.tick at bad.wat:${place.line}:${place.column}`)
    const caret = error.frame?.split('\n').find((line) => line.trimEnd().endsWith('^')) as string
    const marked = error.frame?.split('\n').find((line) => line.startsWith('>')) as string
    expect(marked.slice(caret.indexOf('^'))).toContain(part)
    expect(marked).toContain(String(place.line))
    const [name, ...frames] = (error.stack as string).split('\n')
    expect(name).toBe(`ScriptError: ${error.message}`)
    expect(frames.slice(0, 3)).toEqual(
      (error.trace ?? []).map(({ function: from, location }) => `    at ${from} (bad.wat:${location?.line}:${location?.column})`),
    )
    expect(frames.length).toBeGreaterThan(3)
  })

  it('has names that are cut', async () => {
    const name = 'n'.repeat(100_000)
    const error = await errorIn(`(module (func $${name} unreachable) (func (export "tick") (param f32) (call $${name})))`)
    expect(functions(error)[0]).toMatch(/^n{50}…n{49}$/)
    expect(error.stack?.length).toBeLessThan(5000)
  })

  it('by OutOfFuel has the location of the loop', async () => {
    const wat = script('(loop $l\n (drop (i32.const 1))\n (br $l))')
    const { code, location, trace } = await errorIn(wat, undefined, {}, { limits: { fuel: 10_000 } })
    expect(code).toBe('OutOfFuel')
    expect(location?.line).toBeGreaterThanOrEqual(placeOf(wat, '(loop').line)
    expect(location?.line).toBeLessThanOrEqual(placeOf(wat, '(br').line)
    expect(trace?.map((frame) => frame.function)).toEqual(['third', 'second', 'tick'])
  })

  it('by recursion has the ten innermost functions', async () => {
    const wat = script('(call $deep)', '(func $deep (call $deep) (nop))')
    const error = await errorIn(wat)
    expect(error.code).toBe('StackOverflow')
    expect(functions(error)).toEqual(Array(10).fill('deep'))
    expect(error.trace?.[1]?.location).toEqual({
      ...placeOf(wat, '(call $deep) (nop)'),
      column: placeOf(wat, '(call $deep) (nop)').column + 1,
    })
    expect((error.stack as string).split('\n').filter((line) => line.startsWith('    at deep'))).toHaveLength(10)
  })

  it('of a host function has the location of the call', async () => {
    const wat = script('(call $play)', '(import "test" "play" (func $play))')
    const error = await errorIn(wat, undefined, {
      play() {
        throw new Error('no sound card')
      },
    })
    expect(error).toMatchObject({ code: 'HostError', location: placeOf(wat, 'call $play') })
    expect(error.detail).toContain('no sound card')
    expect(functions(error)).toEqual(['third', 'second', 'tick'])
  })
})

describe('the stack of an error', () => {
  it('contains the functions of the script once, by name', async () => {
    const { stack } = await errorIn(script('unreachable'))
    expect(stack).not.toContain('wasm-function')
  })

  it.each([
    ['the host throws in a function of its own', '(call $play)', '(import "test" "play" (func $play))'],
    ['an import refuses', '(call $set (i32.const 123456) (f32.const 1))', SETTER],
  ])('contains them once if %s', async (_, body, declarations) => {
    const play = (): never => {
      throw new Error('no sound card')
    }
    const { stack } = await errorIn(script(body, declarations), undefined, { play }, { link: 'host' })
    expect(stack).not.toContain('wasm-function')
  })
})

describe('an error in', () => {
  const WAYS: readonly [string, string, (runtime: WasmScriptRuntime, id: ScriptId, entity: number) => unknown][] = [
    ['tick', '(param f32)', (runtime) => runtime.tick(1)],
    ['update', '(param i32 f32)', (runtime, id, entity) => [runtime.attach(entity, id), runtime.tick(1)]],
    ['on_attach', '(param i32)', (runtime, id, entity) => [runtime.attach(entity, id), runtime.tick(1)]],
    ['on_boom', '', (runtime) => [runtime.emit('boom'), runtime.tick(1)]],
    ['go', '(param i32)', (runtime, id) => runtime.call(id, 'go', 1)],
    ['process', '(param i32 i32) (result i32 i32)', (runtime, id) => runtime.callJson(id, 'process', { a: 1 })],
    ['get_state', '(result i32 i32)', (runtime, id) => runtime.callJson(id, 'get_state')],
  ]

  it.each(WAYS)('%s has a location, a frame and a trace', async (name, type, act) => {
    for (const load of [{}, { instances: 'entity' }] as const) {
      if (load.instances !== undefined && !['update', 'on_attach'].includes(name)) continue
      const wat = `(module (memory (export "memory") 1)
        (func $inner (result i32)
          (i32.load (i32.const -1)))
        (func (export "${name}") ${type}
          (drop (call $inner))
          unreachable))`
      const error = await errorIn(wat, act, {}, load)
      expect(error).toMatchObject({ code: 'Trap', script: 'bad', export: name, location: placeOf(wat, 'i32.load') })
      expect(error.trace).toEqual([
        { function: 'inner', location: placeOf(wat, 'i32.load') },
        { function: name, location: placeOf(wat, 'call $inner') },
      ])
    }
  })

  const failing = (name: string, more = ''): string => `(module (func $begin (export "${name}")
    (drop (i32.rem_u (i32.const 1) (i32.const 0)))) ${more})`

  it('start has a location in the error of the load', async () => {
    const { runtime } = await createGame()
    const wat = failing('go', '(start $begin)')
    const location = placeOf(wat, 'i32.rem_u')
    expect(await errorOf(runtime.loadModule(wat, { name: 'bad' }))).toMatchObject({
      code: 'Trap',
      location,
      trace: [{ function: 'begin', location }],
    })
  })

  it('init is the cause of the error of the load, and has a location', async () => {
    const { runtime } = await createGame()
    const wat = failing('init')
    const location = placeOf(wat, 'i32.rem_u')
    const error = await errorOf(runtime.loadModule(wat, { name: 'bad' }))
    expect(error.code).toBe('InitFailed')
    expect(error.cause).toMatchObject({ code: 'Trap', location, trace: [{ function: 'begin', location }] })
  })

  it('init has a location in the error of the load', async () => {
    const { runtime } = await createGame()
    const wat = failing('init')
    const error = await errorOf(runtime.loadModule(wat, { name: 'bad' }))
    expect(error).toMatchObject({ code: 'InitFailed', location: placeOf(wat, 'i32.rem_u'), trace: [{ function: 'begin' }] })
  })
})

describe('an error in a binary', () => {
  const binary = async (wat: string, names: boolean): Promise<Uint8Array> => {
    const wabt = await loadWabt()
    const module = wabt.parseWat('bad.wat', wat)
    module.generateNames()
    return module.toBinary({ write_debug_names: names }).buffer
  }

  it.each([
    [true, ['third', 'second', 'tick']],
    [false, ['function 2', 'function 1', 'tick']],
  ])('with names: %s has the functions, but no location', async (names, expected) => {
    const bytes = await binary(script('unreachable').replace('(func (export "tick")', '(func $tick (export "tick")'), names)
    const error = await errorIn(bytes)
    expect(functions(error)).toEqual(expected)
    expect(
      [error.location, error.frame, ...(error.trace ?? []).map((frame) => frame.location)].filter((each) => each !== undefined),
    ).toEqual([])
    expect((error.stack as string).split('\n').slice(1, 4)).toEqual(expected.map((name) => `    at ${name}`))
  })
})

describe('nested calls of scripts', () => {
  it('have traces with only their own functions', async () => {
    let runtime: WasmScriptRuntime | undefined
    let inner = 0
    const seen: ScriptError[] = []
    const game = await createGame({
      host: {
        test: {
          call() {
            try {
              runtime?.call(inner as ScriptId, 'go')
            } catch (error) {
              seen.push(error as ScriptError)
              throw error
            }
          },
        },
      },
    })
    runtime = game.runtime
    const inside = '(module (func $divide (drop (i32.div_u (i32.const 1) (i32.const 0)))) (func (export "go")\n (call $divide)))'
    const outside =
      '(module (import "test" "call" (func $call))\n (func $ask (call $call))\n (func (export "tick") (param f32) (call $ask)))'
    inner = await runtime.loadModule(inside, { name: 'inside' })
    await runtime.loadModule(outside, { name: 'outside' })
    runtime.tick(1)
    expect(seen).toHaveLength(1)
    const at = (file: string, wat: string, part: string): object => ({ ...placeOf(wat, part), file })
    expect(seen[0]).toMatchObject({ script: 'inside', location: at('inside.wat', inside, 'i32.div_u') })
    expect(functions(seen[0] as ScriptError)).toEqual(['divide', 'go'])
    const told = game.errors.find(({ script }) => script === 'outside') as ScriptError
    expect(told).toMatchObject({ export: 'tick', location: at('outside.wat', outside, 'call $call') })
    expect(functions(told)).toEqual(['ask', 'tick'])
  })
})
