import { ScriptError } from '../errors.ts'
import type { CompiledModule, Engine } from './engine.ts'
import { ModuleCache } from './module-cache.ts'
import { toScriptError } from './trap.ts'

/** A module that has two memories, and nothing else. */
const TWO_MEMORIES = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0)

const cache = new ModuleCache()

/** Core modules on the engine of the host itself, `WebAssembly`. */
export const coreEngine: Engine = {
  name: 'core',
  manyMemories: WebAssembly.validate(TWO_MEMORIES),
  async check(bytes) {
    // Compiling tells what validating does not: why.
    if (!WebAssembly.validate(bytes)) await compile(bytes)
  },
  async compile(bytes): Promise<CompiledModule> {
    const module = await cache.get(bytes, compile)
    return {
      instantiate(imports) {
        try {
          return new WebAssembly.Instance(module, imports).exports
        } catch (error) {
          if (error instanceof WebAssembly.LinkError) throw new ScriptError('ImportTypeMismatch', error.message, { cause: error })
          throw toScriptError(error)
        }
      },
    }
  },
}

/** A module of so many bytes takes less than a millisecond here and now, and several to send away and wait for. */
const SMALL = 65_536

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return compileSmall(bytes) ?? (await WebAssembly.compile(bytes))
  } catch (cause) {
    // 'WebAssembly.compile(): Compiling function #0 failed: … @+37': the part before says nothing to a script's author.
    const message = cause instanceof Error ? cause.message.replace(/^WebAssembly\.\w+\(\): /, '') : String(cause)
    throw new ScriptError('InvalidBinary', message, { cause })
  }
}

/** `undefined` if it has to be sent away: some browsers refuse to compile on the main thread. */
function compileSmall(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  if (bytes.length > SMALL) return undefined
  try {
    return new WebAssembly.Module(bytes)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw error
    return undefined
  }
}
