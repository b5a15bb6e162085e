import { describe, expect, it } from 'vitest'
import { decodeModule, isBinary } from '../../../src/wasm/decode/decode.ts'
import type { ByteRange } from '../../../src/wasm/format/module.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { binary, customSection, section, text, vector } from '../../fixtures/wasm/bytes.ts'
import { realModules, WEBASSEMBLY_3 } from '../../fixtures/wasm/modules.ts'

const decodeWat = async (wat: string) => decodeModule(await assembleWat(wat, 'module.wat'))
const bytesAt = (bytes: Uint8Array, { start, end }: ByteRange): number[] => [...bytes.subarray(start, end)]

const FUNCTION_TYPE = section(SECTION.type, vector([0x60, ...vector(), ...vector()]))
const ONE_FUNCTION = section(SECTION.function, vector([0]))
const ONE_BODY = section(SECTION.code, vector([0x02, 0x00, 0x0b]))
const AT_ZERO = [0x41, 0x00, 0x0b]

describe('isBinary', () => {
  it('recognizes a binary by its first four bytes', () => {
    expect(isBinary(Uint8Array.of(0x00, 0x61, 0x73, 0x6d))).toBe(true)
    expect(isBinary(Uint8Array.of(0x00, 0x61, 0x73))).toBe(false)
    expect(isBinary(new TextEncoder().encode('(module)'))).toBe(false)
    expect(isBinary(new Uint8Array())).toBe(false)
  })
})

describe('decodeModule', () => {
  it('reads the empty module', () => {
    const bytes = binary()
    expect(decodeModule(bytes)).toEqual({
      bytes,
      sections: [],
      types: [],
      imports: [],
      functions: [],
      tables: [],
      memories: [],
      globals: [],
      exports: [],
      elements: [],
      data: [],
      bodies: [],
      names: { functions: new Map(), globals: new Map() },
      referredFunctions: new Set(),
      referredImports: new Set(),
      constantGlobals: new Set(),
    })
  })

  it('does not copy or change the bytes', () => {
    const bytes = binary(FUNCTION_TYPE)
    expect(decodeModule(bytes).bytes).toBe(bytes)
  })

  it('reads a module inside a larger buffer, with offsets from the start of the module', () => {
    const alone = binary(FUNCTION_TYPE, ONE_FUNCTION, ONE_BODY)
    const buffer = new Uint8Array(alone.length + 20).fill(0xff)
    buffer.set(alone, 10)
    expect(decodeModule(buffer.subarray(10, 10 + alone.length)).bodies).toEqual(decodeModule(alone).bodies)
  })
})

describe('sections', () => {
  it('have an id and the ranges of header and payload', () => {
    const { sections } = decodeModule(binary(FUNCTION_TYPE, ONE_FUNCTION, ONE_BODY))
    expect(sections).toEqual([
      { id: SECTION.type, header: { start: 8, end: 10 }, payload: { start: 10, end: 14 } },
      { id: SECTION.function, header: { start: 14, end: 16 }, payload: { start: 16, end: 18 } },
      { id: SECTION.code, header: { start: 18, end: 20 }, payload: { start: 20, end: 24 } },
    ])
  })

  it('have a longer header if the size is encoded in more bytes', () => {
    const { sections } = decodeModule(binary([SECTION.type, 0x81, 0x80, 0x00, 0x00]))
    expect(sections).toEqual([{ id: SECTION.type, header: { start: 8, end: 12 }, payload: { start: 12, end: 13 } }])
  })

  it('cover real modules without gaps', async () => {
    for (const [name, bytes] of [...(await realModules()), ['WebAssembly 3', WEBASSEMBLY_3] as const]) {
      const { sections } = decodeModule(bytes)
      let end = 8
      for (const { header, payload } of sections) {
        expect(header.start, name).toBe(end)
        expect(payload.start, name).toBe(header.end)
        end = payload.end
      }
      expect(end, name).toBe(bytes.length)
    }
  })

  it('may be custom sections, with a name, anywhere and repeatedly', () => {
    const bytes = binary(customSection('a', [1, 2]), FUNCTION_TYPE, customSection('a'), customSection('größe'))
    const { sections, types } = decodeModule(bytes)
    expect(sections.map(({ id, name }) => ({ id, name }))).toEqual([
      { id: 0, name: 'a' },
      { id: 1, name: undefined },
      { id: 0, name: 'a' },
      { id: 0, name: 'größe' },
    ])
    expect(bytesAt(bytes, sections[0]?.payload as ByteRange)).toEqual([1, 0x61, 1, 2])
    expect(types).toHaveLength(1)
  })

  it('may be empty', () => {
    const empty = [1, 2, 3, 4, 5, 13, 6, 7, 9].map((id) => section(id, vector()))
    const bytes = binary(...empty, section(SECTION.dataCount, [0]), section(SECTION.code, vector()), section(SECTION.data, vector()))
    expect(decodeModule(bytes).sections).toHaveLength(12)
    expect(WebAssembly.validate(bytes)).toBe(true)
  })
})

