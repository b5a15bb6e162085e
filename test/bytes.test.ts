import { describe, expect, it } from 'vitest'
import { canonicalBytes, encodeText, hashWords, SHORT_TEXT, writeText } from '../src/bytes.ts'

describe('canonicalBytes', () => {
  const f32 = (...bits: number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer)
  const f64 = (...bits: bigint[]): Float64Array => new Float64Array(BigUint64Array.from(bits).buffer)

  it('returns each NaN as the canonical one, and all other bits as they are', () => {
    const narrow = canonicalBytes(f32(0x8000_0000, 0xffc1_2345, 1, 0x7f80_0001, 0xff80_0000))
    expect([...new Uint32Array(narrow.slice().buffer)]).toEqual([0x8000_0000, 0x7fc0_0000, 1, 0x7fc0_0000, 0xff80_0000])
    const wide = canonicalBytes(f64(0x8000_0000_0000_0000n, 0xfff8_0000_0000_0000n, 5n))
    expect([...new BigUint64Array(wide.slice().buffer)]).toEqual([0x8000_0000_0000_0000n, 0x7ff8_0000_0000_0000n, 5n])
  })

  it('changes no array, and copies only floats with NaN', () => {
    const values = f32(0xffc1_2345)
    canonicalBytes(values)
    expect(new Uint32Array(values.buffer)[0]).toBe(0xffc1_2345)
    const plain = Uint32Array.of(0xffc1_2345)
    expect(canonicalBytes(plain).buffer).toBe(plain.buffer)
  })
})

describe('a text that is encoded', () => {
  it.each([
    ['nothing', ''],
    ['ASCII', 'a\0\x7f'],
    ['other characters', 'größe 日本 😀'],
    ['half a surrogate pair', 'a\ud800'],
    ['as many characters as a loop takes', 'a'.repeat(SHORT_TEXT)],
    ['more', `${'a'.repeat(SHORT_TEXT)}b`],
    ['as many, and the last takes two bytes', `${'a'.repeat(SHORT_TEXT - 1)}é`],
  ])('is UTF-8, written to its place: %s', (_, text) => {
    const data = encodeText(text)
    const view = new Uint8Array(data.length + 4).fill(0xff)
    writeText(data, view, 2)
    expect([...view]).toEqual([0xff, 0xff, ...new TextEncoder().encode(text), 0xff, 0xff])
  })
})

describe('hashWords', () => {
  it('differs where one or two bits do, and does not depend on where the bytes begin', () => {
    const bytes = Uint8Array.from({ length: 23 }, (_, index) => index * 11)
    const hash = String(hashWords(bytes))
    const moved = new Uint8Array(30)
    moved.set(bytes, 5)
    expect(String(hashWords(moved.subarray(5, 28)))).toBe(hash)
    // A slice of a buffer is no copy.
    expect(String(hashWords(Buffer.from(moved.buffer, moved.byteOffset + 5, 23)))).toBe(hash)
    const bits = bytes.length * 8
    const hashes = new Set([hash])
    for (let one = 0; one < bits; one++) {
      for (let other = one; other < bits; other++) {
        const damaged = bytes.slice()
        damaged[one >> 3] = (damaged[one >> 3] as number) ^ (1 << (one & 7))
        if (other > one) damaged[other >> 3] = (damaged[other >> 3] as number) ^ (1 << (other & 7))
        hashes.add(String(hashWords(damaged)))
      }
    }
    expect(hashes.size).toBe(1 + (bits * (bits + 1)) / 2)
  })
})
