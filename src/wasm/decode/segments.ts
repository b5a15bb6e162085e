import type { ByteRange, DataSegment, ElementSegment, ValueType } from '../format/module.ts'
import type { Reader } from '../format/reader.ts'
import { constant, type Draft, index } from './draft.ts'
import { valueType } from './value-types.ts'

/** Reads an element segment. Its flags: 1 passive or declarative, 2 explicit table or declarative, 4 expressions. */
export function elementSegment(reader: Reader, draft: Draft): ElementSegment {
  const start = reader.position
  const flags = reader.u32('an element segment')
  if (flags > 7) reader.fail(`${flags} is not a kind of element segment`, start)
  const active = (flags & 1) === 0
  const explicit = (flags & 2) !== 0
  const expressions = (flags & 4) !== 0
  let table = 0
  if (active) {
    if (explicit) table = index(reader, 'table', draft.tables.length)
    else if (draft.tables.length === 0) reader.fail('an element segment without a table', start)
    constant(reader, draft)
  }
  let type: ValueType = 'funcref'
  if ((flags & 3) !== 0) {
    if (expressions) type = valueType(reader)
    else if (reader.byte('a kind of element') !== 0) reader.fail('an unknown kind of element', reader.position - 1)
  }
  const length = reader.count('elements')
  const functions: number[] = []
  for (let left = length; left > 0; left--) {
    if (expressions) for (const each of constant(reader, draft).functions) functions.push(each)
    else functions.push(index(reader, 'function', draft.functions.length))
  }
  for (const functionIndex of functions) draft.referredFunctions.add(functionIndex)
  const mode = active ? 'active' : explicit ? 'declarative' : 'passive'
  return { mode, table, type, length, functions, range: { start, end: reader.position } }
}

/** Reads a data segment. Its flags: 1 passive, 2 explicit memory. */
export function dataSegment(reader: Reader, draft: Draft): DataSegment {
  const at = reader.position
  const flags = reader.u32('a data segment')
  if (flags > 2) reader.fail(`${flags} is not a kind of data segment`, at)
  const mode = flags === 1 ? 'passive' : 'active'
  let memory = 0
  let offset: ByteRange | undefined
  if (mode === 'active') {
    if (flags === 2) memory = index(reader, 'memory', draft.memories.length)
    else if (draft.memories.length === 0) reader.fail('a data segment without a memory', at)
    offset = constant(reader, draft)
  }
  return {
    mode,
    memory,
    ...(offset !== undefined && { offset }),
    range: reader.skip(reader.u32('the length of a data segment'), 'a data segment'),
  }
}