describe('types', () => {
  it('have any number of parameters and results', async () => {
    const { types } = await decodeWat(`(module
      (type (func))
      (type (func (param i32 i64 f32 f64 v128)))
      (type (func (param funcref) (result externref i32))))`)
    expect(types).toEqual([
      { params: [], results: [] },
      { params: ['i32', 'i64', 'f32', 'f64', 'v128'], results: [] },
      { params: ['funcref'], results: ['externref', 'i32'] },
    ])
  })
})

describe('imports', () => {
  it('are of five kinds', async () => {
    const { imports } = await decodeWat(`(module
      (type (func))
      (type (func (param i32) (result f32)))
      (type (func (param f64)))
      (import "ecs.get" "Position.x" (func (type 1)))
      (import "host" "table" (table 1 8 externref))
      (import "host" "memory" (memory 2))
      (import "host" "global" (global (mut i64)))
      (import "" "größe" (tag (param f64))))`)
    expect(imports).toEqual([
      { module: 'ecs.get', name: 'Position.x', kind: 'func', typeIndex: 1, type: { params: ['i32'], results: ['f32'] } },
      {
        module: 'host',
        name: 'table',
        kind: 'table',
        table: { element: 'externref', limits: { minimum: 1, maximum: 8, shared: false, wide: false } },
      },
      { module: 'host', name: 'memory', kind: 'memory', memory: { minimum: 2, shared: false, wide: false } },
      { module: 'host', name: 'global', kind: 'global', global: { value: 'i64', mutable: true } },
      { module: '', name: 'größe', kind: 'tag', typeIndex: 2 },
    ])
  })

  it('come first in every index space', async () => {
    const module = await decodeWat(`(module
      (import "" "" (func (param i32)))
      (import "" "" (table 1 funcref))
      (import "" "" (global i64))
      (func (param f32))
      (table 3 externref)
      (global f64 (f64.const 0)))`)
    expect(module.functions.map((type) => type.params)).toEqual([['i32'], ['f32']])
    expect(module.tables.map((table) => table.limits.minimum)).toEqual([1, 3])
    expect(module.globals.map((global) => global.value)).toEqual(['i64', 'f64'])
    expect(module.bodies).toHaveLength(1)
  })

  it("of memories come before the module's own memories", () => {
    const imported = section(SECTION.import, vector([...text(''), ...text(''), 0x02, 0x00, 0x02]))
    const { memories } = decodeModule(binary(imported, section(SECTION.memory, vector([0x00, 0x04]))))
    expect(memories.map((memory) => memory.minimum)).toEqual([2, 4])
  })

  it('may have the same names', async () => {
    const { imports } = await decodeWat('(module (import "host" "log" (func)) (import "host" "log" (func (param i32))))')
    expect(imports.map((entry) => entry.kind === 'func' && entry.type.params)).toEqual([[], ['i32']])
  })

  it('keep a byte order mark in a name', () => {
    const module = decodeModule(binary(section(SECTION.import, vector([...text('\ufeffhost'), ...text('level'), 0x03, 0x7f, 0x00]))))
    expect(module.imports[0]?.module).toBe('\ufeffhost')
  })
})

