import { MAX_PAGES, type NumberType, PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { constantExpression } from '../decode/constant-expression.ts'
import { SECTION } from '../decode/decode.ts'
import { limits, valueType } from '../decode/value-types.ts'
import { type DecodedModule, exportedFunction, type FunctionType, importedGlobals, type Limits, type Section } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import { RESERVED } from '../format/reserved.ts'
import { Writer } from '../format/writer.ts'
import type { Additions } from './additions.ts'

/** Sizes of a memory in pages, both of which are known. */
export interface BoundedLimits {
  readonly minimum: number
  readonly maximum: number
}

/** A function that is put behind those of the module, and exported under a name of the runtime's. */
export interface AppendedFunction {
  readonly name: string
  /** The index of its type. */
  readonly type: number
  /** Writes its local variables and instructions. */
  readonly write: (out: Writer) => void
}

const MEMORY = 2
const I32 = 0x7f
const I32_CONST = 0x41
const END = 0x0b
const FUNCTION_TYPE = 0x60
const NUMBER_TYPES: Readonly<Record<NumberType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c }
const HAS_MAXIMUM = 1
const EXPORT_KINDS = { func: 0, table: 1, memory: 2, global: 3, tag: 4 } as const
const GLOBAL = 3
/** Types of globals that JavaScript can neither read nor write. */
const OPAQUE = ['v128', 'exnref', 'nullexnref']

function sectionOf(module: DecodedModule, id: number): Section | undefined {
  return module.sections.find((section) => section.id === id)
}

/** A section's entries after their number, as they are. */
function entriesOf(module: DecodedModule, id: number): { readonly count: number; readonly bytes: Uint8Array } {
  const section = sectionOf(module, id)
  if (section === undefined) return { count: 0, bytes: new Uint8Array() }
  const reader = new Reader(module.bytes, section.payload)
  const count = reader.count('entries')
  return { count, bytes: module.bytes.subarray(reader.position, reader.end) }
}

export function exportedMemory(module: DecodedModule): { readonly index: number; readonly memory: Limits } | undefined {
  const index = module.exports.find((entry) => entry.kind === 'memory' && entry.name === 'memory')?.index
  const memory = index === undefined ? undefined : module.memories[index]
  return index === undefined || memory === undefined ? undefined : { index, memory }
}

/** Whether the host passes text to a script that cannot hand out room for it: its memory is exported, and no `alloc`. */
function needsArena(module: DecodedModule): boolean {
  if (exportedMemory(module) === undefined || exportedFunction(module, 'alloc') !== undefined) return false
  return module.exports.some((entry) => entry.kind === 'func' && module.functions[entry.index]?.params.join() === 'i32,i32')
}

/**
 * The sizes of the memories that a module defines. One that needs the arena gets its pages at once, and may still grow as
 * far as before. Throws `TooLarge`, `InvalidBinary`.
 */
export function boundMemories(module: DecodedModule, memoryPages: number, arenaPages: number): readonly BoundedLimits[] {
  const imported = module.imports.filter((entry) => entry.kind === 'memory').length
  const declared = module.memories.slice(imported)
  return bounded('memory', declared, memoryPages, 'limits.memoryPages').map(({ minimum, maximum }, index) => {
    const added = imported + index === exportedMemory(module)?.index ? arenaPages : 0
    return { minimum: minimum + added, maximum: Math.min(MAX_PAGES, maximum + added) }
  })
}

/** What all of one kind may have in common is shared out: each has what it begins with, and the same part of the rest. */
function bounded(what: string, declared: readonly Limits[], most: number, limit: string): readonly BoundedLimits[] {
  let first = 0
  for (const { shared, wide, minimum } of declared) {
    if (shared) throw new ScriptError('InvalidBinary', `its ${what} is shared, which scripts cannot have; declare it without shared`)
    if (wide) throw new ScriptError('InvalidBinary', `its ${what} is addressed by i64, which scripts cannot have; use i32`)
    first += minimum
  }
  if (first > most) throw new ScriptError('TooLarge', `its ${what} begins with ${first}, the limit is ${most} (${limit})`)
  const part = Math.floor((most - first) / declared.length)
  return declared.map(({ minimum, maximum }) => ({ minimum, maximum: Math.min(maximum ?? most, minimum + part) }))
}

/** What a module imports beside its own imports. */
export interface ImportAdditions {
  /** Memories of its own, which become imports. */
  readonly memories: readonly BoundedLimits[]
  readonly usesHostMemory: boolean
  /** Whether it spends the budget of a program of several modules. */
  readonly isLinked: boolean
}

