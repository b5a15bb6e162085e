import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../src/bytes.ts'

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
