import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

const load = async (wat: string, options = {}): Promise<unknown> => {
  const { runtime } = await createGame()
  return runtime.loadModule(wat, { name: 'script', ...options })
}

describe('the exports of a script', () => {
  it('must include a function, and all that the host requires', async () => {
    expect(await codeOf(load('(module)'))).toBe('MissingExport')
    expect(await codeOf(load('(module (memory (export "memory") 1))'))).toBe('MissingExport')
    const wat = '(module (func (export "open")) (global (export "door") i32 (i32.const 1)))'
    await load(wat, { requires: ['open', 'door'] })
    const error = await errorOf(load(wat, { requires: ['close', 'opne'] }))
    expect(error).toMatchObject({ code: 'MissingExport', script: 'script' })
    expect((await errorOf(load(wat, { requires: ['opne'] }))).message).toContain("did you mean 'open'?")
  })

  it.each([
    ['host.log', '(module (import "host" "log" (func (param i32 i32))) (func (export "tick") (param f32)))'],
    ['host.log_level', '(module (import "host" "log_level" (func (param i32 i32 i32))) (func (export "tick") (param f32)))'],
    ['init', '(module (func (export "init") (param i32 i32)))'],
    ['get_state', '(module (func (export "get_state") (result i64) (i64.const 0)))'],
    ['set_state', '(module (func (export "set_state") (param i32 i32)))'],
    ['get_metadata', '(module (func (export "get_metadata") (result i64) (i64.const 0)))'],
  ])('must include the memory if %s passes text', async (name, wat) => {
    const error = await errorOf(load(wat))
    expect(error.code).toBe('MissingExport')
    expect(error.message).toContain(name)
  })

  it.each([
    ['init', '(param i32)'],
    ['tick', ''],
    ['tick', '(param i32)'],
    ['tick', '(param f32) (result i32) i32.const 0'],
    ['update', '(param f32)'],
    ['update', '(param i32 i32)'],
    ['on_attach', ''],
    ['on_detach', '(param f32)'],
    ['on_hit', '(param v128)'],
    ['on_hit', '(param i32) (result i32) i32.const 0'],
    ['get_state', '(result i32) i32.const 0'],
    ['set_state', '(param i32)'],
    ['get_metadata', '(param i32) (result i64) i64.const 0'],
    ['alloc', '(param i64) (result i32) i32.const 0'],
    ['dealloc', '(param i32)'],
  ])('refuses %s %s, which differs from the ABI', async (name, type) => {
    const error = await errorOf(load(`(module (memory (export "memory") 1) (func (export "${name}") ${type}))`))
    expect(error).toMatchObject({ code: 'SignatureMismatch', export: name })
    expect(error.message).toMatch(/and must/)
  })

  it('must have the kind that the ABI requires', async () => {
    expect(await codeOf(load('(module (global (export "tick") i32 (i32.const 0)) (func (export "a")))'))).toBe('SignatureMismatch')
    expect(await codeOf(load('(module (func (export "memory")))'))).toBe('SignatureMismatch')
  })

  it('may take dt as f32 or f64, process with any type, and events with any numbers', async () => {
    await load(`(module
      (func (export "tick") (param f64))
      (func (export "update") (param i32 f64))
      (func (export "process") (param f32))
      (func (export "on_hit") (param i32 i64 f32 f64)))`)
  })
})
