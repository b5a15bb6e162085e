import { EXPORT } from '../../abi/exports.ts'
import { MAX_PAGES, type NumberType, PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { constantExpression } from '../decode/constant-expression.ts'
import { limits, valueType } from '../decode/value-types.ts'
import {
  type DecodedModule,
  exportedFunction,
  type FunctionType,
  importedGlobals,
  type Section,
  type SizeLimits,
} from '../format/module.ts'
import { OPCODE, VALUE_TYPE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { RESERVED } from '../format/reserved.ts'
import * as SECTION from '../format/section.ts'
import { Writer } from '../format/writer.ts'
import type { Additions } from './additions.ts'

/** The initial and maximum size of a memory in pages, or of a table in elements. */
export interface BoundedLimits {
  readonly minimum: number
  readonly maximum: number
}

/** A function that is appended to the module. */
export interface AppendedFunction {
  /** The reserved name under which it is exported; `undefined` if it is not. */
  readonly name: string | undefined
  /** The index of its type. */
  readonly type: number
  /** Writes its locals and instructions. */
  readonly write: (out: Writer) => void
}

const MEMORY = 2
const FUNCTION_TYPE = 0x60
const HAS_MAXIMUM = 1
const EXPORT_KINDS = { func: 0, table: 1, memory: 2, global: 3, tag: 4 } as const
const GLOBAL = 3
/** The value types that JavaScript can neither read nor write. */
const OPAQUE = ['v128', 'exnref', 'nullexnref']

function sectionOf(module: DecodedModule, id: number): Section | undefined {
  return module.sections.find((section) => section.id === id)
}

/** Begins a section with the entries that the module has in it, and a number of others that will follow. */
export function extendSection(module: DecodedModule, id: number, added: number): Writer {
  const section = sectionOf(module, id)
  const out = new Writer()
  if (section === undefined) return out.u32(added)
  const reader = new Reader(module.bytes, section.payload)
  return out.u32(reader.count('entries') + added).range(module.bytes, reader.position, reader.end)
}

/** Returns the memory that the module exports as `memory`. */
export function exportedMemory(module: DecodedModule): { readonly index: number; readonly memory: SizeLimits } | undefined {
  const index = module.exports.find((entry) => entry.kind === 'memory' && entry.name === EXPORT.memory)?.index
  const memory = index === undefined ? undefined : module.memories[index]
  return index === undefined || memory === undefined ? undefined : { index, memory }
}

/** Exports that take text beside other numbers. */
const PASSED_TEXT: readonly string[] = [EXPORT.migrateState, EXPORT.onResponse]

/** Returns whether the host may pass text to the script and the script has no `alloc`. */
function needsArena(module: DecodedModule): boolean {
  if (exportedMemory(module) === undefined || exportedFunction(module, EXPORT.alloc) !== undefined) return false
  const takesText = (index: number): boolean => module.functions[index]?.params.join() === 'i32,i32'
  return module.exports.some(({ kind, name, index }) => kind === 'func' && (PASSED_TEXT.includes(name) || takesText(index)))
}

/**
 * Returns the sizes of the memories that a module defines, within the limit. The pages of the arena are added to both sizes of
 * the exported memory. Throws `TooLarge`, `InvalidBinary`.
 */
export function boundMemories(module: DecodedModule, memoryPages: number, arenaPages: number): readonly BoundedLimits[] {
  const imported = module.imports.filter((entry) => entry.kind === 'memory').length
  const declared = module.memories.slice(imported)
  return bounded('memory', declared, memoryPages, 'limits.memoryPages').map(({ minimum, maximum }, index) => {
    const added = imported + index === exportedMemory(module)?.index ? arenaPages : 0
    return { minimum: minimum + added, maximum: Math.min(MAX_PAGES, maximum + added) }
  })
}

/** Divides a limit between memories or tables: each gets its initial size and an equal part of the rest. */
function bounded(what: 'memory' | 'table', declared: readonly SizeLimits[], limit: number, option: string): readonly BoundedLimits[] {
  let first = 0
  for (const { shared, wide, minimum } of declared) {
    if (shared) throw new ScriptError('InvalidBinary', `its ${what} is shared, which scripts cannot have; declare it without shared`)
    if (wide) throw new ScriptError('InvalidBinary', `its ${what} is addressed by i64, which scripts cannot have; use i32`)
    first += minimum
  }
  if (first > limit) {
    const size = what === 'memory' ? `memories have ${first} pages` : `tables have ${first} elements`
    throw new ScriptError('TooLarge', `its ${size} at the start, the limit is ${limit} (${option})`)
  }
  const part = Math.floor((limit - first) / declared.length)
  return declared.map(({ minimum, maximum }) => ({ minimum, maximum: Math.min(maximum ?? limit, minimum + part) }))
}

/** The imports that rewriting adds to a module. */
export interface ImportAdditions {
  /** The module's own memories, which become imports. */
  readonly memories: readonly BoundedLimits[]
  readonly usesHostMemory: boolean
  /** Whether the module shares a budget with other modules of one program. */
  readonly isLinked: boolean
}

/**
 * Returns the import section: the module's imports, the globals of a shared budget, the module's own memories and the host's
 * memory. Each memory keeps its index. The host's memory comes last, so that no instruction of the module can name it: the
 * module was validated without it.
 */
export function importSection(module: DecodedModule, additions: ImportAdditions): Uint8Array {
  const { memories, usesHostMemory, isLinked } = additions
  const added = memories.length + (usesHostMemory ? 1 : 0) + (isLinked ? METERS.length : 0)
  const out = extendSection(module, SECTION.import, added)
  if (isLinked) for (const name of METERS) out.name(RESERVED.module).name(name).byte(GLOBAL).byte(VALUE_TYPE.i32).byte(1)
  for (const [index, { minimum, maximum }] of memories.entries()) {
    out.name(RESERVED.module).name(`${RESERVED.memory}${index}`).byte(MEMORY).byte(HAS_MAXIMUM).u32(minimum).u32(maximum)
  }
  if (usesHostMemory) out.name(RESERVED.module).name(RESERVED.hostMemory).byte(MEMORY).byte(0).u32(0)
  return out.view()
}

/** Returns the memory section. */
export function memorySection(memories: readonly BoundedLimits[]): Uint8Array {
  const out = new Writer().u32(memories.length)
  for (const { minimum, maximum } of memories) out.byte(HAS_MAXIMUM).u32(minimum).u32(maximum)
  return out.view()
}

/** Returns the table section with bounded sizes; `undefined` if the module has none. */
export function tableSection(module: DecodedModule, tableElements: number): Uint8Array | undefined {
  const section = sectionOf(module, SECTION.table)
  if (section === undefined) return undefined
  const reader = new Reader(module.bytes, section.payload)
  const count = reader.count('tables')
  const defined = module.tables.slice(module.tables.length - count).map((table) => table.limits)
  const sizes = [...bounded('table', defined, tableElements, 'limits.tableElements')]
  const out = new Writer().u32(count)
  for (let left = count; left > 0; left--) {
    const start = reader.position
    const initialised = reader.peek() === 0x40
    if (initialised) reader.skip(2, 'a table')
    valueType(reader)
    out.bytes(module.bytes.subarray(start, reader.position))
    limits(reader, 'a table')
    const { minimum, maximum } = sizes.shift() as BoundedLimits
    out.byte(HAS_MAXIMUM).u32(minimum).u32(maximum)
    if (!initialised) continue
    const initializer = constantExpression(reader)
    out.bytes(module.bytes.subarray(initializer.start, initializer.end))
  }
  return out.view()
}

/** The globals of metering, in the order of their indices. */
const METERS = [RESERVED.fuel, RESERVED.depth, RESERVED.fault, RESERVED.operand, RESERVED.pages] as const

/** More pages than memories can have: the initial value of the global of pages. */
export const ANY_PAGES: number = 2 ** 31 - 1

/** Returns the indices of the globals of metering: after the module's own globals, or after its imported ones if it is linked. */
export function metersOf(module: DecodedModule, isLinked: boolean): Omit<Additions, 'memory' | 'catches'> {
  const first = isLinked ? importedGlobals(module) : module.globals.length
  const globalShift = isLinked ? METERS.length : 0
  return { fuel: first, depth: first + 1, fault: first + 2, operand: first + 3, pages: first + 4, globalShift }
}

/** Returns the global section: the module's globals and those of metering. */
export function globalSection(module: DecodedModule): Uint8Array {
  const out = extendSection(module, SECTION.global, METERS.length)
  for (const name of METERS)
    out
      .byte(VALUE_TYPE.i32)
      .byte(1)
      .byte(OPCODE.i32Const)
      .s32(name === RESERVED.pages ? ANY_PAGES : 0)
      .byte(OPCODE.end)
  return out.view()
}

/** Returns the export section: the module's exports and those with which the runtime runs, saves and restores the script. */
export function exportSection(module: DecodedModule, appended: readonly AppendedFunction[], isLinked: boolean): Uint8Array {
  const { fuel, globalShift } = metersOf(module, isLinked)
  const firstOwn = importedGlobals(module)
  const shifted = (index: number): number => (index < firstOwn ? index : index + globalShift)
  const added: [string, keyof typeof EXPORT_KINDS, number][] = module.exports.map(({ name, kind, index }) => [
    name,
    kind,
    kind === 'global' ? shifted(index) : index,
  ])
  if (!isLinked) for (const [place, name] of METERS.entries()) added.push([name, 'global', fuel + place])
  if (module.start !== undefined) added.push([RESERVED.start, 'func', module.start])
  for (const [index, { name }] of appended.entries()) {
    if (name !== undefined) added.push([name, 'func', module.functions.length + index])
  }
  for (const [index, { mutable, value }] of module.globals.entries()) {
    if (mutable && !OPAQUE.includes(value) && !value.includes('exn')) added.push([`${RESERVED.global}${index}`, 'global', shifted(index)])
  }
  for (const index of module.memories.keys()) added.push([`${RESERVED.memory}${index}`, 'memory', index])
  for (const [index, { element }] of module.tables.entries()) {
    if (!OPAQUE.includes(element) && !element.includes('exn')) added.push([`${RESERVED.table}${index}`, 'table', index])
  }
  const out = new Writer().u32(added.length)
  for (const [name, kind, index] of added) out.name(name).byte(EXPORT_KINDS[kind]).u32(index)
  return out.view()
}

/** Returns the type section: the module's types and `types`, which consist of numbers. */
export function typeSection(module: DecodedModule, types: readonly FunctionType[]): Uint8Array {
  const out = extendSection(module, SECTION.type, types.length)
  for (const { params, results } of types) {
    out.byte(FUNCTION_TYPE)
    for (const list of [params, results]) {
      out.u32(list.length)
      for (const type of list) out.byte(VALUE_TYPE[type as NumberType])
    }
  }
  return out.view()
}

/** Returns the function section: the module's functions and the appended ones. */
export function functionSection(module: DecodedModule, appended: readonly AppendedFunction[]): Uint8Array {
  const out = extendSection(module, SECTION.function, appended.length)
  for (const { type } of appended) out.u32(type)
  return out.view()
}

/** Returns the pages of the arena, which holds one JSON text; 0 if the module needs no arena. */
export function arenaPagesOf(module: DecodedModule, jsonBytes: number): number {
  return needsArena(module) ? Math.ceil(jsonBytes / PAGE_BYTES) : 0
}
