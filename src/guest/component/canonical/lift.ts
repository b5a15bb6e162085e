import { ScriptError } from '../../../errors.ts'
import type { CompositeType, Primitive, TypeReference } from '../plan.ts'
import { camelCase } from '../wit-names.ts'
import type { Boundary } from './boundary.ts'
import type { Case, Choice, Layouts, Places } from './layout.ts'
import { isNumberPrimitive, NUMBER_ARRAYS, wrapInteger } from './numbers.ts'
import { readString } from './strings.ts'

const MAX_CHAR = 0x10ffff

/** Reads the value at a pointer. Throws `InvalidPointer`, `TooLarge`. */
export function readValue(boundary: Boundary, type: TypeReference, pointer: number): unknown {
  const { size, alignment } = boundary.layouts.of(type)
  boundary.charge()
  const view = boundary.view(pointer, size, alignment)
  if (typeof type !== 'number') return readPrimitive(boundary, type, view)
  return fromMemory(boundary, type, pointer, view)
}

/** Returns the value that numbers pass. Throws `InvalidPointer`, `TooLarge`. */
export function liftValue(boundary: Boundary, type: TypeReference, numbers: FlatNumbers): unknown {
  boundary.charge()
  if (typeof type === 'number') return fromNumbers(boundary, type, numbers)
  const first = numbers.next()
  if (type === 'string') return readString(boundary, Number(first), Number(numbers.next()))
  return primitive(type, first)
}

/** Numbers that pass values, one after the other. */
export class FlatNumbers {
  readonly #numbers: readonly (number | bigint)[]
  #at = 0

  constructor(numbers: readonly (number | bigint)[]) {
    this.#numbers = numbers
  }

  next(): number | bigint {
    return this.#numbers[this.#at++] ?? 0
  }
}

function readPrimitive(boundary: Boundary, type: Primitive, view: DataView): unknown {
  switch (type) {
    case 'bool':
    case 'u8':
      return primitive(type, view.getUint8(0))
    case 's8':
      return view.getInt8(0)
    case 'u16':
      return view.getUint16(0, true)
    case 's16':
      return view.getInt16(0, true)
    case 's32':
      return view.getInt32(0, true)
    case 'u32':
    case 'char':
      return primitive(type, view.getUint32(0, true))
    case 's64':
      return view.getBigInt64(0, true)
    case 'u64':
      return view.getBigUint64(0, true)
    case 'f32':
      return view.getFloat32(0, true)
    case 'f64':
      return view.getFloat64(0, true)
    case 'string':
      return readString(boundary, view.getUint32(0, true), view.getUint32(4, true))
  }
}

function primitive(type: Exclude<Primitive, 'string'>, value: number | bigint): unknown {
  if (type === 'bool') return value !== 0
  if (type === 'f32' || type === 'f64') return value
  if (type !== 'char') return wrapInteger(type, value)
  const code = Number(value) >>> 0
  if (code > MAX_CHAR || (code >= 0xd800 && code < 0xe000)) throw new ScriptError('InvalidPointer', `${code} is no character`)
  return String.fromCodePoint(code)
}

function fromMemory(boundary: Boundary, index: number, pointer: number, view: DataView): unknown {
  const { layouts } = boundary
  const type = layouts.type(index)
  switch (type.kind) {
    case 'list':
      return readList(boundary, type.element, view.getUint32(0, true), view.getUint32(4, true))
    case 'record':
    case 'tuple': {
      const places = layouts.places(index)
      const read = (each: TypeReference, place: number): unknown => readValue(boundary, each, pointer + (places.offsets[place] as number))
      return joined(places, places.types.map(read))
    }
    case 'flags':
      return flagsOf(type.names, readUnsigned(view, view.byteLength))
    default: {
      const choice = layouts.choice(index)
      const [name, own] = caseOf(choice, readUnsigned(view, choice.bytes))
      return chosen(type, choice, name, own === null ? undefined : readValue(boundary, own, pointer + choice.payloadOffset))
    }
  }
}

function readUnsigned(view: DataView, bytes: number): number {
  return bytes === 1 ? view.getUint8(0) : bytes === 2 ? view.getUint16(0, true) : view.getUint32(0, true)
}

function fromNumbers(boundary: Boundary, index: number, numbers: FlatNumbers): unknown {
  const { layouts } = boundary
  const type = layouts.type(index)
  switch (type.kind) {
    case 'list':
      return readList(boundary, type.element, Number(numbers.next()), Number(numbers.next()))
    case 'record':
    case 'tuple': {
      const places = layouts.places(index)
      return joined(
        places,
        places.types.map((each) => liftValue(boundary, each, numbers)),
      )
    }
    case 'flags':
      return flagsOf(type.names, Number(numbers.next()) >>> 0)
    default: {
      const choice = layouts.choice(index)
      const [name, own] = caseOf(choice, Number(numbers.next()) >>> 0)
      const payload = choice.flat.map(() => numbers.next())
      return chosen(type, choice, name, own === null ? undefined : liftValue(boundary, own, narrowed(layouts, own, choice, payload)))
    }
  }
}

/** Returns the numbers of a case as its own type has them: they may be passed as wider ones. */
function narrowed(layouts: Layouts, type: TypeReference, { flat }: Choice, payload: readonly (number | bigint)[]): FlatNumbers {
  return new FlatNumbers(
    layouts.of(type).flat.map((own, index) => {
      const value = payload[index] as number | bigint
      return own === flat[index] ? value : reinterpret(value, own)
    }),
  )
}

const scratch = new DataView(new ArrayBuffer(8))

function reinterpret(value: number | bigint, to: 'i32' | 'i64' | 'f32' | 'f64'): number | bigint {
  scratch.setBigInt64(0, BigInt(value), true)
  if (to === 'i32') return scratch.getInt32(0, true)
  if (to === 'f32') return scratch.getFloat32(0, true)
  return to === 'f64' ? scratch.getFloat64(0, true) : scratch.getBigInt64(0, true)
}

function readList(boundary: Boundary, element: TypeReference, pointer: number, length: number): unknown {
  const { size, alignment } = boundary.layouts.of(element)
  const count = length >>> 0
  if (isNumberPrimitive(element)) {
    boundary.count(count * size)
    // A copy begins at a multiple of any size.
    return new NUMBER_ARRAYS[element](boundary.bytes(pointer, count * size, alignment).slice().buffer as ArrayBuffer)
  }
  // The elements are charged one by one; the list as a whole is checked before the first is read.
  boundary.count(count * size, 0)
  boundary.view(pointer, count * size, alignment)
  const values: unknown[] = []
  for (let index = 0; index < count; index++) values.push(readValue(boundary, element, (pointer >>> 0) + index * size))
  return values
}

function joined({ keys }: Places, values: readonly unknown[]): unknown {
  return keys === undefined ? values : Object.fromEntries(keys.map((key, index) => [key, values[index]]))
}

function flagsOf(names: readonly string[], bits: number): Record<string, boolean> {
  return Object.fromEntries(names.map((name, index) => [camelCase(name), ((bits >>> index) & 1) === 1]))
}

function caseOf({ cases }: Choice, index: number): Case {
  const found = cases[index]
  if (found === undefined) throw new ScriptError('InvalidPointer', `a value has the case ${index}, and its type has ${cases.length}`)
  return found
}

function chosen(type: CompositeType, { isOptional }: Choice, name: string, value: unknown): unknown {
  if (type.kind === 'enum') return name
  if (isOptional) return name === 'none' ? undefined : value
  return { tag: name, val: value }
}
