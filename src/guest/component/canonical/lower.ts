import { ScriptError } from '../../../errors.ts'
import { abbreviate } from '../../../printable.ts'
import type { CompositeType, Primitive, TypeReference } from '../plan.ts'
import { camelCase } from '../wit-names.ts'
import type { Boundary } from './boundary.ts'
import type { Case, Choice, Places } from './layout.ts'
import { isNumberPrimitive, NUMBER_ARRAYS, numberOf } from './numbers.ts'
import { writeString } from './strings.ts'

/** Writes a value at a pointer. `path` names the value in errors. Throws `SignatureMismatch`, `InvalidPointer`, `TooLarge`. */
export function writeValue(boundary: Boundary, type: TypeReference, value: unknown, pointer: number, path: string): void {
  const { size, alignment } = boundary.layouts.of(type)
  boundary.charge()
  if (typeof type !== 'number') {
    const numbers = primitiveNumbers(boundary, type, value, path)
    writePrimitive(type, numbers, boundary.view(pointer, size, alignment))
    return
  }
  toMemory(boundary, type, value, pointer, path)
}

/** Returns the numbers that pass a value. Throws as {@link writeValue} does. */
export function lowerValue(boundary: Boundary, type: TypeReference, value: unknown, path: string): readonly (number | bigint)[] {
  boundary.charge()
  if (typeof type !== 'number') return primitiveNumbers(boundary, type, value, path)
  return toNumbers(boundary, type, value, path)
}

function primitiveNumbers(boundary: Boundary, type: Primitive, value: unknown, path: string): readonly (number | bigint)[] {
  if (type === 'string') {
    if (typeof value !== 'string') return mismatch(path, 'a string', value)
    return writeString(boundary, value)
  }
  if (type === 'bool')
    return typeof value === 'boolean' || value === 0 || value === 1 ? [Number(value)] : mismatch(path, 'true or false', value)
  if (type === 'char') {
    const code = typeof value === 'string' ? value.codePointAt(0) : undefined
    const isOne = code !== undefined && String.fromCodePoint(code) === value && !(code >= 0xd800 && code < 0xe000)
    return isOne ? [code] : mismatch(path, 'one character', value)
  }
  const number = numberOf(type, value)
  return number === undefined ? mismatch(path, `a number of the type ${type}`, value) : [number]
}

function writePrimitive(type: Primitive, numbers: readonly (number | bigint)[], view: DataView): void {
  const [first = 0, second = 0] = numbers
  switch (type) {
    case 'f32':
      view.setFloat32(0, Number(first), true)
      break
    case 'f64':
      view.setFloat64(0, Number(first), true)
      break
    case 's64':
    case 'u64':
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(first)), true)
      break
    default:
      writeInteger(view, type === 'string' ? 4 : view.byteLength, Number(first))
      if (type === 'string') view.setUint32(4, Number(second), true)
  }
}

function writeInteger(view: DataView, bytes: number, value: number): void {
  if (bytes === 1) view.setUint8(0, value)
  else if (bytes === 2) view.setUint16(0, value, true)
  else view.setUint32(0, value, true)
}

function toMemory(boundary: Boundary, index: number, value: unknown, pointer: number, path: string): void {
  const { layouts } = boundary
  const type = layouts.type(index)
  const write = (): DataView => {
    const { size, alignment } = layouts.of(index)
    return boundary.view(pointer, size, alignment)
  }
  switch (type.kind) {
    case 'list': {
      const [start, length] = writeList(boundary, type.element, value, path)
      const view = write()
      view.setUint32(0, start, true)
      view.setUint32(4, length, true)
      break
    }
    case 'record':
    case 'tuple': {
      const places = layouts.places(index)
      for (const [place, part] of partsOf(places, value, path).entries())
        writeValue(boundary, part.type, part.value, pointer + (places.offsets[place] as number), part.path)
      break
    }
    case 'flags': {
      const view = write()
      writeInteger(view, view.byteLength, bitsOf(type.names, value, path))
      break
    }
    default: {
      const choice = layouts.choice(index)
      const { number, own, held, name } = choose(type, choice, value, path)
      writeInteger(write(), choice.bytes, number)
      if (own !== null) writeValue(boundary, own, held, pointer + choice.payloadOffset, `${path}.${name}`)
    }
  }
}

function toNumbers(boundary: Boundary, index: number, value: unknown, path: string): readonly (number | bigint)[] {
  const { layouts } = boundary
  const type = layouts.type(index)
  switch (type.kind) {
    case 'list':
      return writeList(boundary, type.element, value, path)
    case 'record':
    case 'tuple':
      return partsOf(layouts.places(index), value, path).flatMap((part) => lowerValue(boundary, part.type, part.value, part.path))
    case 'flags':
      return [bitsOf(type.names, value, path)]
    default: {
      const choice = layouts.choice(index)
      const { number: chosen, name, own, held } = choose(type, choice, value, path)
      const numbers = own === null ? [] : lowerValue(boundary, own, held, `${path}.${name}`)
      const flat = own === null ? [] : layouts.of(own).flat
      return [
        chosen,
        ...choice.flat.map((wide, place) => {
          const from = flat[place]
          const number = numbers[place]
          if (from === undefined || number === undefined) return wide === 'i64' ? 0n : 0
          return from === wide ? number : widen(number, from, wide)
        }),
      ]
    }
  }
}

