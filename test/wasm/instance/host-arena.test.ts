import { describe, expect, it } from 'vitest'
import { PAGE_BYTES } from '../../../src/abi/types.ts'
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
  const arena = (clear = (_start: number, _end: number): void => undefined): HostArena => new HostArena({ start: 100, end: 200 }, clear)

  it('reuses its memory', () => {
    const room = arena()
    for (let time = 0; time < 3; time++) {
      expect(room.reserve(60)).toBe(100)
      room.release(100)
    }
  })

  it('keeps nested texts apart', () => {
    const room = arena()
    expect([room.reserve(30), room.reserve(30)]).toEqual([100, 130])
    room.release(130)
    expect(room.reserve(40)).toBe(130)
  })

  it('refuses a text that does not fit and accepts the next that fits', async () => {
    const room = arena()
    expect(await codeOf(() => room.reserve(101))).toBe('OutOfMemory')
    room.reserve(60)
    expect(await codeOf(() => room.reserve(50))).toBe('OutOfMemory')
    room.release(100)
    expect(room.reserve(100)).toBe(100)
  })

  it('clears only the used bytes, when the outermost text is released', () => {
    const cleared: [number, number][] = []
    const room = arena((start, end) => cleared.push([start, end]))
    room.reserve(30)
    room.reserve(40)
    room.release(130)
    room.reserve(10)
    room.release(130)
    expect(cleared).toEqual([])
    room.release(100)
    expect(cleared).toEqual([[100, 170]])
    room.release(room.reserve(5))
    expect(cleared).toEqual([
      [100, 170],
      [100, 105],
    ])
    room.release(room.reserve(0))
    expect(cleared).toHaveLength(2)
  })
})
