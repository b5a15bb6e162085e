import { PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { checkBody } from '../format/bounds.ts'
import {
  type ArenaRange,
  type DecodedModule,
  type FunctionBody,
  type FunctionType,
  importedFunctions,
  importedGlobals,
  type MemoryWindow,
} from '../format/module.ts'
import { NO_AGGREGATES } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { RESERVED } from '../format/reserved.ts'
import * as SECTION from '../format/section.ts'
import { Writer } from '../format/writer.ts'
import type { Additions } from './additions.ts'
import type { ChargePlan } from './charge-plan.ts'
import type { Charges } from './charges.ts'
import type { DepthPassing } from './depth-passing.ts'
import { writePasser } from './depth-taker.ts'
import { type FunctionPlan, planFunctions } from './function-plans.ts'
import { hostFloats } from './host-floats.ts'
import { NO_CALLS } from './inline-call.ts'
import type { Appended, CodeReader, Inlining } from './inlining.ts'
import { meterBody } from './metered-body.ts'
import { type CodeListener, NO_PLACE } from './metered-code.ts'
import { hasOddNames, NAME_SECTION, writeNameSection } from './module-names.ts'
import { type ScannedFunctions, scanFunctions } from './scanned-functions.ts'
import {
  type AppendedFunction,
  arenaPagesOf,
  type BoundedLimits,
  boundMemories,
  exportedMemory,
  exportSection,
  functionSection,
  globalSection,
  importSection,
  memorySection,
  metersOf,
  tableSection,
  typeSection,
} from './sections.ts'
import type { TracePlan } from './trace/trace-plan.ts'
import { VECTOR_TYPES, vectorGlobals } from './vector-globals.ts'
import type { Vectorization } from './vectorization.ts'
import type { WindowCode } from './window/window.ts'
import type { WindowListener } from './window/window-body.ts'
import { writeSections } from './write-sections.ts'

/** The options of {@link rewriteModule}. */
export interface RewriteOptions {
  /** Pages that the memories of the module may have. */
  readonly memoryPages: number
  /** Elements that the tables of the module may have. */
  readonly tableElements: number
  /** Bytes of one JSON text, which the host arena must hold. */
  readonly jsonBytes: number
  /** Whether the engine supports modules with more than one memory. @default false */
  readonly manyMemories?: boolean
  /** Returns the units of fuel of a call of an import. @default 0 for each import */
  readonly priceOf?: (functionIndex: number) => number
  /** Returns whether the host may charge during a call of an import. @default false for each import */
  readonly mayCharge?: (functionIndex: number) => boolean
  /** Whether the module belongs to a program of several modules that spend one budget, in imported globals. @default false */
  readonly isLinked?: boolean
  /** The name of the module in stack traces, by which the modules of a program are told apart. @default its own */
  readonly name?: string | undefined
  /** Code of the host that accesses the memory it shares with the module. @default none */
  readonly inlining?: Inlining | undefined
  /**
   * The range of the host's memory that is to be the module's own memory, for a module of one memory on an engine that allows no second, and
   * the code that makes it so.
   * @default none
   */
  readonly window?: (MemoryWindow & WindowCode) | undefined
  /** How the module is traced, in the host's memory. There must be room for it as for inlining. @default not at all */
  readonly trace?: TracePlan | undefined
}

/** A module that is metered, whose memories and tables are bounded, and whose start function the runtime calls. */
export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The host arena; `undefined` if the module needs none. */
  readonly arena: ArenaRange | undefined
  /** Whether any function counts its depth. Then the depth must be set to 0 before each call from outside. */
  readonly countsDepth: boolean
  /** Whether any function may grow a memory. Then the global of pages must be set before each call from outside. */
  readonly growsMemory: boolean
  /** Whether the module imports the host's memory. */
  readonly usesHostMemory: boolean
  /** The maximum size of its first own memory in pages; `undefined` if it has none. */
  readonly maximumPages: number | undefined
  /** The module's own memories, if they became imports: every instance needs new ones. */
  readonly memories: readonly BoundedLimits[]
  /** Whether `update` runs on several entities at once; `undefined` if that was not tried. */
  readonly vector: Vectorization | undefined
  /** How many loops over query results run on several entities at once. */
  readonly loops: number
  /** The window that is the module's own memory; `undefined` if it has one of its own, or none. */
  readonly window: (MemoryWindow & WindowCode) | undefined
}

const NOTHING_APPENDED: Appended = { functions: [] }

/**
 * Rewrites a valid module: its functions spend fuel, its memories and tables are bounded, calls of accessors are inlined, and
 * its start function becomes an export that the runtime calls once the fuel is set. Everything is appended, so that no index
 * shifts, except for the globals of a linked module. The result depends on the arguments alone.
 *
 * Throws `InvalidBinary` for instructions that scripts may not use, `TooLarge`.
 */
export function rewriteModule(module: DecodedModule, options: RewriteOptions): RewrittenModule {
  const { rewritten } = rewrite(module, options)
  return rewritten.window === undefined ? rewritten : windowed(rewritten, rewritten.window).rewritten
}

