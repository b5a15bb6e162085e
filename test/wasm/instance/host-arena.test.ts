import { describe, expect, it } from 'vitest'
import { PAGE_BYTES } from '../../../src/abi/types.ts'
import type { ByteRange } from '../../../src/wasm/format/module.ts'
import { HostArena } from '../../../src/wasm/instance/host-arena.ts'
import { codeOf } from '../../fixtures/game.ts'
import { startScript } from '../../fixtures/wasm/script.ts'

const page = (count: number): number => count * PAGE_BYTES

const TAKES_TEXT = '(func (export "set_state") (param i32 i32))'
const GROWS = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'

describe('a memory with a host arena', () => {
  it('grows exactly as far as the script declared', async () => {
    const { call } = await startScript(`(module (memory (export "memory") 1 3) ${TAKES_TEXT} ${GROWS})`)
    expect(call('grow', 3)).toBe(-1)
    expect(call('grow', 2)).not.toBe(-1)
    expect(call('grow', 1)).toBe(-1)
  })

  it('does not grow if the script declared a fixed size', async () => {
    const { boundary, call } = await startScript(`(module (memory (export "memory") 1 1) ${TAKES_TEXT} ${GROWS})`)
    expect(call('grow', 1)).toBe(-1)
    expect(boundary.passJson('text', boundary.readString.bind(boundary), (read) => read)).toBe('"text"')
    expect(call('grow', 1)).toBe(-1)
  })

  it('does not grow further while the start function runs', async () => {
    const { global } = await startScript(`(module
      (memory (export "memory") 1 1)
      (global $grown (export "grown") (mut i32) (i32.const 0))
      ${TAKES_TEXT}
      (func $begin (global.set $grown (memory.grow (i32.const 1))))
      (start $begin))`)
    expect(global('grown')).toBe(-1)
  })

  it('holds the longest text that is allowed', async () => {
    const longest = 'a'.repeat(page(2) - 2)
    const { boundary } = await startScript(`(module (memory (export "memory") 1 1) ${TAKES_TEXT})`, page(2))
    expect(boundary.passJson(longest, boundary.readJson.bind(boundary), (read) => read)).toBe(longest)
  })
})

describe('HostArena', () => {
  const arena = (clear = (_: ByteRange): void => undefined): HostArena => new HostArena({ start: 100, end: 200 }, clear)

  it('returns the result of the call and reuses its memory', () => {
    const room = arena()
    for (let time = 0; time < 3; time++) expect(room.with(60, (address) => address)).toBe(100)
  })

  it('keeps nested texts apart', () => {
    const room = arena()
    expect(room.with(30, (outer) => room.with(30, (inner) => [outer, inner]))).toEqual([100, 130])
  })

  it('frees its memory when the call throws', () => {
    const room = arena()
    const failing = (): void =>
      room.with(90, () => {
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(room.with(100, (address) => address)).toBe(100)
  })

  it('refuses a text that does not fit and accepts the next that fits', async () => {
    const room = arena()
    expect(await codeOf(() => room.with(101, () => 0))).toBe('OutOfMemory')
    expect(await codeOf(() => room.with(60, () => room.with(50, () => 0)))).toBe('OutOfMemory')
    expect(room.with(100, (address) => address)).toBe(100)
  })

  it('clears only the used bytes, after the outermost call has returned or thrown', () => {
    const cleared: ByteRange[] = []
    const room = arena((range) => cleared.push(range))
    room.with(30, () => {
      room.with(40, () => undefined)
      room.with(10, () => undefined)
      expect(cleared).toEqual([])
    })
    expect(cleared).toEqual([{ start: 100, end: 170 }])
    const failing = (): void =>
      room.with(5, () => {
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(cleared).toEqual([
      { start: 100, end: 170 },
      { start: 100, end: 105 },
    ])
    room.with(0, () => undefined)
    expect(cleared).toHaveLength(2)
  })
})
