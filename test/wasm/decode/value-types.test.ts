import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { errorOf } from '../../fixtures/game.ts'
import { type Bytes, binary, section, vector } from '../../fixtures/wasm/bytes.ts'
import { WEBASSEMBLY_3 } from '../../fixtures/wasm/modules.ts'

const decodeTypes = (...types: Bytes[]) => decodeModule(binary(section(SECTION.type, vector(...types)))).types
const valueTypeOf = (...bytes: number[]) => decodeTypes([0x60, ...vector(bytes), ...vector()])[0]?.params[0]

const NOTHING = [0x60, ...vector(), ...vector()]
const NOTHING_READ = { params: [], results: [] }
/** Nodes before 22 have no struct and array types. */
const HAS_STRUCTS = WebAssembly.validate(binary(section(SECTION.type, vector([0x5f, ...vector()]))))

describe('value types', () => {
  it.each([
    ['i32', [0x7f]],
    ['i64', [0x7e]],
    ['f32', [0x7d]],
    ['f64', [0x7c]],
    ['v128', [0x7b]],
    ['funcref', [0x70]],
    ['externref', [0x6f]],
    ['anyref', [0x6e]],
    ['eqref', [0x6d]],
    ['i31ref', [0x6c]],
    ['structref', [0x6b]],
    ['arrayref', [0x6a]],
    ['exnref', [0x69]],
    ['nullref', [0x71]],
    ['nullexternref', [0x72]],
    ['nullfuncref', [0x73]],
    ['nullexnref', [0x74]],
    ['(ref null func)', [0x63, 0x70]],
    ['(ref extern)', [0x64, 0x6f]],
    ['(ref null none)', [0x63, 0x71]],
    ['(ref 0)', [0x64, 0x00]],
    ['(ref null 63)', [0x63, 0x3f]],
    ['(ref 64)', [0x64, 0xc0, 0x00]],
    ['(ref null 300)', [0x63, 0xac, 0x02]],
  ])('%s is decoded to its WAT form', (name, bytes) => {
    expect(valueTypeOf(...bytes)).toBe(name)
  })

  it.each([
    [[0x7a], '0x7a is not a value type, at offset 0xd'],
    [[0x40], '0x40 is not a value type, at offset 0xd'],
    [[0x64, 0x40], 'an unknown heap type, at offset 0xe'],
    [[0x63, 0x7f], 'an unknown heap type, at offset 0xe'],
    [[0x63, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'a heap type is not a 33-bit number, at offset 0xe'],
  ])('%j is refused', async (bytes, detail) => {
    expect(await errorOf(() => valueTypeOf(...bytes))).toMatchObject({ code: 'InvalidBinary', detail })
  })

  it('a heap type with more than 33 bits is refused', async () => {
    expect(await errorOf(() => valueTypeOf(0x63, 0x80, 0x80, 0x80, 0x80, 0x20))).toMatchObject({ code: 'InvalidBinary' })
  })
})

describe('the types of WebAssembly 3', () => {
  it('include structs and arrays, which take an index and are not function types', () => {
    const struct = [0x5f, ...vector([0x7f, 0x00], [0x78, 0x01], [0x77, 0x00], [0x64, 0x70, 0x01])]
    expect(decodeTypes([0x5f, ...vector()], struct, [0x5e, 0x7d, 0x01], [0x5e, 0x78, 0x00], NOTHING)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      NOTHING_READ,
    ])
  })

  it('in a group take an index each', () => {
    const group = [0x4e, ...vector(NOTHING, [0x5f, ...vector([0x63, 0x00, 0x01])], [0x60, ...vector([0x7f]), ...vector()])]
    expect(decodeTypes(group, NOTHING)).toEqual([NOTHING_READ, undefined, { params: ['i32'], results: [] }, NOTHING_READ])
  })

  it('may be an empty group', () => {
    expect(decodeTypes([0x4e, ...vector()], NOTHING)).toEqual([NOTHING_READ])
  })

  it('may have a supertype, be open to subtypes or final', () => {
    const open = [0x50, ...vector(), ...NOTHING]
    const openBelow = [0x50, ...vector([0x00]), ...NOTHING]
    const finalBelow = [0x4f, ...vector([0x80, 0x00]), ...NOTHING]
    expect(decodeTypes(open, openBelow, [0x4e, ...vector(finalBelow)])).toEqual([NOTHING_READ, NOTHING_READ, NOTHING_READ])
  })

  it('are refused as the type of a function unless they are function types', async () => {
    const bytes = binary(section(SECTION.type, vector(NOTHING, [0x5f, ...vector()])), section(SECTION.function, vector([1])))
    expect(await errorOf(() => decodeModule(bytes))).toMatchObject({
      code: 'InvalidBinary',
      detail: 'type 1 is not a function type, at offset 0x13',
    })
  })

  it('are used by tables, memories and globals', () => {
    const { types, tables, memories, globals } = decodeModule(WEBASSEMBLY_3)
    expect(types).toEqual([{ params: ['i32'], results: ['i64', 'f32'] }, undefined, undefined, undefined, NOTHING_READ])
    expect(tables.map(({ element }) => element)).toEqual(['(ref func)', 'externref'])
    expect(memories.map(({ wide }) => wide)).toEqual([false, true])
    expect(globals.map(({ value }) => value)).toEqual(['i32', 'i31ref', '(ref null 1)', '(ref 2)'])
  })

  it.runIf(HAS_STRUCTS)('are as the engine has them', () => {
    expect(WebAssembly.validate(WEBASSEMBLY_3)).toBe(true)
  })

  it.each([
    ['another form of type', [[0x5d]], '0x5d is not a form of type, at offset 0xb'],
    ['two supertypes', [NOTHING, NOTHING, [0x50, ...vector([0], [1]), ...NOTHING]], 'more than one supertype, at offset 0x12'],
    ['a mutability beyond 1', [[0x5e, 0x7f, 0x02]], '0x2 is not a mutability, at offset 0xd'],
    ['a group in a group', [[0x4e, ...vector([0x4e, ...vector(NOTHING)])]], '0x4e is not a form of type, at offset 0xd'],
    ['more fields than bytes', [[0x5f, 0x05, 0x7f, 0x00]], '5 fields do not fit in the 2 bytes left, at offset 0xc'],
    ['more in a group than bytes', [[0x4e, 0x09, ...NOTHING]], '9 types of a group do not fit in the 3 bytes left, at offset 0xc'],
    ['more supertypes than bytes', [[0x50, 0x03, 0x00]], '3 supertypes do not fit in the 1 bytes left, at offset 0xc'],
  ])('are refused with %s', async (_, types, detail) => {
    expect(await errorOf(() => decodeTypes(...types))).toMatchObject({ code: 'InvalidBinary', detail })
  })
})