/** Makes the module's own memory, which the rewriter made an import beside the host's, a window of that. */
export function windowed(
  rewritten: RewrittenModule,
  window: MemoryWindow & WindowCode,
  listen?: WindowListener,
): { readonly rewritten: RewrittenModule; readonly codeStart: number } {
  const { bytes, codeStart } = window.windowModule(rewritten.bytes, rewritten.memories[0]?.minimum ?? 0, window, listen)
  return { rewritten: { ...rewritten, bytes, memories: [] }, codeStart }
}

/** Rewrites a module, whose own memory is not made a window yet. `listen` returns what is called for each range of a function's code. */
export function rewrite(
  module: DecodedModule,
  options: RewriteOptions,
  listen?: (functionIndex: number) => CodeListener,
): { readonly rewritten: RewrittenModule; readonly codeStart: number } {
  refuseReserved(module)
  const { isLinked = false, priceOf = free, mayCharge = never, memoryPages, trace } = options
  const arenaPages = arenaPagesOf(module, options.jsonBytes)
  const memories = boundMemories(module, memoryPages, arenaPages)
  const window = module.memories.length === 1 && memories.length === 1 ? options.window : undefined
  const hasRoom = module.memories.length === 0 || options.manyMemories === true || window !== undefined
  const inlining = hasRoom ? options.inlining : undefined
  const calls = inlining?.calls ?? NO_CALLS
  if (isLinked) refuseOwnConstants(module)

  const firstShifted = isLinked ? importedGlobals(module) : Number.POSITIVE_INFINITY
  const plan: ChargePlan = { calls, priceOf, mayCharge, isLinked, floats: hostFloats(module, isLinked), firstShifted, memoryPages }
  const scanned = scanFunctions(module, plan)
  const catches = scanned.catches && calls.size > 0
  const { fuel, depth, fault, operand, pages, globalShift } = metersOf(module, isLinked)
  // Written out: engines give the result of a spread another hidden class now and then, and compile what reads it again.
  const additions: Additions = { fuel, depth, fault, operand, pages, globalShift, memory: module.memories.length, catches }
  const { read, passing, countsDepth } = codeReader(module, additions, plan, scanned, { listen, trace })

  const vectors = vectorGlobals(module, globalShift)
  const takers = depthTakers(module, passing, read, vectors.length > 0 ? VECTOR_TYPES.length : 0)
  const firstIndex = module.functions.length + takers.length
  const { functions: inlined, vector, replaced, loops = 0 } = inlining?.append(module, read, catches, firstIndex) ?? NOTHING_APPENDED
  const usesHostMemory = calls.size > 0 || inlined.length > 0 || trace !== undefined
  const appended = [...takers, ...inlined, ...vectors]

  const types = [...(vectors.length > 0 ? VECTOR_TYPES : []), ...passing.types]
  const payloads = changedSections(module, options, { appended, types, memories, usesHostMemory })
  if (module.bodies.length + appended.length > 0) {
    const readToWrite: CodeReader = (functionIndex) => replaced?.get(functionIndex) ?? read(functionIndex)
    payloads.set(SECTION.code, codeSection(module, appended, passing, readToWrite))
  }
  const { bytes, codeStart } = assemble(module, payloads, options.name)
  const rewritten: RewrittenModule = {
    bytes,
    arena: arenaPages === 0 ? undefined : arenaRange(module, arenaPages),
    countsDepth,
    growsMemory: scanned.growsMemory,
    usesHostMemory,
    maximumPages: usesHostMemory ? (window?.pages ?? memories[0]?.maximum) : memories[0]?.maximum,
    memories: usesHostMemory ? memories : [],
    vector,
    loops,
    window: usesHostMemory ? window : undefined,
  }
  return { rewritten, codeStart }
}

/** What a module gets beside its metered code. */
interface SectionAdditions {
  readonly appended: readonly AppendedFunction[]
  readonly types: readonly FunctionType[]
  /** The module's own memories. */
  readonly memories: readonly BoundedLimits[]
  readonly usesHostMemory: boolean
}

/** Returns the sections that are replaced or added, by their ids, except that of the code. */
function changedSections(
  module: DecodedModule,
  { isLinked = false, tableElements }: RewriteOptions,
  { appended, types, memories, usesHostMemory }: SectionAdditions,
): Map<number, Uint8Array> {
  const payloads = new Map<number, Uint8Array>()
  if (!isLinked) payloads.set(SECTION.global, globalSection(module))
  payloads.set(SECTION.export, exportSection(module, appended, isLinked))
  const tables = tableSection(module, tableElements)
  if (tables !== undefined) payloads.set(SECTION.table, tables)
  const imported = { memories: usesHostMemory ? memories : [], usesHostMemory, isLinked }
  if (usesHostMemory || isLinked) payloads.set(SECTION.import, importSection(module, imported))
  if (memories.length > 0) payloads.set(SECTION.memory, memorySection(usesHostMemory ? [] : memories))
  if (types.length > 0) payloads.set(SECTION.type, typeSection(module, types))
  if (appended.length > 0) payloads.set(SECTION.function, functionSection(module, appended))
  return payloads
}

