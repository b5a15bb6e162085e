import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { Reader } from '../../../src/wasm/format/reader.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { Writer } from '../../../src/wasm/format/writer.ts'
import { assemble } from './reference-meter.ts'

/** The prefix of the exports that are added to a module. */
export const OBSERVED = 'observed:'
const KINDS = ['func', 'table', 'memory', 'global', 'tag'] as const

/** Returns the module with its memories, globals, tables and tags exported as well, so that all its state can be compared. */
export function exportEverything(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes)
  const definedTags = module.sections.find(({ id }) => id === SECTION.tag)
  const tags =
    module.imports.filter(({ kind }) => kind === 'tag').length +
    (definedTags === undefined ? 0 : new Reader(bytes, definedTags.payload).count('tags'))
  const counts = { table: module.tables.length, memory: module.memories.length, global: module.globals.length, tag: tags }
  const own = module.sections.find(({ id }) => id === SECTION.export)
  const section = new Writer().u32(module.exports.length + counts.table + counts.memory + counts.global + counts.tag)
  if (own !== undefined) {
    const reader = new Reader(bytes, own.payload)
    reader.count('exports')
    section.bytes(bytes.subarray(reader.position, reader.end))
  }
  for (const kind of ['table', 'memory', 'global', 'tag'] as const) {
    for (let index = 0; index < counts[kind]; index++) section.name(`${OBSERVED}${kind}:${index}`).byte(KINDS.indexOf(kind)).u32(index)
  }
  return assemble(module, new Map([[SECTION.export as number, section.finish()]]))
}
