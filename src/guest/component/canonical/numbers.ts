import type { Primitive, TypeReference } from '../plan.ts'

/** A primitive that is a number. */
export type NumberPrimitive = Exclude<Primitive, 'bool' | 'char' | 'string'>

/** A list of numbers. */
export type NumberArray = ArrayBufferView<ArrayBuffer> & { [index: number]: number | bigint }

interface NumberArrayConstructor {
  new (length: number): NumberArray
  new (buffer: ArrayBuffer): NumberArray
}

/** The types whose lists are typed arrays. */
export const NUMBER_ARRAYS: Readonly<Record<NumberPrimitive, NumberArrayConstructor>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
}

/** Returns whether a type is one of the numbers. */
export function isNumberPrimitive(type: TypeReference): type is NumberPrimitive {
  return typeof type === 'string' && Object.hasOwn(NUMBER_ARRAYS, type)
}

/** Returns the value of an integer as its type has it: the core function has 32 bits for all of them. */
export function wrapInteger(type: Primitive, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return type === 'u64' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)
  switch (type) {
    case 'u8':
      return value & 0xff
    case 's8':
      return (value << 24) >> 24
    case 'u16':
      return value & 0xffff
    case 's16':
      return (value << 16) >> 16
    case 's32':
      return value | 0
    default:
      return value >>> 0
  }
}

/** The least and the greatest value of each integer of 32 bits or less. */
const RANGES: Readonly<Partial<Record<Primitive, readonly [number, number]>>> = {
  u8: [0, 255],
  s8: [-128, 127],
  u16: [0, 65_535],
  s16: [-32_768, 32_767],
  u32: [0, 4_294_967_295],
  s32: [-2_147_483_648, 2_147_483_647],
}

/** Returns the value if it is one of the type, with the canonical NaN. `undefined` if it is not. */
export function numberOf(type: NumberPrimitive, value: unknown): number | bigint | undefined {
  const range = RANGES[type]
  if (range !== undefined) {
    return typeof value === 'number' && Number.isInteger(value) && value >= range[0] && value <= range[1] ? value : undefined
  }
  if (type === 'f32' || type === 'f64') return typeof value !== 'number' ? undefined : Number.isNaN(value) ? Number.NaN : value
  const whole = typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value as number) : undefined
  if (whole === undefined) return undefined
  return (type === 'u64' ? BigInt.asUintN(64, whole) : BigInt.asIntN(64, whole)) === whole ? whole : undefined
}
