import type { NumberType } from '../../abi/types.ts'
import type { FunctionType } from '../../wasm/format/module.ts'
import { EMPTY_BLOCK, OPCODE, VALUE_TYPE } from '../../wasm/format/opcodes.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import { Writer } from '../../wasm/format/writer.ts'
import { ENV_MODULE } from './env-module.ts'

/** The function that runs the start functions of the modules. */
export const START = 'bitscript:start'
/** The function that outputs a {@link CallStatus}. */
export const STATUS = 'bitscript:status'
/** The import module of the plugin's functions. */
export const PLUGIN_MODULE = 'bitscript:plugin'

/** A start function of a module. */
export interface StartFunction {
  readonly module: string
  readonly name: string
  readonly type: FunctionType
}

/** The parts that {@link entryModule} is made of. */
export interface EntryParts {
  /** The functions of the plugin, of the type `() → i32`. */
  readonly functions: readonly string[]
  /** The start functions of the modules, in order. */
  readonly starts: readonly StartFunction[]
  /** Units of fuel of a call. */
  readonly fuel: number
  /** Bytes that the blocks of a call may have together. */
  readonly blockBytes: number
}

/** How the last call ended. */
export interface CallStatus {
  /** The units of fuel that are left; negative if they are used up. */
  readonly fuel: number
  /** The cause of a trap that the rewriter inserted; 0 if there is none. */
  readonly fault: number
  /** What the function returned, if it set no error and that is not 0. */
  readonly code: number
}

/** Reads the output of {@link STATUS}. */
export function readStatus(bytes: Uint8Array): CallStatus {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const at = (index: number): number => Number(view.getBigInt64(8 * index, true))
  return { fuel: at(0), fault: at(1), code: at(2) }
}

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const
const ZERO: Readonly<Record<string, readonly number[]>> = {
  i32: [OPCODE.i32Const, 0],
  i64: [OPCODE.i64Const, 0],
  f32: [OPCODE.f32Const, 0, 0, 0, 0],
  f64: [OPCODE.f64Const, 0, 0, 0, 0, 0, 0, 0, 0],
}

/** The globals, by their indices. All but the last are imported. */
const [FUEL, DEPTH, FAULT, LEFT, CODE] = [0, 1, 2, 3, 4] as const
/** The functions of the SDK, by their indices. The plugin's follow, then the start functions. */
const [ALLOC, STORE, OUTPUT, ERROR] = [0, 1, 2, 3] as const
const SDK_FUNCTIONS = 4

/** The types of functions, by their indices. Those of the start functions follow. */
const FUNCTION_TYPES: readonly FunctionType[] = [
  { params: [], results: ['i32'] },
  { params: [], results: [] },
  { params: ['i64'], results: ['i64'] },
  { params: ['i64', 'i64'], results: [] },
  { params: [], results: ['i64'] },
]

/**
 * Writes the main module of a plugin in a worker. It has the plugin's functions, and gives each call its fuel. A function that returns
 * another number than 0 without an error traps here, since the SDK does not look at the number.
 */
export function entryModule(parts: EntryParts): Uint8Array<ArrayBuffer> {
  const out = new Writer().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  const section = (id: number, write: (out: Writer, parts: EntryParts) => void): void => void out.byte(id).sized(() => write(out, parts))
  section(SECTION.type, writeTypes)
  section(SECTION.import, writeImports)
  section(SECTION.function, writeFunctions)
  section(SECTION.global, () => out.u32(1).bytes([VALUE_TYPE.i32, 1, ...zero('i32'), OPCODE.end]))
  section(SECTION.export, writeExports)
  section(SECTION.code, writeCode)
  return out.finish()
}

/** Returns the index of the first start function. */
function firstStart({ functions }: EntryParts): number {
  return SDK_FUNCTIONS + functions.length
}

/** Returns the index of the function that gives a call its fuel. Those that are exported follow. */
function enterIndex(parts: EntryParts): number {
  return firstStart(parts) + parts.starts.length
}

function zero(type: string): readonly number[] {
  return ZERO[type] as readonly number[]
}

function writeTypes(out: Writer, { starts }: EntryParts): void {
  const types = [...FUNCTION_TYPES, ...starts.map(({ type }) => type)]
  out.u32(types.length)
  for (const { params, results } of types) {
    out.byte(0x60)
    for (const list of [params, results]) {
      out.u32(list.length)
      for (const type of list) out.byte(VALUE_TYPE[type as NumberType])
    }
  }
}