describe('functions', () => {
  it('have a type and a body, which begins after its size', async () => {
    const module = await decodeWat(`(module
      (func (param i32) (result i32) (local.get 0))
      (func (local i64 i64) (nop)))`)
    expect(module.functions).toEqual([
      { params: ['i32'], results: ['i32'] },
      { params: [], results: [] },
    ])
    expect(module.bodies.map(({ body }) => bytesAt(module.bytes, body))).toEqual([
      [0x00, 0x20, 0x00, 0x0b],
      [0x01, 0x02, 0x7e, 0x01, 0x0b],
    ])
  })

  it('may have a body of more than 127 bytes', async () => {
    const { bytes, bodies } = await decodeWat(`(module (func ${'(nop)'.repeat(200)}) (func))`)
    expect(bodies.map(({ body }) => bytesAt(bytes, body))).toEqual([
      [0x00, ...Array(200).fill(0x01), 0x0b],
      [0x00, 0x0b],
    ])
  })

  it('may be absent, without a code section', () => {
    expect(decodeModule(binary(FUNCTION_TYPE, section(SECTION.function, vector()))).bodies).toEqual([])
  })
})

describe('tables', () => {
  it('have an element type and limits', async () => {
    const { tables } = await decodeWat('(module (table 1 funcref) (table 2 300 externref))')
    expect(tables).toEqual([
      { element: 'funcref', limits: { minimum: 1, shared: false, wide: false } },
      { element: 'externref', limits: { minimum: 2, maximum: 300, shared: false, wide: false } },
    ])
  })

  it('may have an initializer, in the form that begins with 0x40', () => {
    const initialised = [0x40, 0x00, 0x70, 0x01, 0x05, 0x06, 0xd0, 0x70, 0x0b]
    const { tables } = decodeModule(binary(section(SECTION.table, vector(initialised, [0x6f, 0x00, 0x02]))))
    expect(tables).toEqual([
      { element: 'funcref', limits: { minimum: 5, maximum: 6, shared: false, wide: false } },
      { element: 'externref', limits: { minimum: 2, shared: false, wide: false } },
    ])
  })
})

describe('memories', () => {
  const memory = (...limits: number[]) => decodeModule(binary(section(SECTION.memory, vector(limits)))).memories[0]

  it('have a minimum and an optional maximum', () => {
    expect(memory(0x00, 0x07)).toEqual({ minimum: 7, shared: false, wide: false })
    expect(memory(0x01, 0x07, 0x80, 0x02)).toEqual({ minimum: 7, maximum: 256, shared: false, wide: false })
    expect(memory(0x01, 0x07, 0x07)).toEqual({ minimum: 7, maximum: 7, shared: false, wide: false })
  })

  it('may be shared', () => {
    expect(memory(0x03, 0x01, 0x02)).toEqual({ minimum: 1, maximum: 2, shared: true, wide: false })
  })

  it('may have i64 addresses and sizes beyond 32 bits', () => {
    expect(memory(0x04, 0x01)).toEqual({ minimum: 1, shared: false, wide: true })
    expect(memory(0x05, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20)).toEqual({ minimum: 1, maximum: 2 ** 40, shared: false, wide: true })
    expect(memory(0x04, ...Array(9).fill(0x80), 0x01)).toEqual({ minimum: 2 ** 63, shared: false, wide: true })
    expect(memory(0x07, 0x01, 0x02)).toEqual({ minimum: 1, maximum: 2, shared: true, wide: true })
  })

  it('may be several', () => {
    const { memories } = decodeModule(binary(section(SECTION.memory, vector([0x00, 0x01], [0x01, 0x02, 0x03]))))
    expect(memories.map(({ minimum, maximum }) => [minimum, maximum])).toEqual([
      [1, undefined],
      [2, 3],
    ])
  })
})

