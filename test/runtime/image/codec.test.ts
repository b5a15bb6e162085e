import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pack, unpack } from '../../../src/runtime/image/codec.ts'
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

describe('pack', () => {
  it('keeps all data to the last bit', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(unpack(pack({ value }))).toEqual({ value })
      }),
      { numRuns: 500 },
    )
  })

  it('keeps arrays of every type, and arrays that begin in the middle of a buffer', () => {
    const values = [new Int16Array([1, -2]), new BigInt64Array([5n]), new Float32Array([1, 2, 3]).subarray(1), new Uint8ClampedArray([7])]
    expect(unpack(pack(values))).toEqual(values)
  })

  it('reads a Buffer, too, wherever it lies', () => {
    const values = [new Int32Array([1, 2]), 'text']
    expect(unpack(Buffer.concat([Buffer.from('abc'), pack(values)]).subarray(3))).toEqual(values)
  })

  it('leaves out what an object has as undefined, and refuses what is no data', () => {
    expect(unpack(pack({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    for (const wrong of [() => 1, Symbol('a'), new Map(), new Date(), new DataView(new ArrayBuffer(1))]) {
      expect(() => pack([wrong])).toThrow(TypeError)
    }
  })
})

describe('unpack', () => {
  it('refuses what was not packed, whatever it is', async () => {
    const whole = pack({ list: [1, 2n, new Float64Array(3)], text: 'abc' })
    for (let end = 0; end < whole.length; end += 3) expect(await codeOf(() => unpack(whole.subarray(0, end)))).toBe('LoadFailed')
    for (const text of [
      '',
      '{}',
      '{"tree":{"$":"array","type":"constructor","blob":0},"blobs":[0]}',
      '{"tree":{"$":"array","type":"Int32Array","blob":9},"blobs":[]}',
      '{"tree":1,"blobs":[1e9]}',
    ]) {
      const bytes = new Uint8Array(4 + text.length)
      new DataView(bytes.buffer).setUint32(0, text.length, true)
      bytes.set(new TextEncoder().encode(text), 4)
      expect(await codeOf(() => unpack(bytes))).toBe('LoadFailed')
    }
  })
})
