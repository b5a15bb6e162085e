import type { ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { counterScript, tickScript } from '../../fixtures/scripts.ts'

const NUMBERS = `(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "none"))
  (func (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))
  (func (export "vector") (param v128))
  (global (export "global") i32 (i32.const 1)))`

describe('call', () => {
  it('passes numbers and returns nothing, one number or an array', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(NUMBERS)
    expect(runtime.call(id, 'i32', -5)).toBe(-5)
    expect(runtime.call(id, 'i32', 2 ** 32 - 1)).toBe(-1)
    expect(runtime.call(id, 'i64', 2n ** 63n)).toBe(-(2n ** 63n))
    expect(runtime.call(id, 'f32', 0.1)).toBe(Math.fround(0.1))
    expect(runtime.call(id, 'f64', Number.NaN)).toBeNaN()
    expect(runtime.call(id, 'none')).toBeUndefined()
    expect(runtime.call(id, 'swap', 1, 2.5)).toEqual([2.5, 1])
  })

  it.each([
    ['i32', []],
    ['i32', [1, 2]],
    ['i32', [1.5]],
    ['i32', [2 ** 32]],
    ['i32', [Number.NaN]],
    ['i32', [1n]],
    ['i32', ['1']],
    ['i64', [1]],
    ['i64', [2n ** 64n]],
    ['f64', [1n]],
    ['f64', [undefined]],
    ['none', [1]],
    ['vector', [1]],
  ])('%s refuses %o', async (name, numbers) => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(NUMBERS, { name: 'numbers' })
    const error = await errorOf(() => runtime.call(id, name, ...(numbers as number[])))
    expect(error).toMatchObject({ code: 'SignatureMismatch', export: name, script: 'numbers' })
    expect(runtime.script(id).status).toBe('active')
    expect(errors).toEqual([])
  })

  it('throws ExportNotFound with the nearest name', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(NUMBERS)
    expect((await errorOf(() => runtime.call(id, 'swop'))).message).toContain("did you mean 'swap'?")
    for (const name of ['swop', 'global', 'toString']) expect(await codeOf(() => runtime.call(id, name))).toBe('ExportNotFound')
    expect(await codeOf(() => runtime.call(99 as ScriptId, 'swap'))).toBe('ScriptNotFound')
    expect(await codeOf(() => runtime.callJson(id, 'swop'))).toBe('ExportNotFound')
  })
})

/** Returns the JSON it receives; `packed` returns it as one i64. */
const ECHO = `(module (memory (export "memory") 1 1)
  (func (export "echo") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1))
  (func (export "packed") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
  (func (export "size") (param i32 i32) (result i32) (local.get 1))
  (func (export "swallow") (param i32 i32))
  (func (export "sum") (param i32 f64 i64) (result f64)
    (f64.add (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1)) (f64.convert_i64_s (local.get 2))))
  (func (export "answer") (result f32) (f32.const 42.5))
  (func (export "one") (param f64) (result f64) (local.get 0))
  (func (export "two") (result f32 f32) (f32.const 1) (f32.const 2))
  (func (export "nowhere") (result i32 i32) (i32.const -4) (i32.const 9))
  (func (export "nothing") (result i32 i32) (i32.const 0) (i32.const 0))
  (func (export "long") (result i32 i32) (i32.const 0) (i32.const 70000)))`

