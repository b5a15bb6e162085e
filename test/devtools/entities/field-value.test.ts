import { describe, expect, it } from 'vitest'
import { parseField, stepField } from '../../../src/devtools/entities/field-value.ts'

describe('what is typed for a field', () => {
  it.each([
    ['f32', '1.5', 1.5],
    ['f64', ' -2e3 ', -2000],
    ['f32', 'nan', Number.NaN],
    ['f64', '-Infinity', Number.NEGATIVE_INFINITY],
    ['u8', '255', 255],
    ['i32', '0x10', 16],
    ['eid', '7', 7],
  ] as const)('as %s, %s is a number', (type, text, value) => {
    expect(parseField(type, text)).toEqual({ value })
  })

  it.each([
    ['f32', '', 'Enter a number: any number (f32).'],
    ['f32', '1e40', '1e40 is too large for an f32.'],
    ['u8', '256', 'Enter a whole number from 0 to 255 (u8).'],
    ['i8', '1.5', 'Enter a whole number from -128 to 127 (i8).'],
    ['u32', '-1', 'Enter a whole number from 0 to 4294967295 (u32).'],
    ['i32', 'NaN', 'Enter a number: a whole number from -2147483648 to 2147483647 (i32).'],
  ] as const)('as %s, %s is refused', (type, text, mistake) => {
    expect(parseField(type, text)).toEqual({ mistake })
  })

  it('is stepped within the range of the type, and by at least 1 where it is whole', () => {
    expect([stepField('u8', 0, -1), stepField('u8', 250, 10), stepField('i32', 5, 0.1), stepField('f32', 0.1, 0.2)]).toEqual([
      0, 255, 6, 0.3,
    ])
  })
})
