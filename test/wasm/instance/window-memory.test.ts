import { describe, expect, it } from 'vitest'
import { PAGE_BYTES } from '../../../src/abi/types.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { WindowRange } from '../../../src/wasm/instance/window-memory.ts'

/** A range of one page, and what makes an instance in it. */
function createRange(): { readonly range: WindowRange; readonly make: () => WebAssembly.Exports } {
  const host = new WebAssembly.Memory({ initial: 2 })
  const make = (): WebAssembly.Exports => ({
    [RESERVED.windowSize]: new WebAssembly.Global({ value: 'i64', mutable: true }, BigInt(PAGE_BYTES)),
    [RESERVED.windowRoom]: new WebAssembly.Global({ value: 'i32', mutable: true }, 1),
  })
  return { range: new WindowRange(host, { base: 64, pages: 1 }), make }
}

describe('memories that take turns in a range', () => {
  it('keep their bytes, and begin with zeros', () => {
    const { range, make } = createRange()
    const one = range.begin(make).memory
    one.bytes().fill(1)
    const other = range.begin(make).memory
    other.enter()
    expect(other.bytes().every((byte) => byte === 0)).toBe(true)
    other.bytes().fill(2)
    for (let turn = 0; turn < 3; turn++) {
      one.enter()
      expect([one.bytes()[9], other.bytes()[9]]).toEqual([1, 2])
      other.enter()
      expect([one.bytes()[9], other.bytes()[9]]).toEqual([1, 2])
    }
  })

  it('are kept in the same bytes each time, since new ones are slow to write', () => {
    const { range, make } = createRange()
    const one = range.begin(make).memory
    const other = range.begin(make).memory
    const kept = new Set<ArrayBuffer>()
    for (let turn = 0; turn < 5; turn++) {
      other.enter()
      kept.add(one.bytes().buffer)
      one.enter()
      kept.add(other.bytes().buffer)
    }
    expect(kept.size).toBe(2)
  })
})
