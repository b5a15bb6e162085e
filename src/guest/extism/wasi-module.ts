import { PRICES } from '../../abi/prices.ts'
import type { SignatureType } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import type { FixedImport, FixedModule, ImportedFunction, LinkContext } from '../../host/modules/import-module.ts'
import { MAX_MESSAGE_BYTES } from '../../host/services/script-log.ts'
import { ExitError } from './exit.ts'
import { type PluginCaller, pluginOf } from './plugin-caller.ts'

export const WASI_MODULE = 'wasi_snapshot_preview1'

const SUCCESS = 0
const BAD_DESCRIPTOR = 8
const INVALID = 28
const NOT_SUPPORTED = 58
/** Limits of the bytes of `random_get` and the buffers of `fd_write`: the host does the work before the fuel is checked. */
const MAX_RANDOM_BYTES = 65_536
const MAX_VECTORS = 1024
const CHARACTER_DEVICE = 2
const STDERR = 2
/** The log levels of stdout and of stderr. */
const INFO = 1
const WARN = 2

const utf8 = new TextDecoder()

type Wasi = (context: LinkContext, plugin: PluginCaller) => ImportedFunction
type Row = readonly [types: string, implement?: Wasi]

/** Returns a view of the memory of the module that calls. */
const view = ({ memory }: PluginCaller): DataView<ArrayBuffer> => {
  if (memory === undefined) throw new ScriptError('MissingExport', "it uses WASI, so it must export its memory as 'memory'")
  const { buffer, byteOffset, byteLength } = memory.bytes()
  return new DataView(buffer, byteOffset, byteLength)
}

/** Returns bytes of a memory. Throws `RangeError` if they are not all inside. */
function bytesIn({ buffer, byteOffset, byteLength }: DataView<ArrayBuffer>, at: number, length: number): Uint8Array {
  if (at + length > byteLength) throw new RangeError('the bytes are outside the memory')
  return new Uint8Array(buffer, byteOffset + at, length)
}

/** Writes two zeros: there are no arguments and no environment. */
const noStrings: Wasi = (_, plugin) => (count: number, bytes: number) => {
  const memory = view(plugin)
  memory.setUint32(count, 0, true)
  memory.setUint32(bytes, 0, true)
  return SUCCESS
}
const succeed: Wasi = () => () => SUCCESS
const badDescriptor: Wasi = () => () => BAD_DESCRIPTOR

const clock: Wasi =
  ({ clock }, plugin) =>
  (_: number, __: bigint, at: number) => {
    view(plugin).setBigUint64(at, BigInt(Math.round(clock.time * 1e9)), true)
    return SUCCESS
  }

const resolution: Wasi = (_, plugin) => (__: number, at: number) => {
  view(plugin).setBigUint64(at, 1n, true)
  return SUCCESS
}

const randomBytes: Wasi =
  ({ random, charge }, plugin) =>
  (at: number, length: number) => {
    const size = length >>> 0
    if (size > MAX_RANDOM_BYTES) return INVALID
    const memory = view(plugin)
    charge(PRICES.random * size)
    for (let index = 0; index < size; index++) memory.setUint8((at >>> 0) + index, Math.floor(random.next() * 256))
    return SUCCESS
  }

/** Writes to stdout and stderr go to the log, a call a line. */
const write: Wasi =
  ({ log, charge }, plugin) =>
  (descriptor: number, vectors: number, count: number, written: number) => {
    if (descriptor < 1 || descriptor > STDERR) return BAD_DESCRIPTOR
    if (count >>> 0 > MAX_VECTORS) return INVALID
    const memory = view(plugin)
    const parts: Uint8Array[] = []
    let total = 0
    for (let index = 0; index < count >>> 0; index++) {
      const at = memory.getUint32((vectors >>> 0) + index * 8, true)
      const length = memory.getUint32((vectors >>> 0) + index * 8 + 4, true)
      parts.push(bytesIn(memory, at, length))
      charge(PRICES.textByte * length + PRICES.hostCall)
      total += length
    }
    memory.setUint32(written, total, true)
    log.line(descriptor === STDERR ? WARN : INFO, () => join(parts, total).replace(/\n$/, ''))
    return SUCCESS
  }

function join(parts: readonly Uint8Array[], total: number): string {
  // The log cuts longer lines off.
  const bytes = new Uint8Array(Math.min(total, MAX_MESSAGE_BYTES))
  let at = 0
  for (const part of parts) {
    bytes.set(part.subarray(0, bytes.length - at), at)
    at += Math.min(part.length, bytes.length - at)
  }
  return utf8.decode(bytes)
}

