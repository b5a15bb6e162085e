import { describe, expect, it } from 'vitest'
import { HostArena, PAGE_BYTES, planArena } from '../../src/wasm/arena.ts'
import { decodeModule, SECTION } from '../../src/wasm/decode.ts'
import { assembleWat } from '../../src/wasm/wat.ts'
import { codeOf, errorOf } from '../fixtures/game.ts'
import { binary, leb, section, text, vector } from '../fixtures/wasm/bytes.ts'
import { startScript } from '../fixtures/wasm/script.ts'

const plan = async (wat: string, jsonBytes: number) => planArena(decodeModule(await assembleWat(wat, 'script.wat')), jsonBytes)
const page = (count: number): number => count * PAGE_BYTES

const TAKES_TEXT = '(func (export "set_state") (param i32 i32))'
const GROWS = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'

describe('planArena', () => {
  it('puts the arena behind the memory that the script starts with, and raises both limits by it', async () => {
    const { bytes, arena } = await plan(`(module (memory (export "memory") 2 5) ${TAKES_TEXT})`, page(3))
    expect(arena).toEqual({ start: page(2), end: page(5) })
    expect(decodeModule(bytes).memories).toEqual([{ minimum: 5, maximum: 8, shared: false, wide: false }])
    expect(WebAssembly.validate(bytes)).toBe(true)
  })

  it.each([
    [1, 1],
    [PAGE_BYTES, 1],
    [PAGE_BYTES + 1, 2],
  ])('has room for a text of %i bytes in %i pages', async (jsonBytes, pages) => {
    const { arena } = await plan(`(module (memory (export "memory") 1 1) ${TAKES_TEXT})`, jsonBytes)
    expect(arena).toEqual({ start: page(1), end: page(1 + pages) })
  })

  it.each([
    ['has no maximum', `(module (memory (export "memory") 1) ${TAKES_TEXT})`],
    ['is not exported', `(module (memory 1 1) ${TAKES_TEXT})`],
    ['is exported under another name', `(module (memory (export "ram") 1 1) ${TAKES_TEXT})`],
    ['is of a script that takes no text', '(module (memory (export "memory") 1 1) (func (export "update") (param i32 f32)))'],
    ['is of a script that takes text within alone', '(module (memory (export "memory") 1 1) (func (param i32 i32)))'],
    [
      'is of a script that has room of its own',
      `(module (memory (export "memory") 1 1) ${TAKES_TEXT} (func (export "alloc") (param i32) (result i32) (i32.const 0)))`,
    ],
    ['is none', `(module ${TAKES_TEXT})`],
    ['is a function', `(module (memory 1 1) (func (export "memory") (param i32 i32)))`],
  ])('leaves the module as it is where the memory %s', async (_, wat) => {
    const module = decodeModule(await assembleWat(wat, 'script.wat'))
    const { bytes, arena } = planArena(module, page(1))
    expect(bytes).toBe(module.bytes)
    expect(arena).toBeUndefined()
  })

  it('changes the exported memory alone', () => {
    const memories = section(SECTION.memory, vector([0x01, 1, 1], [0x01, 2, 3], [0x01, 4, 4]))
    const exports = section(SECTION.export, vector([...text('set_state'), 0, 0], [...text('memory'), 2, 1]))
    const bytes = binary(
      section(SECTION.type, vector([0x60, ...vector([0x7f], [0x7f]), ...vector()])),
      section(SECTION.function, vector([0])),
      memories,
      exports,
      section(SECTION.code, vector([0x02, 0x00, 0x0b])),
    )
    const planned = planArena(decodeModule(bytes), page(1))
    expect(planned.arena).toEqual({ start: page(2), end: page(3) })
    expect(decodeModule(planned.bytes).memories.map(({ minimum, maximum }) => [minimum, maximum])).toEqual([
      [1, 1],
      [3, 4],
      [4, 4],
    ])
  })

  it('takes no more pages than the memory can have beside the declared ones', async () => {
    const { bytes, arena } = await plan(`(module (memory (export "memory") 1 65534) ${TAKES_TEXT})`, page(16))
    expect(arena).toEqual({ start: page(1), end: page(3) })
    expect(decodeModule(bytes).memories).toMatchObject([{ minimum: 3, maximum: 65_536 }])
    expect(WebAssembly.validate(bytes)).toBe(true)
  })

  it('leaves a memory of the most pages at what it declares', async () => {
    const { bytes } = await plan(`(module (memory (export "memory") 1 65536) ${TAKES_TEXT})`, page(16))
    expect(decodeModule(bytes).memories).toMatchObject([{ minimum: 1, maximum: 65_536 }])
  })

  it('does not make a module valid that declares more pages than there are', () => {
    const bytes = binary(
      section(SECTION.type, vector([0x60, ...vector([0x7f], [0x7f]), ...vector()])),
      section(SECTION.function, vector([0])),
      section(SECTION.memory, vector([0x01, 1, ...leb(65_537)])),
      section(SECTION.export, vector([...text('set_state'), 0, 0], [...text('memory'), 2, 0])),
      section(SECTION.code, vector([0x02, 0x00, 0x0b])),
    )
    expect(WebAssembly.validate(bytes)).toBe(false)
    expect(WebAssembly.validate(planArena(decodeModule(bytes), page(1)).bytes)).toBe(false)
  })
})

