import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../../src/runtime/image/codec.ts'
import { codeOf } from '../../fixtures/game.ts'

const data = fc.letrec((tie) => ({
  any: fc.oneof(
    fc.constantFrom(null, true, -0, Number.NaN, Number.POSITIVE_INFINITY, '', '\ud83c\udf88'),
    fc.double(),
    fc.bigInt(),
    fc.string(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.array(tie('any')),
    fc.array(fc.constant(undefined)),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'type', 'blob')), tie('any')),
  ),
})).any

describe('encode', () => {
  it('preserves every value exactly', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(decode(encode({ value }))).toEqual({ value })
      }),
      { numRuns: 500 },
    )
  })

  it('preserves typed arrays of every type, and those that begin in the middle of a buffer', () => {
    const values = [new Int16Array([1, -2]), new BigInt64Array([5n]), new Float32Array([1, 2, 3]).subarray(1), new Uint8ClampedArray([7])]
    expect(decode(encode(values))).toEqual(values)
  })

  it('accepts a Buffer at any offset of its memory', () => {
    const values = [new Int32Array([1, 2]), 'text']
    expect(decode(Buffer.concat([Buffer.from('abc'), encode(values)]).subarray(3))).toEqual(values)
  })

  it('refuses what decode would refuse: values that nest too deeply, and integers of too many digits', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(decode(encode(nested(500)))).toEqual(nested(500))
    expect(() => encode(nested(5000))).toThrow(/nests too deeply/)
    expect(decode(encode(-(10n ** 1000n)))).toBe(-(10n ** 1000n))
    expect(() => encode(10n ** 2000n)).toThrow(/2001 digits/)
  })

  it('omits undefined properties, and refuses values that cannot be encoded', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    for (const wrong of [() => 1, Symbol('a'), new Map(), new Date(), new DataView(new ArrayBuffer(1))]) {
      expect(() => encode([wrong])).toThrow(TypeError)
    }
  })
})

function fileOf(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((4 + text.length) / 8) * 8)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(new TextEncoder().encode(text), 4)
  return bytes
}

describe('decode', () => {
  it('refuses bytes that encode did not return', async () => {
    const whole = encode({ list: [1, 2n, new Float64Array(3)], text: 'abc' })
    for (let end = 0; end < whole.length; end += 3) expect(await codeOf(() => decode(whole.subarray(0, end)))).toBe('LoadFailed')
    for (const text of [
      '',
      '{}',
      '{"tree":{"$":"array","type":"constructor","blob":0},"blobs":[0]}',
      '{"tree":{"$":"array","type":"Int32Array","blob":9},"blobs":[]}',
      '{"tree":1,"blobs":[1e9]}',
      '{"tree":1,"blobs":[-8]}',
      '{"tree":1,"blobs":[0]}',
      '{"tree":[{"$":"array","type":"Int8Array","blob":0},{"$":"array","type":"Int8Array","blob":0}],"blobs":[0]}',
      '{"tree":{"$":"bigint","value":"0x10"},"blobs":[]}',
      '{"tree":{"$":"number","value":"7"},"blobs":[]}',
      '{"tree":{"$":"date","value":"7"},"blobs":[]}',
      `{"tree":{"$":"bigint","value":"${'9'.repeat(2000)}"},"blobs":[]}`,
      `{"tree":${'['.repeat(400_000)}${']'.repeat(400_000)},"blobs":[]}`,
    ]) {
      expect(await codeOf(() => decode(fileOf(text))), text.slice(0, 99)).toBe('LoadFailed')
    }
  })
})
