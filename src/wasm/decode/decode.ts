import { checkCount, checkImportedParameters, checkLocals, MAX_NAME_LENGTH } from '../format/bounds.ts'
import type { ByteRange, DecodedModule, FunctionType, ImportDescription, ModuleExport, ModuleImport, Section } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import * as SECTION from '../format/section.ts'
import { constant, createDraft, type Draft, index } from './draft.ts'
import { decodeNames } from './name-section.ts'
import { dataSegment, elementSegment } from './segments.ts'
import { globalType, limits, recursiveTypes, tableType } from './value-types.ts'

/** The order of sections, custom ones aside. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
const KINDS = ['func', 'table', 'memory', 'global', 'tag'] as const

/** Returns whether bytes begin like a WebAssembly binary. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d
}

/**
 * Reads a module's structure: everything but the instructions of functions, which are left as ranges. Throws `InvalidBinary`
 * for a malformed structure, with what is wrong and the offset; the engine validates the instructions. Throws `TooLarge` for
 * more entries than {@link MAX_COUNTS}.
 *
 * https://webassembly.github.io/spec/core/binary/modules.html
 */
export function decodeModule(bytes: Uint8Array<ArrayBuffer>): DecodedModule {
  const draft = createDraft(bytes)
  const reader = new Reader(bytes)
  readSections(reader, draft)
  if (draft.bodies.length !== draft.defined) {
    reader.fail(`${draft.defined} functions are declared and there are ${draft.bodies.length} bodies`)
  }
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    reader.fail(`the data count section counts ${draft.dataCount} data segments and there are ${draft.data.length}`)
  }
  checkLocals(draft)
  checkImportedParameters(draft.imports)
  const { sections, types, imports, functions, tables, memories, globals, exports, elements, data, bodies } = draft
  const { start, allocatesAt, constantGlobals, referredFunctions } = draft
  const imported = functions.length - draft.defined
  const nameSection = sections.find((section) => section.name === 'name')
  // Written out, since engines give objects of a spread several hidden classes, and compile what reads them for each.
  return {
    bytes,
    sections,
    types,
    imports,
    functions,
    tables,
    memories,
    globals,
    exports,
    elements,
    data,
    bodies,
    names: decodeNames(bytes, nameSection),
    referredFunctions,
    referredImports: new Set([...referredFunctions].filter((index) => index < imported)),
    constantGlobals,
    ...(start !== undefined && { start }),
    ...(allocatesAt !== undefined && { allocatesAt }),
  }
}

/** Returns the imports of a module, and reads no further than them. Throws `InvalidBinary`, `TooLarge`. */
export function decodeImports(bytes: Uint8Array<ArrayBuffer>): readonly ModuleImport[] {
  const draft = createDraft(bytes)
  readSections(new Reader(bytes), draft, SECTION.import)
  return draft.imports
}

/** Returns the bytes of the import section, none if there is no such section. Throws `InvalidBinary`. */
export function importBytes(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes)
  reader.skip(8, 'the magic number and the version')
  while (!reader.done) {
    const { id, payload } = readSection(reader)
    if (id === SECTION.import) return bytes.subarray(payload.start, payload.end)
    if (id > SECTION.import) break
  }
  return bytes.subarray(0, 0)
}

/** Reads the sections up to a section, in their order; all by default. */
function readSections(reader: Reader, draft: Draft, last: number = SECTION.data): void {
  const { bytes } = draft
  const lastRank = SECTION_ORDER.indexOf(last)
  if (!isBinary(bytes)) reader.fail('the bytes do not begin with \\0asm')
  reader.skip(4, 'the magic number')
  const version = reader.skip(4, 'the version')
  if (bytes[version.start] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    reader.fail('this is not a core module of version 1', version.start)
  }
  let rank = -1
  while (!reader.done) {
    const section = readSection(reader)
    draft.sections.push(section)
    if (section.id === SECTION.custom) continue
    const next = SECTION_ORDER.indexOf(section.id)
    if (next > lastRank) return
    if (next < 0) reader.fail(`there is no section ${section.id}`, section.header.start)
    if (next <= rank) reader.fail(`section ${section.id} is out of order or repeated`, section.header.start)
    rank = next
    const content = new Reader(bytes, section.payload)
    SECTION_READERS[section.id]?.(content, draft)
    if (!content.done) content.fail(`section ${section.id} has ${content.end - content.position} bytes too many`)
  }
}

function readSection(reader: Reader): Section {
  const start = reader.position
  const id = reader.byte('a section')
  const size = reader.u32('the size of a section')
  const payload = reader.skip(size, `section ${id}`)
  const header: ByteRange = { start, end: payload.start }
  if (id !== SECTION.custom) return { id, header, payload }
  return { id, name: new Reader(reader.bytes, payload).name('the name of a section'), header, payload }
}

function entries(reader: Reader, what: string, read: () => void): void {
  const count = reader.count(what)
  checkCount(what, count)
  for (let left = count; left > 0; left--) read()
}