function arenaRange(module: DecodedModule, pages: number): ArenaRange | undefined {
  const exported = exportedMemory(module)
  if (exported === undefined) return undefined
  const start = exported.memory.minimum * PAGE_BYTES
  return { memory: exported.index, start, end: start + pages * PAGE_BYTES }
}

function free(): number {
  return 0
}

function never(): boolean {
  return false
}

/** Throws `InvalidBinary` if a module exports a name of the runtime, or makes structs or arrays, to which no limit applies. */
function refuseReserved(module: DecodedModule): void {
  for (const { name } of module.exports) {
    if (name.startsWith(RESERVED.prefix))
      throw new ScriptError('InvalidBinary', `it exports '${name}', a name reserved for the runtime; name it differently`)
  }
  if (module.allocatesAt !== undefined) new Reader(module.bytes).fail(NO_AGGREGATES, module.allocatesAt)
}

/** Throws `InvalidBinary` if a constant expression reads a global whose index would shift. Few compilers write such expressions. */
function refuseOwnConstants(module: DecodedModule): void {
  const first = importedGlobals(module)
  for (const global of module.constantGlobals) {
    if (global < first) continue
    throw new ScriptError('InvalidBinary', `a constant expression reads its own global ${global}, which a linked module may not do`)
  }
}

/** Returns the functions that take the depth as a parameter. Their types follow `typesBefore` others that are added to the module. */
function depthTakers(module: DecodedModule, passing: DepthPassing, read: CodeReader, typesBefore: number): readonly AppendedFunction[] {
  return passing.functions.map((functionIndex, place) => ({
    name: undefined,
    type: module.types.length + typesBefore + (passing.typeOf[place] as number),
    write(out) {
      const before = out.length
      meterBody(out, { ...read(functionIndex), depthParameter: module.functions[functionIndex]?.params.length })
      checkBody(functionIndex, out.length - before)
    },
  }))
}

/** Decides how the functions are metered, each of which depends on those that it calls and that call it. Returns what reads their code. */
function codeReader(
  module: DecodedModule,
  additions: Additions,
  { calls, isLinked }: ChargePlan,
  { charges, insertions }: ScannedFunctions,
  { listen, trace }: { readonly listen: ((functionIndex: number) => CodeListener) | undefined; readonly trace: TracePlan | undefined },
): { readonly read: CodeReader; readonly passing: DepthPassing; readonly countsDepth: boolean } {
  const imported = importedFunctions(module)
  const units = trace && insertions.argument.slice(0, insertions.length)
  const { plans, passing } = planFunctions(module, charges, isLinked)
  const read: CodeReader = (functionIndex) => {
    const place = functionIndex - imported
    const { body } = module.bodies[place] as FunctionBody
    const own = charges[place] as Charges
    return {
      bytes: module.bytes,
      end: body.end,
      calls,
      charges: trace === undefined || units === undefined ? own : trace.instrument(functionIndex, own, calls, units),
      plan: plans[place] as FunctionPlan,
      additions,
      written: listen?.(functionIndex),
    }
  }
  return { read, passing, countsDepth: plans.some((each) => each.countsDepth) }
}

/** How much larger code becomes, roughly. */
const GROWTH = 2

/** Returns the code section: the metered functions and the appended ones. */
function codeSection(
  module: DecodedModule,
  appended: readonly AppendedFunction[],
  passing: DepthPassing,
  read: CodeReader,
): Uint8Array<ArrayBuffer> {
  const out = new Writer(GROWTH * module.bytes.length).u32(module.bodies.length + appended.length)
  for (let functionIndex = importedFunctions(module); functionIndex < module.functions.length; functionIndex++) {
    const code = read(functionIndex)
    const before = out.length
    const taker = passing.indexOf(functionIndex)
    out.sized(() => {
      if (taker < 0) meterBody(out, code)
      else writePasser(out, module.functions[functionIndex] as FunctionType, taker, code.additions)
    })
    if (taker >= 0) code.written?.(before, out.length, NO_PLACE, false)
    checkBody(functionIndex, out.length - before)
  }
  for (const { write } of appended) out.sized(() => write(out))
  return out.view()
}

/** Copies a module with some sections replaced or added in order, and without its start section. `name` replaces its own name. */
function assemble(
  module: DecodedModule,
  payloads: ReadonlyMap<number, Uint8Array>,
  name: string | undefined,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly codeStart: number } {
  const added = [...payloads.values()].reduce((sum, payload) => sum + payload.length, 0)
  const out = new Writer(module.bytes.length + added)
  const hasOtherNames = name !== undefined || hasOddNames(module)
  const codeStart = writeSections(
    out,
    module,
    payloads,
    (section) => section.id === SECTION.start || (section.name === NAME_SECTION && hasOtherNames),
  )
  if (name !== undefined) out.byte(SECTION.custom).sized(() => writeNameSection(out, module, name))
  return { bytes: out.view(), codeStart }
}
