import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { errorOf } from '../../fixtures/game.ts'
import { binary, section, vector } from '../../fixtures/wasm/bytes.ts'

/** Returns the bytes that are read as the initializer of a global which is followed by another. */
function initializerOf(...expression: number[]): number[] {
  const bytes = binary(section(SECTION.global, vector([0x7f, 0x00, ...expression], [0x7f, 0x01, 0x41, 0x00, 0x0b])))
  const { globals } = decodeModule(bytes)
  expect(globals[1]).toMatchObject({ value: 'i32', mutable: true })
  const [first] = globals
  return first !== undefined && 'initializer' in first ? [...bytes.subarray(first.initializer.start, first.initializer.end)] : []
}

describe('constantExpression', () => {
  it.each([
    ['i32.const', [0x41, 0x7f, 0x0b]],
    ['i32.const with an operand that looks like an end', [0x41, 0x0b, 0x0b]],
    ['i32.const of the least number', [0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x0b]],
    ['i64.const of the least number', [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x0b]],
    ['f32.const', [0x43, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b]],
    ['f64.const', [0x44, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b]],
    ['v128.const', [0xfd, 0x0c, ...Array(16).fill(0x0b), 0x0b]],
    ['global.get', [0x23, 0x8b, 0x0b, 0x0b]],
    ['ref.func', [0xd2, 0x0b, 0x0b]],
    ['ref.null of an abstract type', [0xd0, 0x70, 0x0b]],
    ['ref.null of a type by index', [0xd0, 0x8b, 0x01, 0x0b]],
    ['arithmetic of i32', [0x41, 1, 0x41, 2, 0x6a, 0x41, 3, 0x6b, 0x41, 4, 0x6c, 0x0b]],
    ['arithmetic of i64', [0x42, 1, 0x42, 2, 0x7c, 0x42, 3, 0x7d, 0x42, 4, 0x7e, 0x0b]],
    ['struct.new', [0xfb, 0x00, 0x0b, 0x0b]],
    ['struct.new_default', [0xfb, 0x01, 0x0b, 0x0b]],
    ['array.new', [0xfb, 0x06, 0x0b, 0x0b]],
    ['array.new_default', [0xfb, 0x07, 0x0b, 0x0b]],
    ['array.new_fixed', [0xfb, 0x08, 0x0b, 0x0b, 0x0b]],
    ['any.convert_extern', [0xfb, 0x1a, 0x0b]],
    ['extern.convert_any', [0xfb, 0x1b, 0x0b]],
    ['ref.i31', [0x41, 0x0b, 0xfb, 0x1c, 0x0b]],
  ])('reads %s', (_, expression) => {
    expect(initializerOf(...expression)).toEqual(expression)
  })

  it.each([
    ['a call', [0x10, 0x00, 0x0b], 'the instruction 0x10 is not constant, at offset 0xd'],
    ['a block', [0x02, 0x40, 0x0b, 0x0b], 'the instruction 0x2 is not constant, at offset 0xd'],
    ['a division', [0x41, 1, 0x41, 1, 0x6d, 0x0b], 'the instruction 0x6d is not constant, at offset 0x11'],
    ['another SIMD instruction', [0xfd, 0x0f, 0x0b], 'this SIMD instruction is not constant, at offset 0xd'],
    ['another GC instruction', [0xfb, 0x02, 0x00, 0x00, 0x0b], 'the GC instruction 2 is not constant, at offset 0xd'],
    ['a number of too many bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x0b], 'an i32 is not a 32-bit number, at offset 0xe'],
    ['a long number of too many bytes', [0x42, ...Array(10).fill(0x80), 0x00, 0x0b], 'an i64 is not a 64-bit number, at offset 0xe'],
  ])('refuses %s', async (_, expression, detail) => {
    expect(await errorOf(() => initializerOf(...expression))).toMatchObject({ code: 'InvalidBinary', detail })
  })

  it.each([
    ['without an end', [0x41, 0x00], 'the module ends inside a constant expression, at offset 0xf'],
    ['cut inside a number', [0x41, 0x80], 'the module ends inside an i32, at offset 0xf'],
    ['cut inside an f64', [0x44, 0x00, 0x00], 'an f64 of 8 bytes does not fit in the 2 bytes left, at offset 0xe'],
    ['cut inside a v128', [0xfd, 0x0c, 0x00], 'a v128 of 16 bytes does not fit in the 1 bytes left, at offset 0xf'],
  ])('refuses one %s', async (_, expression, detail) => {
    const bytes = binary(section(SECTION.global, vector([0x7f, 0x00, ...expression])))
    expect(await errorOf(() => decodeModule(bytes))).toMatchObject({ code: 'InvalidBinary', detail })
  })
})
