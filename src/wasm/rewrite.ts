import { MOST_PAGES, PAGE_BYTES } from '../abi.ts'
import { ScriptError } from '../errors.ts'
import { type Accessors, findCharges } from './charges.ts'
import { SECTION, SECTION_ORDER } from './decode.ts'
import { constantExpression } from './decode-expression.ts'
import { limits, valueType } from './decode-types.ts'
import { type Meters, meterBody } from './meter.ts'
import { Reader } from './reader.ts'
import { type ByteRange, type DecodedModule, exportedFunction, type Limits, type Section } from './types.ts'
import { Writer } from './writer.ts'

/** What a rewritten module exports for the runtime alone, and the import by which it gets the ECS memory. */
export const RESERVED = {
  prefix: 'bitscript:',
  fuel: 'bitscript:fuel',
  depth: 'bitscript:depth',
  fault: 'bitscript:fault',
  start: 'bitscript:start',
  module: 'bitscript',
  memory: 'memory',
} as const

export interface RewriteOptions {
  /** Pages that a memory may have. */
  readonly memoryPages: number
  /** Elements that a table may have. */
  readonly tableElements: number
  /** Bytes of one JSON text: what the host arena has room for. */
  readonly jsonBytes: number
  /** Imports whose calls become loads and stores on columns, in a module without a memory of its own. @default none */
  readonly accessors?: Accessors
}

/** A module that is metered and bounded, and hands its start function to the runtime. */
export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where the host arena lies in its memory; `undefined` if it needs none. */
  readonly arena: ByteRange | undefined
  /** Whether any function counts its depth, so that the depth has to be set to 0 before each call from outside. */
  readonly countsDepth: boolean
  /** Whether it imports the ECS memory. */
  readonly usesEcsMemory: boolean
}

/** Local variables that a function may have, as engines have it, less those that metering adds. */
const MOST_LOCALS = 50_000 - 6
const MEMORY_IMPORT = 2
const GLOBAL_EXPORT = 3
const FUNCTION_EXPORT = 0
const I32 = 0x7f
const I32_CONST = 0x41
const END = 0x0b

/**
 * Rewrites a module that the engine has found valid: its functions spend fuel, its memories and tables keep to the
 * limits, and its start function is an export, to be called once the fuel is set. Nothing shifts: globals and exports are
 * appended. The result is a function of the arguments alone.
 *
 * Throws `InvalidBinary` for instructions that scripts may not use, `TooLarge`.
 */
export function rewriteModule(module: DecodedModule, options: RewriteOptions): RewrittenModule {
  for (const { name } of module.exports) {
    if (name.startsWith(RESERVED.prefix)) throw new ScriptError('InvalidBinary', `it exports '${name}', a name kept for the runtime`)
  }
  const arenaPages = needsArena(module) ? Math.ceil(options.jsonBytes / PAGE_BYTES) : 0
  const globals = module.globals.length
  const meters = { fuel: globals, depth: globals + 1, fault: globals + 2 }
  // A module with a memory of its own could name the ECS memory by an index only if it were given a second one.
  const accessors: Accessors = module.memories.length === 0 ? (options.accessors ?? new Map()) : new Map()
  const usesEcsMemory = accessors.size > 0
  const payloads = new Map<number, Uint8Array>()
  payloads.set(SECTION.global, globalSection(module))
  payloads.set(SECTION.export, exportSection(module, meters))
  const memories = memorySection(module, options, arenaPages)
  if (memories !== undefined) payloads.set(SECTION.memory, memories)
  const tables = tableSection(module, options)
  if (tables !== undefined) payloads.set(SECTION.table, tables)
  if (usesEcsMemory) payloads.set(SECTION.import, importSection(module))
  const code = codeSection(module, meters, accessors)
  if (module.bodies.length > 0) payloads.set(SECTION.code, code.bytes)
  const start = (exportedMemory(module)?.memory.minimum ?? 0) * PAGE_BYTES
  const arena = arenaPages === 0 ? undefined : { start, end: start + arenaPages * PAGE_BYTES }
  return { bytes: assemble(module, payloads), arena, countsDepth: code.countsDepth, usesEcsMemory }
}

function exportedMemory(module: DecodedModule): { readonly index: number; readonly memory: Limits } | undefined {
  const index = module.exports.find((entry) => entry.kind === 'memory' && entry.name === 'memory')?.index
  const memory = index === undefined ? undefined : module.memories[index]
  return index === undefined || memory === undefined ? undefined : { index, memory }
}

/** Whether the host passes text to a script that cannot hand out room for it: its memory is exported, and no `alloc`. */
function needsArena(module: DecodedModule): boolean {
  if (exportedMemory(module) === undefined || exportedFunction(module, 'alloc') !== undefined) return false
  return module.exports.some((entry) => entry.kind === 'func' && module.functions[entry.index]?.params.join() === 'i32,i32')
}

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

/**
 * The module's imports, and behind them the ECS memory. It is the module's first and only one, and the module was valid
 * without any: so none of its own instructions, which all name a memory, can reach it. Only what is written here can.
 */
function importSection(module: DecodedModule): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.import)
  const out = new Writer().u32(count + 1).bytes(bytes)
  return out.name(RESERVED.module).name(RESERVED.memory).byte(MEMORY_IMPORT).byte(0).u32(0).finish()
}

