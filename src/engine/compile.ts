import { ScriptError } from '../errors.ts'
import { ModuleCache } from './module-cache.ts'
import { toScriptError } from './trap.ts'

/** A module that has two memories, and nothing else. */
const TWO_MEMORIES = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0)

/** Whether this engine lets a module have more than one memory. */
export const HAS_MULTI_MEMORY: boolean = typeof WebAssembly === 'object' && WebAssembly.validate(TWO_MEMORIES)

const cache = new ModuleCache()

/** Throws `InvalidBinary` unless the module is valid as it was written. */
export async function checkModule(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  // Compiling tells what validating does not: why.
  if (!WebAssembly.validate(bytes)) await compile(bytes)
}

/** Compiles a module, or finds it among those that were compiled lately. Throws `InvalidBinary`. */
export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  return cache.get(bytes, compile)
}

/** Makes an instance. Throws `ImportTypeMismatch`, `Trap`, `OutOfMemory`, and what an import throws. */
export function instantiateModule(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, imports).exports
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw new ScriptError('ImportTypeMismatch', error.message, { cause: error })
    throw toScriptError(error)
  }
}

/** A module of so many bytes compiles in less than a millisecond here, and takes several to send to another thread. */
const SMALL_BYTES = 65_536

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return compileSmall(bytes) ?? (await WebAssembly.compile(bytes))
  } catch (cause) {
    // 'WebAssembly.compile(): Compiling function #0 failed: … @+37': the part before says nothing to a script's author.
    const message = cause instanceof Error ? cause.message.replace(/^WebAssembly\.\w+\(\): /, '') : String(cause)
    throw new ScriptError('InvalidBinary', message, { cause })
  }
}

/** Returns `undefined` for a module that must compile on another thread: some browsers refuse to do it on the main one. */
function compileSmall(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  if (bytes.length > SMALL_BYTES) return undefined
  try {
    return new WebAssembly.Module(bytes)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw error
    return undefined
  }
}
