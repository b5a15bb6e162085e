import { describe, expect, it } from 'vitest'
import { decodeModule, SECTION } from '../../src/wasm/decode.ts'
import type { DecodedModule, Limits, Section } from '../../src/wasm/types.ts'
import { assembleWat } from '../../src/wasm/wat.ts'
import { replaceMemoryLimits, replaceSections, Writer } from '../../src/wasm/writer.ts'
import { binary, customSection, section, text, vector } from '../fixtures/wasm/bytes.ts'
import { realModules } from '../fixtures/wasm/modules.ts'

const memorySection = (module: DecodedModule): Section => module.sections.find(({ id }) => id === SECTION.memory) as Section

/** What stands before a section and what stands behind it. */
function around(module: DecodedModule, { header, payload }: Section): [before: number[], behind: number[]] {
  return [[...module.bytes.subarray(0, header.start)], [...module.bytes.subarray(payload.end)]]
}

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

  it('appends what it is given, in order', () => {
    expect([...new Writer().byte(0xff).u32(300).byte(0).finish()]).toEqual([0xff, 0xac, 0x02, 0x00])
    expect([...new Writer().finish()]).toEqual([])
  })
})

describe('replaceSections', () => {
  const module = decodeModule(binary(customSection('a', [1]), customSection('b', [2]), customSection('c', [3])))
  const [first, second, third] = module.sections as [Section, Section, Section]

  it('copies every other section as it is', () => {
    const replaced = replaceSections(
      module,
      new Map([
        [first, Uint8Array.from([...text('a'), 9, 9])],
        [third, Uint8Array.from(text('longer'))],
      ]),
    )
    expect(replaced).toEqual(binary(customSection('a', [9, 9]), customSection('b', [2]), customSection('longer')))
  })

  it('copies the module where nothing is replaced', () => {
    const copy = replaceSections(module, new Map())
    expect(copy).toEqual(module.bytes)
    expect(copy.buffer).not.toBe(module.bytes.buffer)
  })

  it('writes a longer size for a longer section', () => {
    const content = Uint8Array.from([...text('b'), ...Array(126).fill(5)])
    const replaced = replaceSections(module, new Map([[second, content]]))
    expect(content).toHaveLength(128)
    expect(replaced).toEqual(binary(customSection('a', [1]), [0, 0x80, 0x01, ...content], customSection('c', [3])))
    expect(decodeModule(replaced).sections.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})

describe('replaceMemoryLimits', () => {
  const twice = (limits: Limits): Limits => ({ ...limits, maximum: (limits.maximum ?? limits.minimum) * 2 })

  it('changes the memory section alone, and the module stays valid', async () => {
    let changed = 0
    for (const [name, bytes] of await realModules()) {
      const module = decodeModule(bytes)
      if (module.memories.length === 0) continue
      const replaced = replaceMemoryLimits(module, twice)
      const again = decodeModule(replaced)
      expect(WebAssembly.validate(replaced), name).toBe(true)
      expect(again.memories, name).toEqual(module.memories.map(twice))
      expect(around(again, memorySection(again)), name).toEqual(around(module, memorySection(module)))
      changed++
    }
    expect(changed).toBeGreaterThan(1)
  })

  it('gives a module of the same bytes where nothing changes', async () => {
    for (const [name, bytes] of await realModules()) {
      const same = replaceMemoryLimits(decodeModule(bytes), (limits) => limits)
      expect(same, name).toEqual(bytes)
      expect(same.buffer, name).not.toBe(bytes.buffer)
    }
  })

  it('copies a module that has no memory', () => {
    const module = decodeModule(binary(customSection('a')))
    const never = (): Limits => {
      throw new Error('there is no memory to change')
    }
    expect(replaceMemoryLimits(module, never)).toEqual(module.bytes)
  })

  it('writes a limit beyond 127 in more bytes, and the section behind it stays whole', async () => {
    const module = decodeModule(await assembleWat('(module (memory 1 127) (func (export "update")))', 'module.wat'))
    const replaced = replaceMemoryLimits(module, (limits) => ({ ...limits, maximum: 128 }))
    expect(replaced).toHaveLength(module.bytes.length + 1)
    const again = decodeModule(replaced)
    const { header, payload } = memorySection(again)
    expect([...replaced.subarray(header.start, payload.end)]).toEqual([SECTION.memory, 5, 1, 0x01, 1, 0x80, 0x01])
    expect(around(again, memorySection(again))).toEqual(around(module, memorySection(module)))
    expect(WebAssembly.validate(replaced)).toBe(true)
  })

  it('writes the size of a section that becomes longer than 127 bytes in more bytes', () => {
    const module = decodeModule(
      binary(customSection('before'), section(SECTION.memory, vector(...Array(50).fill([0x00, 1]))), customSection('behind')),
    )
    const again = decodeModule(replaceMemoryLimits(module, twice))
    const { header, payload } = memorySection(again)
    expect(header.end - header.start).toBe(3)
    expect(payload.end - payload.start).toBe(151)
    expect(again.memories).toEqual(Array(50).fill({ minimum: 1, maximum: 2, shared: false, wide: false }))
    expect(around(again, memorySection(again))).toEqual(around(module, memorySection(module)))
  })

  it('writes what a memory is beside its limits', () => {
    const memories = section(SECTION.memory, vector([0x03, 1, 2], [0x04, 1], [0x07, 0, 0]))
    const module = decodeModule(binary(memories))
    const replaced = replaceMemoryLimits(module, (limits) => ({ ...limits, minimum: 3, maximum: 4 }))
    expect(replaced).toEqual(binary(section(SECTION.memory, vector([0x03, 3, 4], [0x05, 3, 4], [0x07, 3, 4]))))
  })

  it('can take a maximum away', () => {
    const module = decodeModule(binary(section(SECTION.memory, vector([0x01, 1, 2]))))
    const open = replaceMemoryLimits(module, ({ minimum, shared, wide }) => ({ minimum, shared, wide }))
    expect(open).toEqual(binary(section(SECTION.memory, vector([0x00, 1]))))
  })

  it('counts imported memories, and leaves them as they are', () => {
    const imported = section(SECTION.import, vector([...text('host'), ...text('memory'), 0x02, 0x01, 1, 2]))
    const module = decodeModule(binary(imported, section(SECTION.memory, vector([0x01, 3, 4], [0x01, 5, 6]))))
    const seen: [number, number][] = []
    const replaced = replaceMemoryLimits(module, (limits, index) => {
      seen.push([index, limits.minimum])
      return { ...limits, maximum: 9 }
    })
    expect(seen).toEqual([
      [1, 3],
      [2, 5],
    ])
    expect(replaced).toEqual(binary(imported, section(SECTION.memory, vector([0x01, 3, 9], [0x01, 5, 9]))))
  })
})