const scratch = new DataView(new ArrayBuffer(8))

/** Returns a number as the wider one that passes it. */
function widen(value: number | bigint, from: string, to: string): number | bigint {
  scratch.setBigInt64(0, 0n)
  if (from === 'f32') scratch.setFloat32(0, Number(value), true)
  else if (from === 'f64') scratch.setFloat64(0, Number(value), true)
  else if (from === 'i32') scratch.setInt32(0, Number(value) | 0, true)
  else return value
  return to === 'i32' ? scratch.getInt32(0, true) : scratch.getBigInt64(0, true)
}

function writeList(boundary: Boundary, element: TypeReference, value: unknown, path: string): readonly [pointer: number, length: number] {
  const { size, alignment } = boundary.layouts.of(element)
  const given =
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)) ? (value as ArrayLike<unknown>) : undefined
  if (given === undefined) return mismatch(path, 'a list', value)
  const count = given.length
  if (isNumberPrimitive(element)) {
    boundary.count(count * size)
    if (element === 'u8' && given instanceof Uint8Array) {
      const pointer = boundary.reserve(count, alignment)
      boundary.bytes(pointer, count, alignment).set(given)
      return [pointer, count]
    }
    const array = new NUMBER_ARRAYS[element](count)
    for (let index = 0; index < count; index++) {
      const number = numberOf(element, given[index])
      if (number === undefined) return mismatch(`${path}[${index}]`, `a number of the type ${element}`, given[index])
      array[index] = number
    }
    const pointer = boundary.reserve(count * size, alignment)
    boundary.bytes(pointer, count * size, alignment).set(new Uint8Array(array.buffer))
    return [pointer, count]
  }
  boundary.count(count * size, 0)
  const pointer = boundary.reserve(count * size, alignment)
  for (let index = 0; index < count; index++) writeValue(boundary, element, given[index], pointer + index * size, `${path}[${index}]`)
  return [pointer, count]
}

interface Part {
  readonly type: TypeReference
  readonly value: unknown
  readonly path: string
}

function partsOf({ types, keys, names }: Places, value: unknown, path: string): readonly Part[] {
  if (keys === undefined || names === undefined) {
    if (!Array.isArray(value) || value.length !== types.length) return mismatch(path, `a list of ${types.length} values`, value)
    return types.map((type, index) => ({ type, value: value[index], path: `${path}[${index}]` }))
  }
  if (typeof value !== 'object' || value === null) return mismatch(path, 'an object', value)
  return types.map((type, index) => {
    const key = keys[index] as string
    return { type, value: fieldOf(value, key, names[index] as string), path: `${path}.${key}` }
  })
}

/** Returns a field by its name in JavaScript, or in WIT. */
function fieldOf(value: object, key: string, name: string): unknown {
  const own = value as Readonly<Record<string, unknown>>
  return Object.hasOwn(own, key) ? own[key] : Object.hasOwn(own, name) ? own[name] : undefined
}

function bitsOf(names: readonly string[], value: unknown, path: string): number {
  if (typeof value !== 'object' || value === null) return mismatch(path, 'an object with a boolean for each flag', value)
  let bits = 0
  for (const [index, name] of names.entries()) if (fieldOf(value, camelCase(name), name) === true) bits |= 1 << index
  return bits >>> 0
}

interface Chosen {
  /** The number of the case. */
  readonly number: number
  readonly name: string
  readonly own: TypeReference | null
  readonly held: unknown
}

/** Cases that an error lists. */
const MAX_LISTED = 8

function choose(type: CompositeType, { cases, indexOf, isOptional }: Choice, value: unknown, path: string): Chosen {
  if (isOptional) {
    const isNone = value === undefined || value === null
    const [name, own] = cases[isNone ? 0 : 1] as Case
    return { number: isNone ? 0 : 1, name, own, held: value }
  }
  const tagged = typeof value === 'object' && value !== null && 'tag' in value ? (value as { tag: unknown; val?: unknown }) : undefined
  const name = type.kind === 'enum' ? value : tagged?.tag
  const number = typeof name === 'string' ? indexOf.get(name) : undefined
  if (number === undefined) {
    const listed = cases.slice(0, MAX_LISTED).map(([each]) => `'${abbreviate(each)}'`)
    const names = [...listed, ...(cases.length > MAX_LISTED ? [`${cases.length - MAX_LISTED} more`] : [])].join(', ')
    return mismatch(path, type.kind === 'enum' ? `one of ${names}` : `an object whose tag is one of ${names}`, value)
  }
  return { number, name: name as string, own: cases[number]?.[1] ?? null, held: tagged?.val }
}

function mismatch(path: string, wanted: string, value: unknown): never {
  const found = Array.isArray(value) ? `a list of ${value.length}` : value === null ? 'null' : typeof value
  throw new ScriptError('SignatureMismatch', `${path} must be ${wanted}, and is ${found}`)
}
