import { ScriptError } from '../errors.ts'
import { toScriptError } from './trap.ts'

/** A module with a function that makes a vector and drops it. */
const VECTOR = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 17, 26, 11)

/** Whether this engine supports SIMD. */
export const HAS_VECTORS: boolean = typeof WebAssembly === 'object' && WebAssembly.validate(VECTOR)

/** A module with a function that selects lanes of vectors. */
const RELAXED_VECTOR = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0],
  ...[32, 0, 32, 0, 32, 0, 253, 139, 2, 11],
)

/** Whether this engine supports relaxed SIMD. */
export const HAS_RELAXED_VECTORS: boolean = HAS_VECTORS && WebAssembly.validate(RELAXED_VECTOR)

/** The smallest module. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

let isAvailable = false

/** Throws `EngineUnavailable` if nothing can be compiled here, whatever the module. */
export function checkEngine(): void {
  if (isAvailable) return
  if (typeof WebAssembly !== 'object') throw new ScriptError('EngineUnavailable', 'this engine has no WebAssembly')
  try {
    isAvailable = new WebAssembly.Module(EMPTY) instanceof WebAssembly.Module
  } catch (cause) {
    const detail = "the content security policy of this page forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src"
    throw new ScriptError('EngineUnavailable', detail, { cause })
  }
}

/** Throws `InvalidBinary` if the module is invalid. */
export async function checkModule(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  // Only compiling reports the reason.
  if (!WebAssembly.validate(bytes)) await compileModule(bytes)
}

/** Instantiates a module and returns its exports. Throws `ImportTypeMismatch`, `Trap`, `OutOfMemory`, and what an import throws. */
export function instantiateModule(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, imports).exports
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw new ScriptError('ImportTypeMismatch', error.message, { cause: error })
    throw toScriptError(error)
  }
}

/** Compiles a module within the call. Throws `EngineUnavailable` where only smaller ones may be. */
export function compileAtOnce(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes)
  } catch (cause) {
    throw new ScriptError('EngineUnavailable', 'this engine does not compile a module of this size at once', { cause })
  }
}

/** A module up to this size compiles in less than a millisecond; sending it to another thread takes several. */
const SMALL_BYTES = 65_536

/** Returns whether a module is so small that it is compiled at once. */
export function isSmall(bytes: Uint8Array): boolean {
  return bytes.length <= SMALL_BYTES
}

/** Compiles a module. Throws `InvalidBinary`. */
export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return compileSmall(bytes) ?? (await WebAssembly.compile(bytes))
  } catch (cause) {
    // 'WebAssembly.compile(): Compiling function #0 failed: … @+37': the prefix does not help a script's author.
    const message = cause instanceof Error ? cause.message.replace(/^WebAssembly\.\w+\(\): /, '') : String(cause)
    throw new ScriptError('InvalidBinary', message, { cause })
  }
}

/** Compiles a small module at once. Returns `undefined` if it has to compile asynchronously: some browsers require that. */
function compileSmall(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  if (!isSmall(bytes)) return undefined
  try {
    return new WebAssembly.Module(bytes)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw error
    return undefined
  }
}