/** Standard input is empty, and there are no files. */
const read: Wasi = (_, plugin) => (descriptor: number, __: number, ___: number, count: number) => {
  if (descriptor !== 0) return BAD_DESCRIPTOR
  view(plugin).setUint32(count, 0, true)
  return SUCCESS
}

const describeDescriptor: Wasi = (_, plugin) => (descriptor: number, at: number) => {
  if (descriptor >>> 0 > STDERR) return BAD_DESCRIPTOR
  const memory = view(plugin)
  for (let index = 0; index < 24; index++) memory.setUint8(at + index, 0)
  memory.setUint8(at, CHARACTER_DEVICE)
  return SUCCESS
}

const exit: Wasi = () => (code: number) => {
  throw new ExitError(code)
}

/** The functions of WASI preview 1, with their types as letters: i for i32, l for i64. All but `proc_exit` return an error number. */
const FUNCTIONS: Readonly<Record<string, Row>> = {
  args_get: ['ii', succeed],
  args_sizes_get: ['ii', noStrings],
  environ_get: ['ii', succeed],
  environ_sizes_get: ['ii', noStrings],
  clock_res_get: ['ii', resolution],
  clock_time_get: ['ili', clock],
  random_get: ['ii', randomBytes],
  sched_yield: ['', succeed],
  proc_exit: ['i', exit],
  proc_raise: ['i'],
  poll_oneoff: ['iiii'],
  fd_write: ['iiii', write],
  fd_read: ['iiii', read],
  fd_fdstat_get: ['ii', describeDescriptor],
  fd_fdstat_set_flags: ['ii'],
  fd_fdstat_set_rights: ['ill'],
  fd_prestat_get: ['ii', badDescriptor],
  fd_prestat_dir_name: ['iii', badDescriptor],
  fd_close: ['i', succeed],
  fd_seek: ['ilii', badDescriptor],
  fd_tell: ['ii', badDescriptor],
  fd_advise: ['illi'],
  fd_allocate: ['ill'],
  fd_datasync: ['i'],
  fd_filestat_get: ['ii', badDescriptor],
  fd_filestat_set_size: ['il'],
  fd_filestat_set_times: ['illi'],
  fd_pread: ['iiili'],
  fd_pwrite: ['iiili'],
  fd_readdir: ['iiili'],
  fd_renumber: ['ii'],
  fd_sync: ['i'],
  path_create_directory: ['iii'],
  path_filestat_get: ['iiiii'],
  path_filestat_set_times: ['iiiilli'],
  path_link: ['iiiiiii'],
  path_open: ['iiiiillii'],
  path_readlink: ['iiiiii'],
  path_remove_directory: ['iii'],
  path_rename: ['iiiiii'],
  path_symlink: ['iiiii'],
  path_unlink_file: ['iii'],
  sock_accept: ['iii'],
  sock_recv: ['iiiiii'],
  sock_send: ['iiiii'],
  sock_shutdown: ['ii'],
}

/**
 * WASI preview 1 without an operating system: the game's clock, its seeded random numbers, stdout and stderr into the log. All
 * else returns an error number. https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
export const wasiModule: FixedModule = {
  module: WASI_MODULE,
  functions: Object.fromEntries(Object.entries(FUNCTIONS).map(([name, row]) => [name, rowOf(name, row)])),
}

function rowOf(name: string, [types, implement]: Row): FixedImport {
  const params = Array.from(types, (letter): SignatureType => (letter === 'l' ? 'i64' : 'i32'))
  return {
    params,
    results: name === 'proc_exit' ? [] : ['i32'],
    meaning: 'as in WASI preview 1',
    price: PRICES.hostCall + PRICES.argument * params.length,
    implement: (context, caller) => guarded(implement?.(context, pluginOf(caller)) ?? (() => NOT_SUPPORTED), context.charge),
  }
}

const FAULT = 21
/** Units of a call with an address outside of the memory: the engine makes an error with a stack. */
const FAULT_PRICE = 2500

/** Returns the function with the error number for an address outside of the memory. */
function guarded(implementation: ImportedFunction, charge: LinkContext['charge']): ImportedFunction {
  return (...args) => {
    try {
      return implementation(...args)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      charge(FAULT_PRICE)
      return FAULT
    }
  }
}