/** The module's globals, and behind them the fuel, the depth and the fault. */
function globalSection(module: DecodedModule): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.global)
  const out = new Writer().u32(count + 3).bytes(bytes)
  for (let meter = 0; meter < 3; meter++) out.byte(I32).byte(1).byte(I32_CONST).s32(0).byte(END)
  return out.finish()
}

function exportSection(module: DecodedModule, meters: Meters): Uint8Array {
  const { count, bytes } = entriesOf(module, SECTION.export)
  const out = new Writer().u32(count + (module.start === undefined ? 3 : 4)).bytes(bytes)
  out.name(RESERVED.fuel).byte(GLOBAL_EXPORT).u32(meters.fuel)
  out.name(RESERVED.depth).byte(GLOBAL_EXPORT).u32(meters.depth)
  out.name(RESERVED.fault).byte(GLOBAL_EXPORT).u32(meters.fault)
  if (module.start !== undefined) out.name(RESERVED.start).byte(FUNCTION_EXPORT).u32(module.start)
  return out.finish()
}

/** Bounds every memory. One that needs the arena gets its pages at once, and may still grow as far as before. */
function memorySection(module: DecodedModule, { memoryPages }: RewriteOptions, arenaPages: number): Uint8Array | undefined {
  if (sectionOf(module, SECTION.memory) === undefined) return undefined
  const imported = module.imports.filter((entry) => entry.kind === 'memory').length
  const defined = module.memories.slice(imported)
  const out = new Writer().u32(defined.length)
  for (const [index, memory] of defined.entries()) {
    const added = imported + index === exportedMemory(module)?.index ? arenaPages : 0
    const maximum = boundedMaximum('memory', memory, memoryPages, 'limits.memoryPages')
    out
      .byte(1)
      .u32(memory.minimum + added)
      .u32(Math.min(MOST_PAGES, maximum + added))
  }
  return out.finish()
}

function tableSection(module: DecodedModule, { tableElements }: RewriteOptions): Uint8Array | undefined {
  const section = sectionOf(module, SECTION.table)
  if (section === undefined) return undefined
  const reader = new Reader(module.bytes, section.payload)
  const count = reader.count('tables')
  const out = new Writer().u32(count)
  for (let left = count; left > 0; left--) {
    const start = reader.position
    const initialised = reader.peek() === 0x40
    if (initialised) reader.skip(2, 'a table')
    valueType(reader)
    out.bytes(module.bytes.subarray(start, reader.position))
    const table = limits(reader, 'a table')
    out
      .byte(1)
      .u32(table.minimum)
      .u32(boundedMaximum('table', table, tableElements, 'limits.tableElements'))
    if (!initialised) continue
    const initializer = constantExpression(reader)
    out.bytes(module.bytes.subarray(initializer.start, initializer.end))
  }
  return out.finish()
}

function boundedMaximum(what: string, declared: Limits, most: number, limit: string): number {
  if (declared.shared) throw new ScriptError('InvalidBinary', `its ${what} is shared, which scripts cannot have; declare it without shared`)
  if (declared.wide) throw new ScriptError('InvalidBinary', `its ${what} is addressed by i64, which scripts cannot have; use i32`)
  if (declared.minimum > most) {
    throw new ScriptError('TooLarge', `its ${what} begins with ${declared.minimum}, the limit is ${most} (${limit})`)
  }
  return Math.min(declared.maximum ?? most, most)
}

function codeSection(
  module: DecodedModule,
  meters: Meters,
  accessors: Accessors,
): { readonly bytes: Uint8Array; readonly countsDepth: boolean } {
  const imported = module.functions.length - module.bodies.length
  const out = new Writer().u32(module.bodies.length)
  let countsDepth = false
  for (const [index, body] of module.bodies.entries()) {
    const charges = findCharges(module.bytes, body, module.functions[imported + index]?.params.length ?? 0, imported, accessors)
    countsDepth ||= charges.calls
    if (charges.locals > MOST_LOCALS) {
      throw new ScriptError('TooLarge', `function ${imported + index} has ${charges.locals} local variables, the limit is ${MOST_LOCALS}`)
    }
    out.sized(() => meterBody(out, module.bytes, body, charges, meters))
  }
  return { bytes: out.finish(), countsDepth }
}

/** The module with some sections replaced or put in at their place, without its start section, and all else copied. */
function assemble(module: DecodedModule, payloads: ReadonlyMap<number, Uint8Array>): Uint8Array<ArrayBuffer> {
  const out = new Writer().bytes(module.bytes.subarray(0, 8))
  const waiting = [...payloads.keys()].sort((one, other) => SECTION_ORDER.indexOf(one) - SECTION_ORDER.indexOf(other))
  const put = (id: number): void => {
    const payload = payloads.get(id) as Uint8Array
    out.byte(id).u32(payload.length).bytes(payload)
  }
  for (const section of module.sections) {
    if (section.id !== SECTION.custom) {
      const place = SECTION_ORDER.indexOf(section.id)
      while (waiting.length > 0 && SECTION_ORDER.indexOf(waiting[0] as number) < place) put(waiting.shift() as number)
      if (waiting[0] === section.id) {
        put(waiting.shift() as number)
        continue
      }
      if (section.id === SECTION.start) continue
    }
    out.bytes(module.bytes.subarray(section.header.start, section.payload.end))
  }
  for (const id of waiting) put(id)
  return out.finish()
}
