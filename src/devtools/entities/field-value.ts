import type { FieldType } from '../../index.ts'

/** The result of {@link parseField}: the number, or a sentence that says what a field of the type takes. */
export type ParsedField = { readonly value: number } | { readonly mistake: string }

type IntegerType = Exclude<FieldType, 'f32' | 'f64'>

/** The lowest and the highest value of an integer type. */
const RANGES: Readonly<Record<IntegerType, readonly [lowest: number, highest: number]>> = {
  i8: [-0x80, 0x7f],
  u8: [0, 0xff],
  i16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
  eid: [0, 0xffff_ffff],
}
/** What `Number` does not take as we do, or takes though nobody means it: an empty text is 0. */
const WORDS: ReadonlySet<string> = new Set(['nan', 'infinity', '+infinity', '-infinity'])

/** Reads a number as a field of a type holds it. Takes hexadecimal, and for f32 and f64 `NaN` and `Infinity`. */
export function parseField(type: FieldType, text: string): ParsedField {
  const word = text.trim()
  const isFloat = type === 'f32' || type === 'f64'
  if (isFloat && WORDS.has(word.toLowerCase())) return { value: Number(word.replace(/nan/i, 'NaN').replace(/infinity/i, 'Infinity')) }
  const value = Number(word)
  if (word === '' || !Number.isFinite(value)) return { mistake: `Enter a number: ${describeType(type)}.` }
  if (isFloat) {
    if (type === 'f32' && !Number.isFinite(Math.fround(value))) return { mistake: `${word} is too large for an f32.` }
    return { value }
  }
  const [lowest, highest] = RANGES[type]
  if (Number.isInteger(value) && value >= lowest && value <= highest) return { value }
  return { mistake: `Enter ${describeType(type)}.` }
}

/** Returns the value of a field after a step of an arrow key, kept within the range of its type. */
export function stepField(type: FieldType, value: number, step: number): number {
  if (type === 'f32' || type === 'f64') return Number((value + step).toPrecision(12))
  const [lowest, highest] = RANGES[type]
  const whole = Math.sign(step) * Math.max(1, Math.trunc(Math.abs(step)))
  return Math.min(highest, Math.max(lowest, Math.trunc(value) + whole))
}

/** Describes what a field of a type takes. */
export function describeType(type: FieldType): string {
  if (type === 'f32' || type === 'f64') return `any number (${type})`
  const [lowest, highest] = RANGES[type]
  return `a whole number from ${lowest} to ${highest} (${type})`
}