function writeImports(out: Writer, parts: EntryParts): void {
  const { functions, starts } = parts
  out.u32(CODE + enterIndex(parts))
  for (const name of [RESERVED.fuel, RESERVED.depth, RESERVED.fault]) out.name(RESERVED.module).name(name).bytes([3, VALUE_TYPE.i32, 1])
  out.name(RESERVED.module).name('left').bytes([3, VALUE_TYPE.i64, 1])
  const imported = (module: string, name: string, type: number): void => void out.name(module).name(name).byte(0).u32(type)
  imported(ENV_MODULE, 'alloc', 2)
  imported(ENV_MODULE, 'store_u64', 3)
  imported(ENV_MODULE, 'output_set', 3)
  imported(ENV_MODULE, 'error_get', 4)
  for (const name of functions) imported(PLUGIN_MODULE, name, 0)
  for (const [index, { module, name }] of starts.entries()) imported(module, name, FUNCTION_TYPES.length + index)
}

/** Writes the types of the own functions: the one that enters, those of the plugin, start, status. */
function writeFunctions(out: Writer, { functions }: EntryParts): void {
  out.u32(functions.length + 3).u32(1)
  for (const _ of functions) out.u32(0)
  out.u32(0).u32(0)
}

function writeExports(out: Writer, parts: EntryParts): void {
  const names = [...parts.functions, START, STATUS]
  const first = enterIndex(parts) + 1
  out.u32(names.length)
  for (const [index, name] of names.entries()) {
    out.name(name).byte(0)
    out.u32(first + index)
  }
}

function writeCode(out: Writer, parts: EntryParts): void {
  const { functions } = parts
  const body = (write: () => void): void =>
    void out.sized(() => {
      write()
      out.byte(OPCODE.end)
    })
  out.u32(functions.length + 3)
  body(() => writeEnter(out, parts))
  for (const index of functions.keys()) body(() => writeCall(out, parts, index))
  body(() => writeStart(out, parts))
  body(() => writeStatus(out))
}

/** Writes the code that gives a call its fuel. */
function writeEnter(out: Writer, { fuel, blockBytes }: EntryParts): void {
  out.u32(0).byte(OPCODE.i32Const).s32(fuel).byte(OPCODE.globalSet).u32(FUEL)
  for (const global of [DEPTH, FAULT, CODE]) {
    out.bytes(zero('i32'))
    out.byte(OPCODE.globalSet).u32(global)
  }
  // Bytes of an i32 at most: the sign of the highest bit is clear.
  out.byte(OPCODE.i64Const).s32(blockBytes).byte(OPCODE.globalSet).u32(LEFT)
}

/** Writes the code that calls a function of the plugin. */
function writeCall(out: Writer, parts: EntryParts, index: number): void {
  out.u32(0).byte(OPCODE.call).u32(enterIndex(parts))
  out.byte(OPCODE.call).u32(SDK_FUNCTIONS + index)
  out.byte(OPCODE.globalSet).u32(CODE)
  // if (code != 0 && error_get() == 0) unreachable
  out
    .byte(OPCODE.globalGet)
    .u32(CODE)
    .bytes([OPCODE.if, EMPTY_BLOCK, OPCODE.call, ERROR, OPCODE.i64Eqz, OPCODE.if, EMPTY_BLOCK, OPCODE.unreachable, OPCODE.end, OPCODE.end])
  out.bytes(zero('i32'))
}

/** Writes the code that runs the start functions. */
function writeStart(out: Writer, parts: EntryParts): void {
  out.u32(0).byte(OPCODE.call).u32(enterIndex(parts))
  for (const [index, { type }] of parts.starts.entries()) {
    for (const param of type.params) out.bytes(zero(param))
    out.byte(OPCODE.call).u32(firstStart(parts) + index)
    for (const _ of type.results) out.byte(OPCODE.drop)
  }
  out.bytes(zero('i32'))
}

/** Writes the code that outputs how the last call ended. */
function writeStatus(out: Writer): void {
  out.u32(1).u32(1).byte(VALUE_TYPE.i64).bytes([OPCODE.i64Const, 24, OPCODE.call, ALLOC, OPCODE.localSet, 0])
  for (const [index, global] of [FUEL, FAULT, CODE].entries()) {
    // store_u64(block + 8 * index, global)
    out.bytes([OPCODE.localGet, 0, OPCODE.i64Const, 8 * index, OPCODE.i64Add, OPCODE.globalGet]).u32(global)
    out.bytes([OPCODE.i64ExtendI32S, OPCODE.call, STORE])
  }
  out.bytes([OPCODE.localGet, 0, OPCODE.i64Const, 24, OPCODE.call, OUTPUT]).bytes(zero('i32'))
}
