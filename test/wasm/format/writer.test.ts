import { describe, expect, it } from 'vitest'
import { Writer } from '../../../src/wasm/format/writer.ts'

describe('Writer', () => {
  it.each([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 0x01]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 0x08]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
    [2 ** 40, [0x80, 0x80, 0x80, 0x80, 0x80, 0x20]],
  ])('writes %i as LEB128', (value, bytes) => {
    expect([...new Writer().u32(value).finish()]).toEqual(bytes)
  })

  it('appends bytes in order', () => {
    expect([...new Writer().byte(0xff).u32(300).byte(0).finish()]).toEqual([0xff, 0xac, 0x02, 0x00])
    expect([...new Writer().finish()]).toEqual([])
  })

  it.each([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [24_000, [0xc0, 0xbb, 0x01]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('writes %i as signed LEB128', (value, bytes) => {
    expect([...new Writer().s32(value).finish()]).toEqual(bytes)
  })

  it('grows as needed', () => {
    const many = new Uint8Array(1000).fill(7)
    const out = new Writer().byte(1).bytes(many).bytes(many).name('ü')
    expect(out.finish()).toHaveLength(2004)
    expect([...out.finish().subarray(1999)]).toEqual([7, 7, 2, 0xc3, 0xbc])
  })
})