/**
 * The module's imports, and behind them the globals of a budget that it shares, its own memories, as imports, and the host's
 * memory. So each memory keeps its index, and the host's memory has one that no instruction of the module names: it was
 * valid when there were only the others.
 */
export function importSection(module: DecodedModule, additions: ImportAdditions): Uint8Array {
  const { memories, usesHostMemory, isLinked } = additions
  const { count, bytes } = entriesOf(module, SECTION.import)
  const added = memories.length + (usesHostMemory ? 1 : 0) + (isLinked ? METERS.length : 0)
  const out = new Writer().u32(count + added).bytes(bytes)
  if (isLinked) for (const name of METERS) out.name(RESERVED.module).name(name).byte(GLOBAL).byte(I32).byte(1)
  for (const [index, { minimum, maximum }] of memories.entries()) {
    out.name(RESERVED.module).name(`${RESERVED.memory}${index}`).byte(MEMORY).byte(HAS_MAXIMUM).u32(minimum).u32(maximum)
  }
  if (usesHostMemory) out.name(RESERVED.module).name(RESERVED.hostMemory).byte(MEMORY).byte(0).u32(0)
  return out.finish()
}

export function memorySection(memories: readonly BoundedLimits[]): Uint8Array {
  const out = new Writer().u32(memories.length)
  for (const { minimum, maximum } of memories) out.byte(HAS_MAXIMUM).u32(minimum).u32(maximum)
  return out.finish()
}

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
  return out.finish()
}

/** The globals that metering counts in, in the order of their indices. */
const METERS = [RESERVED.fuel, RESERVED.depth, RESERVED.fault, RESERVED.operand] as const

/**
 * The indices of the globals that metering counts in: behind the module's own, or, where a program of several modules shares
 * them, behind its imports.
 */
export function metersOf(module: DecodedModule, isLinked: boolean): Omit<Additions, 'memory' | 'catches'> {
  const first = isLinked ? importedGlobals(module) : module.globals.length
  return { fuel: first, depth: first + 1, fault: first + 2, operand: first + 3, globalShift: isLinked ? METERS.length : 0 }
}

/** The module's globals, and behind them those that metering counts in. */
export function globalSection(module: DecodedModule): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.global)
  const out = new Writer().u32(count + METERS.length).bytes(bytes)
  for (const _ of METERS) out.byte(I32).byte(1).byte(I32_CONST).s32(0).byte(END)
  return out.finish()
}

/** The module's exports, and behind them what the runtime needs to hold the script's whole state, and to run it. */
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
  for (const [index, { name }] of appended.entries()) added.push([name, 'func', module.functions.length + index])
  for (const [index, { mutable, value }] of module.globals.entries()) {
    if (mutable && !OPAQUE.includes(value) && !value.includes('exn')) added.push([`${RESERVED.global}${index}`, 'global', shifted(index)])
  }
  for (const index of module.memories.keys()) added.push([`${RESERVED.memory}${index}`, 'memory', index])
  for (const [index, { element }] of module.tables.entries()) {
    if (!OPAQUE.includes(element) && !element.includes('exn')) added.push([`${RESERVED.table}${index}`, 'table', index])
  }
  const out = new Writer().u32(added.length)
  for (const [name, kind, index] of added) out.name(name).byte(EXPORT_KINDS[kind]).u32(index)
  return out.finish()
}

/** The module's types, and behind them others, of numbers. */
export function typeSection(module: DecodedModule, types: readonly FunctionType[]): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.type)
  const out = new Writer().u32(count + types.length).bytes(bytes)
  for (const { params, results } of types) {
    out.byte(FUNCTION_TYPE)
    for (const list of [params, results]) {
      out.u32(list.length)
      for (const type of list) out.byte(NUMBER_TYPES[type as NumberType])
    }
  }
  return out.finish()
}

/** The types of the module's functions, and behind them those of others. */
export function functionSection(module: DecodedModule, appended: readonly AppendedFunction[]): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.function)
  const out = new Writer().u32(count + appended.length).bytes(bytes)
  for (const { type } of appended) out.u32(type)
  return out.finish()
}

/** Pages of the arena, which has room for one JSON text. */
export function arenaPagesOf(module: DecodedModule, jsonBytes: number): number {
  return needsArena(module) ? Math.ceil(jsonBytes / PAGE_BYTES) : 0
}