describe('tags', () => {
  it('take an index each, imports first', async () => {
    const { exports } = await decodeWat('(module (import "" "" (tag)) (tag (export "failure") (param i32)))')
    expect(exports).toEqual([{ name: 'failure', kind: 'tag', index: 1 }])
  })

  it('have a section between memories and globals', () => {
    const tag = section(SECTION.tag, vector([0x00, 0x00]))
    const bytes = binary(FUNCTION_TYPE, section(SECTION.memory, vector()), tag, section(SECTION.global, vector()))
    expect(decodeModule(bytes).sections.map(({ id }) => id)).toEqual([1, 5, 13, 6])
    expect(WebAssembly.validate(bytes)).toBe(true)
  })
})

describe('globals', () => {
  it('have a type, a mutability and the range of their initializer', async () => {
    const { bytes, globals } = await decodeWat(`(module
      (import "" "" (global (mut i64)))
      (global i32 (i32.const 7))
      (global (mut f32) (f32.const 1)))`)
    expect(globals[0]).toEqual({ value: 'i64', mutable: true })
    expect(globals.slice(1)).toMatchObject([
      { value: 'i32', mutable: false },
      { value: 'f32', mutable: true },
    ])
    const initializers = globals.map((global) => 'initializer' in global && bytesAt(bytes, global.initializer))
    expect(initializers).toEqual([false, [0x41, 7, 0x0b], [0x43, 0, 0, 0x80, 0x3f, 0x0b]])
  })
})

describe('exports', () => {
  it('are of five kinds, with an index into the space of the kind', async () => {
    const { exports } = await decodeWat(`(module
      (func)
      (func (export "update"))
      (table (export "table") 1 funcref)
      (memory (export "memory") 1)
      (global (export "größe") i32 (i32.const 0))
      (tag (export "")))`)
    expect(exports).toEqual([
      { name: 'update', kind: 'func', index: 1 },
      { name: 'table', kind: 'table', index: 0 },
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'größe', kind: 'global', index: 0 },
      { name: '', kind: 'tag', index: 0 },
    ])
  })

  it('may name the same item twice', async () => {
    const { exports } = await decodeWat('(module (func (export "one") (export "other")))')
    expect(exports.map(({ name, index }) => [name, index])).toEqual([
      ['one', 0],
      ['other', 0],
    ])
  })

  it('may have the names of properties of Object.prototype', async () => {
    const { exports } = await decodeWat('(module (func (export "__proto__") (export "constructor")))')
    expect(exports.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
  })
})

describe('start', () => {
  it('is the index of a function', async () => {
    expect((await decodeWat('(module (func) (func $begin) (start $begin))')).start).toBe(1)
    expect(await decodeWat('(module (func))')).not.toHaveProperty('start')
  })
})