describe('callJson', () => {
  it.each([[{ a: [1, 'ü', '🎮', null, true], b: {} }], [null], ['x'.repeat(70_000)], [0.1], [[]], ['']])(
    'passes JSON in and out: %o',
    async (value) => {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(ECHO)
      expect(runtime.callJson(id, 'echo', value)).toEqual(value)
      expect(runtime.callJson(id, 'packed', value)).toEqual(value)
      expect(runtime.callJson(id, 'size', value)).toBe(new TextEncoder().encode(JSON.stringify(value)).length)
      expect(runtime.callJson(id, 'swallow', value)).toBeUndefined()
    },
  )

  it('passes numbers if the function takes numbers', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(ECHO)
    expect(runtime.callJson(id, 'sum', [1, 0.5, 2])).toBe(3.5)
    expect(runtime.callJson(id, 'sum', [1, 0.5, 2n])).toBe(3.5)
    expect(runtime.callJson(id, 'one', 7)).toBe(7)
    expect(runtime.callJson(id, 'one', [8])).toBe(8)
    expect(runtime.callJson(id, 'answer')).toBe(42.5)
    expect(runtime.callJson(id, 'echo')).toBeNull()
    expect(await codeOf(() => runtime.callJson(id, 'one'))).toBe('SignatureMismatch')
    expect(await codeOf(() => runtime.callJson(id, 'one', 'x'))).toBe('SignatureMismatch')
    expect(await codeOf(() => runtime.callJson(id, 'two'))).toBe('SignatureMismatch')
  })

  it('checks every pointer and every JSON text', async () => {
    const { runtime } = await createGame({ limits: { jsonBytes: 80_000 } })
    const id = await runtime.loadModule(ECHO)
    expect(await codeOf(() => runtime.callJson(id, 'nowhere'))).toBe('InvalidPointer')
    expect(await codeOf(() => runtime.callJson(id, 'nothing'))).toBe('InvalidJson')
    expect(await codeOf(() => runtime.callJson(id, 'long'))).toBe('InvalidJson')
    expect(await codeOf(() => runtime.callJson(id, 'echo', 'x'.repeat(80_000)))).toBe('InvalidJson')
    const circular: { self?: unknown } = {}
    circular.self = circular
    expect(await codeOf(() => runtime.callJson(id, 'echo', circular))).toBe('InvalidJson')
    expect(runtime.script(id).status).toBe('active')
    expect(runtime.callJson(id, 'echo', 1)).toBe(1)
  })

  it('throws MissingExport if the script exports no memory', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (func (export "take") (param i32 i32)))')
    expect(await codeOf(() => runtime.callJson(id, 'take', {}))).toBe('MissingExport')
  })
})

describe('readState', () => {
  it('returns the result of get_state and rolls back its effects', async () => {
    const { components, runtime, logs } = await createGame()
    const writes = '(func (export "spy") (call $set (i32.const 5) (f32.const 1)))'
    const script = counterScript(1, writes)
      .replace('(module', '(module (import "ecs.set" "Position.x" (func $set (param i32 f32))) (global $asked (mut i32) (i32.const 0))')
      .replace('(import', '(import "host" "log" (func $log (param i32 i32))) (import')
      .replace(
        '(result i32 i32)',
        '(result i32 i32) (call $log (i32.const 0) (i32.const 2)) (call $set (i32.const 5) (f32.const 1)) (global.set $asked (i32.const 1))',
      )
      .replace('(func (export "spy")', '(func (export "asked") (result i32) (global.get $asked)) (func (export "spy")')
    const id = await runtime.loadModule(script)
    for (let tick = 0; tick < 12; tick++) runtime.tick(1)
    expect(runtime.readState(id)).toBe(12)
    expect([components.Position.x[5], runtime.call(id, 'asked'), logs]).toEqual([0, 0, []])
  })

  it('returns undefined without get_state, and throws the error of get_state without a fault', async () => {
    const { runtime, errors } = await createGame()
    expect(runtime.readState(await runtime.loadModule(tickScript('')))).toBeUndefined()
    const id = await runtime.loadModule('(module (memory (export "memory") 1) (func (export "get_state") (result i64) unreachable))')
    expect(await codeOf(() => runtime.readState(id))).toBe('Trap')
    expect([runtime.script(id).status, errors]).toEqual(['active', []])
    expect(await codeOf(() => runtime.readState(77 as ScriptId))).toBe('ScriptNotFound')
  })
})