describe('a memory with room for the arena', () => {
  it('grows exactly as far as the script declared', async () => {
    const { call } = await startScript(`(module (memory (export "memory") 1 3) ${TAKES_TEXT} ${GROWS})`)
    expect(call('grow', 3)).toBe(-1)
    expect(call('grow', 2)).not.toBe(-1)
    expect(call('grow', 1)).toBe(-1)
  })

  it('does not grow where the script declared that it may not', async () => {
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

  it('takes the longest text that there may be', async () => {
    const longest = 'a'.repeat(page(2) - 2)
    const { boundary } = await startScript(`(module (memory (export "memory") 1 1) ${TAKES_TEXT})`, page(2))
    expect(boundary.passJson(longest, boundary.readJson.bind(boundary), (read) => read)).toBe(longest)
  })
})

describe('HostArena', () => {
  const memoryOf = (initial: number, maximum?: number) => new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum })
  const addressIn = (arena: HostArena, length: number): number => arena.with(length, (address) => address)

  it('takes nothing of the memory until it is needed, and then whole pages behind what is there', () => {
    const memory = memoryOf(2)
    const arena = new HostArena(memory, undefined)
    expect(memory.buffer.byteLength).toBe(page(2))
    expect(addressIn(arena, 10)).toBe(page(2))
    expect(memory.buffer.byteLength).toBe(page(3))
  })

  it('gives what the call gives', () => {
    expect(new HostArena(memoryOf(1), undefined).with(1, (address) => `at ${address}`)).toBe('at 65536')
  })

  it('uses the same room again and again', () => {
    const memory = memoryOf(1)
    const arena = new HostArena(memory, undefined)
    for (let count = 0; count < 100; count++) expect(addressIn(arena, PAGE_BYTES)).toBe(page(1))
    expect(memory.buffer.byteLength).toBe(page(2))
  })

  it('begins in a memory without pages', () => {
    const memory = memoryOf(0)
    const arena = new HostArena(memory, undefined)
    expect(addressIn(arena, 10)).toBe(0)
    expect(addressIn(arena, page(1) + 1)).toBe(0)
    expect(memory.buffer.byteLength).toBe(page(2))
  })

  it('uses the range that it is given, without growing the memory', () => {
    const memory = memoryOf(4, 4)
    const arena = new HostArena(memory, { start: page(1), end: page(3) })
    expect(addressIn(arena, page(2))).toBe(page(1))
    expect(memory.buffer.byteLength).toBe(page(4))
  })

  it('is extended at its place for a longer text, by what is missing', () => {
    const memory = memoryOf(1)
    const arena = new HostArena(memory, undefined)
    expect(addressIn(arena, 10)).toBe(page(1))
    expect(addressIn(arena, page(2) + 1)).toBe(page(1))
    expect(memory.buffer.byteLength).toBe(page(4))
    expect(addressIn(arena, page(3))).toBe(page(1))
    expect(memory.buffer.byteLength).toBe(page(4))
  })

  it('moves behind the pages that the script grew its memory by', () => {
    const memory = memoryOf(1)
    const arena = new HostArena(memory, undefined)
    expect(addressIn(arena, 10)).toBe(page(1))
    memory.grow(3)
    expect(addressIn(arena, PAGE_BYTES)).toBe(page(1))
    expect(addressIn(arena, PAGE_BYTES + 1)).toBe(page(5))
    expect(memory.buffer.byteLength).toBe(page(7))
    expect(addressIn(arena, 10)).toBe(page(5))
  })

  it('keeps texts apart that are in use at once', () => {
    const arena = new HostArena(memoryOf(1), undefined)
    const addresses = arena.with(100, (outer) => [
      outer,
      addressIn(arena, 50),
      addressIn(arena, 20),
      arena.with(7, () => addressIn(arena, 1)),
    ])
    expect(addresses).toEqual([page(1), page(1) + 100, page(1) + 100, page(1) + 107])
    expect(addressIn(arena, 1)).toBe(page(1))
  })

  it('keeps them apart when it is extended between them', () => {
    const arena = new HostArena(memoryOf(1), undefined)
    expect(arena.with(100, (outer) => [outer, addressIn(arena, page(2))])).toEqual([page(1), page(1) + 100])
    expect(addressIn(arena, 1)).toBe(page(1))
  })

  it('keeps them apart when it moves between them, and stays at its new place', () => {
    const memory = memoryOf(1)
    const arena = new HostArena(memory, undefined)
    const inner = arena.with(100, (outer) => {
      expect(outer).toBe(page(1))
      memory.grow(1)
      return arena.with(page(1), (address) => [address, addressIn(arena, 10)])
    })
    expect(inner).toEqual([page(3), page(4)])
    expect(addressIn(arena, page(1))).toBe(page(3))
  })

  it('has its room back when the call throws', async () => {
    const arena = new HostArena(memoryOf(1), undefined)
    const failing = () =>
      arena.with(100, () => {
        throw new Error('unreachable')
      })
    expect((await errorOf(failing)).message).toBe('unreachable')
    expect(addressIn(arena, 100)).toBe(page(1))
  })

  it('fails where the memory cannot grow, and serves what fits as before', async () => {
    const memory = memoryOf(1, 2)
    const arena = new HostArena(memory, undefined)
    expect(addressIn(arena, 10)).toBe(page(1))
    const error = await errorOf(() => addressIn(arena, page(3)))
    expect(error).toMatchObject({ code: 'OutOfMemory', detail: 'the memory cannot grow by the 2 pages of the host arena' })
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(addressIn(arena, PAGE_BYTES)).toBe(page(1))
    expect(await codeOf(() => addressIn(new HostArena(memory, undefined), 1))).toBe('OutOfMemory')
  })
})