describe('element segments', () => {
  const reference = [0xd2, 0x00, 0x0b]
  const nothing = [0xd0, 0x70, 0x0b]
  const segments: [flags: number, what: string, content: number[], expected: object][] = [
    [
      0,
      'functions, into table 0',
      [...AT_ZERO, ...vector([0], [0])],
      { mode: 'active', table: 0, type: 'funcref', length: 2, functions: [0, 0] },
    ],
    [1, 'functions, kept', [0x00, ...vector([0])], { mode: 'passive', table: 0, type: 'funcref', length: 1, functions: [0] }],
    [
      2,
      'functions, into a table',
      [1, ...AT_ZERO, 0x00, ...vector([0])],
      { mode: 'active', table: 1, type: 'funcref', length: 1, functions: [0] },
    ],
    [3, 'functions, declared', [0x00, ...vector([0])], { mode: 'declarative', table: 0, type: 'funcref', length: 1, functions: [0] }],
    [
      4,
      'expressions, into table 0',
      [...AT_ZERO, ...vector(reference)],
      { mode: 'active', table: 0, type: 'funcref', length: 1, functions: [0] },
    ],
    [
      5,
      'expressions, kept',
      [0x6f, ...vector([0xd0, 0x6f, 0x0b])],
      { mode: 'passive', table: 0, type: 'externref', length: 1, functions: [] },
    ],
    [
      6,
      'expressions, into a table',
      [1, ...AT_ZERO, 0x70, ...vector(reference, nothing)],
      { mode: 'active', table: 1, type: 'funcref', length: 2, functions: [0] },
    ],
    [7, 'expressions, declared', [0x70, ...vector(nothing)], { mode: 'declarative', table: 0, type: 'funcref', length: 1, functions: [] }],
  ]
  const tables = section(SECTION.table, vector([0x70, 0x00, 0x09], [0x70, 0x00, 0x09]))

  it.each(segments)('of kind %i hold %s', (flags, _, content, expected) => {
    const before = binary(FUNCTION_TYPE, ONE_FUNCTION, tables).length
    const bytes = binary(FUNCTION_TYPE, ONE_FUNCTION, tables, section(SECTION.element, vector([flags, ...content])), ONE_BODY)
    expect(WebAssembly.validate(bytes)).toBe(true)
    const range = { start: before + 3, end: before + 4 + content.length }
    expect(decodeModule(bytes).elements).toEqual([{ ...expected, range }])
  })

  it('may be several', () => {
    const all = vector(...segments.map(([flags, , content]) => [flags, ...content]))
    const { elements } = decodeModule(binary(FUNCTION_TYPE, ONE_FUNCTION, tables, section(SECTION.element, all), ONE_BODY))
    expect(elements).toMatchObject(segments.map(([, , , expected]) => expected))
    for (const [index, { range }] of elements.slice(1).entries()) expect(range.start).toBe(elements[index]?.range.end)
  })

  it('may hold an expression with more references than a function takes arguments, which only the engine refuses', () => {
    const references = new Array<number[]>(200_000).fill([0xd2, 0x00]).flat()
    const segment = section(SECTION.element, [1, 5, 0x70, 1, ...references, 0x0b])
    expect(decodeModule(binary(FUNCTION_TYPE, ONE_FUNCTION, segment, ONE_BODY)).elements[0]?.functions).toHaveLength(200_000)
  })
})

describe('data segments', () => {
  const hello = text('hello')
  const memories = section(SECTION.memory, vector([0x00, 0x01], [0x00, 0x01]))
  const decodeData = (...segments: number[][]) => decodeModule(binary(memories, section(SECTION.data, vector(...segments))))

  it('are active in memory 0, passive, or active in an explicit memory', () => {
    const { data } = decodeData([0x00, ...AT_ZERO, ...hello], [0x01, ...hello], [0x02, 0x01, ...AT_ZERO, ...hello])
    expect(data).toMatchObject([
      { mode: 'active', memory: 0 },
      { mode: 'passive', memory: 0 },
      { mode: 'active', memory: 1 },
    ])
  })

  it('have the range of their bytes', () => {
    const { bytes, data } = decodeData([0x00, ...AT_ZERO, ...hello], [0x01, ...text('')], [0x02, 0x01, ...AT_ZERO, ...text('bye')])
    expect(data.map(({ range }) => new TextDecoder().decode(bytes.subarray(range.start, range.end)))).toEqual(['hello', '', 'bye'])
  })

  it('may be preceded by a data count section', async () => {
    const module = await decodeWat('(module (memory 1) (data "a") (data "b") (func (data.drop 1)))')
    expect(module.sections.map(({ id }) => id)).toContain(SECTION.dataCount)
    expect(module.data).toHaveLength(2)
  })
})
