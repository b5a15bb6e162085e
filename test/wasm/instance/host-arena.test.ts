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

/** Returns the place of the first zero, and the one behind the last. */
function zerosIn(bytes: Uint8Array): [number, number] {
  return [bytes.indexOf(0), bytes.lastIndexOf(0) + 1]
}

describe('HostArena', () => {
  const arena = (bytes = new Uint8Array(300)): HostArena => new HostArena({ start: 100, end: 200 }, () => bytes)

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
    const bytes = new Uint8Array(300).fill(1)
    const room = arena(bytes)
    room.reserve(30)
    room.reserve(40)
    room.release(130)
    room.reserve(10)
    room.release(130)
    expect(bytes).not.toContain(0)
    room.release(100)
    expect(zerosIn(bytes)).toEqual([100, 170])
    bytes.fill(1)
    room.release(room.reserve(5))
    expect(zerosIn(bytes)).toEqual([100, 105])
    bytes.fill(1)
    room.release(room.reserve(0))
    expect(bytes).not.toContain(0)
  })

  it.each([20, 60])('writes a text of %i ASCII characters', (length) => {
    const bytes = new Uint8Array(300)
    const room = arena(bytes)
    const text = 'abcde'.repeat(length / 5)
    for (const address of [room.reserve(length), room.reserve(length - 20)]) {
      expect(room.writeShort(text.slice(0, length), address)).toBe(true)
      expect(new TextDecoder().decode(bytes.subarray(address, address + length))).toBe(text)
    }
  })

  it.each([20, 60])('leaves nothing behind the %i bytes of a text that it refuses, since it has other characters', (length) => {
    for (const text of ['ä'.repeat(length), `${'a'.repeat(length - 1)}€`, `€${'a'.repeat(length - 1)}`]) {
      const bytes = new Uint8Array(300).fill(1, 200)
      const room = arena(bytes)
      expect(room.writeShort(text, room.reserve(length))).toBe(false)
      room.release(100)
      expect(bytes.findIndex((byte) => byte !== 0)).toBe(200)
      expect(bytes.indexOf(0, 200)).toBe(-1)
    }
  })

  it('writes into a memory that has grown', () => {
    let bytes = new Uint8Array(200)
    const room = new HostArena({ start: 100, end: 200 }, () => bytes)
    const text = 'a'.repeat(40)
    room.writeShort(text, room.reserve(40))
    room.release(100)
    bytes = new Uint8Array(300)
    room.writeShort(text, room.reserve(40))
    expect(bytes.indexOf(97)).toBe(100)
  })
})