function name(reader: Reader, what: string): string {
  const read = reader.name(what)
  if (read.length > MAX_NAME_LENGTH) checkCount(`characters in ${what}`, read.length, MAX_NAME_LENGTH)
  return read
}

function functionType(reader: Reader, draft: Draft): { typeIndex: number; type: FunctionType } {
  const at = reader.position
  const typeIndex = index(reader, 'type', draft.types.length)
  const type = draft.types[typeIndex]
  return type === undefined ? reader.fail(`type ${typeIndex} is not a function type`, at) : { typeIndex, type }
}

function tagType(reader: Reader, draft: Draft): number {
  if (reader.byte('a tag') !== 0) reader.fail('an unknown kind of tag', reader.position - 1)
  draft.tags++
  return functionType(reader, draft).typeIndex
}

function importDescription(reader: Reader, draft: Draft): ImportDescription {
  const at = reader.position
  const kind = KINDS[reader.byte('an import')]
  switch (kind) {
    case 'func': {
      const found = functionType(reader, draft)
      draft.functions.push(found.type)
      return { kind, ...found }
    }
    case 'table': {
      const table = tableType(reader)
      draft.tables.push(table)
      return { kind, table }
    }
    case 'memory': {
      const memory = limits(reader, 'a memory')
      draft.memories.push(memory)
      return { kind, memory }
    }
    case 'global': {
      const global = globalType(reader)
      draft.globals.push(global)
      return { kind, global }
    }
    case 'tag':
      return { kind, typeIndex: tagType(reader, draft) }
    default:
      return reader.fail('an unknown kind of import', at)
  }
}

function exportEntry(reader: Reader, draft: Draft, names: Set<string>): ModuleExport {
  const at = reader.position
  const exportName = name(reader, 'the name of an export')
  if (names.has(exportName)) reader.fail(`two exports are named '${exportName}'`, at)
  names.add(exportName)
  const kind = KINDS[reader.byte('an export')]
  if (kind === undefined) reader.fail(`an unknown kind of export, '${exportName}'`, at)
  const spaces = {
    func: draft.functions.length,
    table: draft.tables.length,
    memory: draft.memories.length,
    global: draft.globals.length,
    tag: draft.tags,
  }
  const exported = index(reader, kind, spaces[kind])
  if (kind === 'func') draft.referredFunctions.add(exported)
  return { name: exportName, kind, index: exported }
}

function tableEntry(reader: Reader, draft: Draft): void {
  const initialised = reader.peek() === 0x40
  if (initialised) {
    reader.position++
    if (reader.byte('a table') !== 0) reader.fail('an unknown kind of table', reader.position - 1)
  }
  draft.tables.push(tableType(reader))
  if (initialised) constant(reader, draft)
}

const SECTION_READERS: Readonly<Record<number, (reader: Reader, draft: Draft) => void>> = {
  [SECTION.type]: (reader, draft) => entries(reader, 'types', () => recursiveTypes(reader, draft.types)),
  [SECTION.import]: (reader, draft) =>
    entries(reader, 'imports', () => {
      const module = name(reader, 'the module of an import')
      const field = name(reader, 'the name of an import')
      draft.imports.push({ module, name: field, ...importDescription(reader, draft) })
    }),
  [SECTION.function]: (reader, draft) =>
    entries(reader, 'functions', () => {
      draft.functions.push(functionType(reader, draft).type)
      draft.defined++
    }),
  [SECTION.table]: (reader, draft) => entries(reader, 'tables', () => tableEntry(reader, draft)),
  [SECTION.memory]: (reader, draft) => entries(reader, 'memories', () => draft.memories.push(limits(reader, 'a memory'))),
  [SECTION.tag]: (reader, draft) => entries(reader, 'tags', () => tagType(reader, draft)),
  [SECTION.global]: (reader, draft) =>
    entries(reader, 'globals', () => {
      const { value, mutable } = globalType(reader)
      draft.globals.push({ value, mutable, initializer: constant(reader, draft) })
    }),
  [SECTION.export]: (reader, draft) => {
    const names = new Set<string>()
    entries(reader, 'exports', () => draft.exports.push(exportEntry(reader, draft, names)))
  },
  [SECTION.start]: (reader, draft) => {
    draft.start = index(reader, 'function', draft.functions.length)
  },
  [SECTION.element]: (reader, draft) => entries(reader, 'element segments', () => draft.elements.push(elementSegment(reader, draft))),
  [SECTION.dataCount]: (reader, draft) => {
    draft.dataCount = reader.u32('the number of data segments')
  },
  [SECTION.code]: (reader, draft) =>
    entries(reader, 'function bodies', () => {
      const size = reader.u32('the size of a function body')
      draft.bodies.push({ body: reader.skip(size, 'a function body') })
    }),
  [SECTION.data]: (reader, draft) => entries(reader, 'data segments', () => draft.data.push(dataSegment(reader, draft))),
}
