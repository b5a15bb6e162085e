import { checkCount } from '../format/bounds.ts'
import type { FunctionType, GlobalType, SizeLimits, TableType, ValueType } from '../format/module.ts'
import type { Reader } from '../format/reader.ts'

const NUMBER_TYPES: Record<number, ValueType> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64', 123: 'v128' }
const HEAP_TYPES: Record<number, string> = {
  116: 'noexn',
  115: 'nofunc',
  114: 'noextern',
  113: 'none',
  112: 'func',
  111: 'extern',
  110: 'any',
  109: 'eq',
  108: 'i31',
  107: 'struct',
  106: 'array',
  105: 'exn',
}
const REFERENCE_SHORTHANDS: Record<string, ValueType> = {
  none: 'nullref',
  noextern: 'nullexternref',
  nofunc: 'nullfuncref',
  noexn: 'nullexnref',
}
const MAX_SUPERTYPES = 1

function heapType(reader: Reader): string {
  const at = reader.position
  const abstract = HEAP_TYPES[reader.peek()]
  if (abstract !== undefined) {
    reader.position++
    return abstract
  }
  const index = reader.s33('a heap type')
  return index >= 0 ? String(index) : reader.fail('an unknown heap type', at)
}

export function valueType(reader: Reader): ValueType {
  const at = reader.position
  const byte = reader.byte('a value type')
  const number = NUMBER_TYPES[byte]
  if (number !== undefined) return number
  const heap = HEAP_TYPES[byte]
  if (heap !== undefined) return REFERENCE_SHORTHANDS[heap] ?? `${heap}ref`
  if (byte === 0x63) return `(ref null ${heapType(reader)})`
  if (byte === 0x64) return `(ref ${heapType(reader)})`
  return reader.fail(`0x${byte.toString(16)} is not a value type`, at)
}

function valueTypes(reader: Reader, what: string): ValueType[] {
  return Array.from({ length: reader.count(what) }, () => valueType(reader))
}

function fieldType(reader: Reader): void {
  const packed = reader.peek() === 0x78 || reader.peek() === 0x77
  if (packed) reader.position++
  else valueType(reader)
  mutability(reader)
}

function mutability(reader: Reader): boolean {
  const at = reader.position
  const byte = reader.byte('a mutability')
  if (byte > 1) reader.fail(`0x${byte.toString(16)} is not a mutability`, at)
  return byte === 1
}

function compositeType(reader: Reader): FunctionType | undefined {
  const at = reader.position
  const form = reader.byte('a type')
  if (form === 0x60) return { params: valueTypes(reader, 'parameters'), results: valueTypes(reader, 'results') }
  if (form === 0x5f) for (let left = reader.count('fields'); left > 0; left--) fieldType(reader)
  else if (form === 0x5e) fieldType(reader)
  else reader.fail(`0x${form.toString(16)} is not a form of type`, at)
  return undefined
}

function subType(reader: Reader): FunctionType | undefined {
  const form = reader.peek()
  if (form === 0x50 || form === 0x4f) {
    reader.position++
    const at = reader.position
    const supertypes = reader.count('supertypes')
    if (supertypes > MAX_SUPERTYPES) reader.fail('more than one supertype', at)
    for (let left = supertypes; left > 0; left--) reader.u32('a supertype')
  }
  return compositeType(reader)
}

/** Reads one entry of the type section: a type, or a group of recursive types, which takes one index for each type. */
export function recursiveTypes(reader: Reader, types: (FunctionType | undefined)[]): void {
  if (reader.peek() !== 0x4e) {
    types.push(subType(reader))
    return
  }
  reader.position++
  const count = reader.count('types of a group')
  checkCount('types', types.length + count)
  for (let left = count; left > 0; left--) types.push(subType(reader))
}

export function limits(reader: Reader, what: string): SizeLimits {
  const at = reader.position
  const flags = reader.byte(`the limits of ${what}`)
  if (flags > 7) reader.fail(`the limits of ${what} have unknown flags 0x${flags.toString(16)}`, at)
  const wide = (flags & 4) !== 0
  const size = (): number => (wide ? reader.u64(`a size of ${what}`) : reader.u32(`a size of ${what}`))
  const minimum = size()
  const shared = (flags & 2) !== 0
  if ((flags & 1) === 0) return { minimum, shared, wide }
  const maximum = size()
  if (maximum < minimum) reader.fail(`the maximum of ${what}, ${maximum}, is less than its minimum, ${minimum}`, at)
  return { minimum, maximum, shared, wide }
}

export function tableType(reader: Reader): TableType {
  const at = reader.position
  const element = valueType(reader)
  if (Object.values(NUMBER_TYPES).includes(element)) reader.fail(`a table cannot hold ${element}`, at)
  return { element, limits: limits(reader, 'a table') }
}

export function globalType(reader: Reader): GlobalType {
  return { value: valueType(reader), mutable: mutability(reader) }
}
