import { describe, expect, it } from 'vitest'
import { Reader } from '../../../../src/wasm/format/reader.ts'
import { Writer } from '../../../../src/wasm/format/writer.ts'
import { windowBody } from '../../../../src/wasm/rewrite/window/window-body.ts'
import { compareEdges } from './window-edges.ts'

describe('windowModule', () => {
  it('makes every access do what it does on a memory of its own, at edges', async () => {
    const { differences, accesses, traps } = await compareEdges([0, 131_064], [0, 16, 131_065, 131_072, -1], 7)
    expect(differences).toEqual([])
    expect(accesses).toBeGreaterThan(100)
    expect(traps).toBeGreaterThan(50)
  })
})

describe('windowBody', () => {
  const rewrite = (...code: number[]): Uint8Array => {
    const bytes = Uint8Array.of(0, ...code, 0x0b)
    const out = new Writer()
    const place = { base: 65_536, capacity: 131_072, size: 3, room: 4 }
    windowBody(out, { ...place, bytes, body: { start: 0, end: bytes.length }, params: 1, functionIndex: 0 })
    return out.finish()
  }

  it.each([
    ['an opcode that is not known', [0xfe, 0x10, 2, 0]],
    ['a vector instruction that is not known', [0xfd, 0x80, 2]],
    ['a bulk instruction that is not known', [0xfc, 18]],
    ['memory.size of the memory of the host', [0x3f, 1]],
    ['memory.fill of the memory of the host', [0xfc, 11, 1]],
    ['memory.copy to the memory of the host', [0xfc, 10, 1, 0]],
    ['memory.copy from the memory of the host', [0xfc, 10, 0, 1]],
    ['a load of a third memory', [0x28, 0x42, 2, 0]],
  ])('refuses %s', (_, code) => {
    expect(() => rewrite(...code)).toThrow(/InvalidBinary/)
  })

  it('leaves accesses to the memory of the host without a check, and gives them the only memory', () => {
    expect([...rewrite(0x20, 0, 0x28, 0x42, 1, 8, 0x1a)].join()).toContain([0x20, 0, 0x28, 2, 8, 0x1a, 0x0b].join())
  })

  it('has the same length for every base, so that traps have the same places', () => {
    const lengths = [16, 2 ** 31, 2 ** 32 - 131_072].map((base) => {
      const bytes = Uint8Array.of(0, 0x20, 0, 0x28, 2, 8, 0x1a, 0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 11, 0, 0x0b)
      const out = new Writer()
      windowBody(out, {
        base,
        capacity: 131_072,
        size: 3,
        room: 4,
        bytes,
        body: { start: 0, end: bytes.length },
        params: 1,
        functionIndex: 0,
      })
      new Reader(out.finish()).count('groups of locals')
      return out.length
    })
    expect(new Set(lengths).size).toBe(1)
  })
})
