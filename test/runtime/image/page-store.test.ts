import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ArrayImage, ArrayKeeper } from '../../../src/array-image.ts'
import { PageStore } from '../../../src/runtime/image/page-store.ts'

const PAGE = 16_384

/** An image of one array. */
const holding =
  <Values extends Float32Array | Uint8Array>(values: Values) =>
  (keeper: ArrayKeeper) => ({ array: keeper.keep('path', values) })
const listing = (list: ArrayLike<number>) => (keeper: ArrayKeeper) => ({ array: keeper.keepIntegers('path', list) })

describe('PageStore', () => {
  it('returns the content of an image, whatever images came before and after', () => {
    const sizes = fc.constantFrom(0, 1, 3, 63, 64, 300, 1024, 4095, PAGE, PAGE + 1, 3 * PAGE - 7)
    const change = fc.record({ length: sizes, at: fc.nat(), value: fc.nat(255), integers: fc.boolean(), drop: fc.nat(20) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const store = new PageStore()
        let bytes = new Uint8Array(100)
        const kept: { image: { array: ArrayImage }; values: Uint8Array }[] = []
        for (const { length, at, value, integers, drop } of changes) {
          bytes = Uint8Array.from({ length }, (_, index) => bytes[index] ?? 0)
          if (length > 0) bytes[at % length] = value
          const image = integers ? store.take(listing([...bytes])) : store.take(holding(bytes))
          kept.push({ image, values: bytes.slice() })
          const [dropped] = drop < kept.length ? kept.splice(drop, 1) : []
          if (dropped !== undefined) store.release(dropped.image)
          for (const { image, values } of kept) expect(Buffer.compare(Uint8Array.from(image.array.read() as Uint8Array), values)).toBe(0)
        }
        for (const { image } of kept) store.release(image)
        expect(store.bytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('stores a page that two images share once', () => {
    const store = new PageStore()
    const values = new Float32Array(10 * (PAGE / 4)).fill(1)
    const first = store.take(holding(values))
    expect(store.bytes).toBe(10 * PAGE)
    values[5 * (PAGE / 4)] = 2
    const second = store.take(holding(values))
    expect(store.bytes).toBe(11 * PAGE)
    store.release(first)
    expect(store.bytes).toBe(10 * PAGE)
    expect(second.array.read()).toEqual(values)
    expect(() => first.array.read()).toThrow('after its release')
  })

  it('stores no pages for zeros', () => {
    const store = new PageStore()
    const values = new Uint8Array(100 * PAGE)
    store.take(holding(values))
    expect(store.bytes).toBe(0)
    values[50 * PAGE] = 1
    const image = store.take(holding(values))
    expect(store.bytes).toBe(PAGE)
    expect(Buffer.compare(image.array.read(), values)).toBe(0)
  })

  it('distinguishes 0 from -0, and one NaN from another', () => {
    const store = new PageStore()
    const values = new Float32Array([0, Number.NaN, 1])
    const bits = new Uint32Array(values.buffer)
    const images = [0x7fc00000, 0x7fc00001].flatMap((nan) => {
      bits[1] = nan
      return [0, -0].map((zero) => {
        values[0] = zero
        return { image: store.take(holding(values)), expected: [...bits] }
      })
    })
    for (const { image, expected } of images) expect([...new Uint32Array(image.array.read().buffer as ArrayBuffer)]).toEqual(expected)
  })

  it('stores holes in a list as 0, and any 32-bit integer', () => {
    const list = [1, 2 ** 32 - 1, -1, 2 ** 31, 0]
    list.length = 7
    const store = new PageStore()
    for (let time = 0; time < 2; time++) {
      expect([...store.take(listing(list)).array.read()]).toEqual([1, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 31, 0, 0, 0])
    }
    expect(store.bytes).toBe(256)
  })

  it('preserves the type of an array', () => {
    const store = new PageStore()
    for (const values of [new BigInt64Array([-1n, 5n]), new Uint8ClampedArray([300, 4]), new Float64Array([0.1])]) {
      const { array } = store.take((keeper) => ({ array: keeper.keep('path', values) }))
      expect(array.read()).toEqual(values)
    }
  })

  it('does not read an array whose image is known to be the same', () => {
    const store = new PageStore()
    const values = new Uint8Array(10).fill(1)
    const { array } = store.take(holding(values))
    values.fill(2)
    const again = store.take((keeper) => ({ array: keeper.keep('path', values, array as ArrayImage<Uint8Array>) }))
    expect(again.array).toBe(array)
    expect(again.array.read()).toEqual(new Uint8Array(10).fill(1))
  })

  it('does not reuse a known image that was released', () => {
    const store = new PageStore()
    const values = new Uint8Array(10).fill(1)
    const first = store.take(holding(values))
    store.release(first)
    const again = store.take((keeper) => ({ array: keeper.keep('path', values, first.array as ArrayImage<Uint8Array>) }))
    expect(again.array).not.toBe(first.array)
    expect(again.array.read()).toEqual(values)
  })

  it('stores nothing of an image whose capture failed', () => {
    const store = new PageStore()
    const failing = (keeper: ArrayKeeper): never => {
      keeper.keep('path', new Uint8Array(PAGE).fill(1))
      throw new Error('no')
    }
    expect(() => store.take(failing)).toThrow('no')
    expect(store.bytes).toBe(0)
  })

  it('reuses the pages of released images', () => {
    const store = new PageStore()
    const values = new Uint8Array(100 * PAGE)
    const turn = (value: number): void => store.release(store.take(holding(values.fill(value))))
    turn(1)
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow')
    for (let value = 2; value < 100; value++) turn(value)
    expect(grow).not.toHaveBeenCalled()
    grow.mockRestore()
  })
})
