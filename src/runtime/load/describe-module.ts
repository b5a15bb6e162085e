import { DEFAULT_LIMITS } from '../../abi/limits.ts'
import { checkModule } from '../../engine/compile.ts'
import type { ModuleDescription } from '../../guest/guest.ts'
import { checkExports } from '../../guest/script/check-exports.ts'
import { describeCoreModule } from '../../guest/script/describe-core-module.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import { inSource } from '../script/faults.ts'
import { readSource, type ScriptSource, sourceName } from './source.ts'

/**
 * Checks a script without a world: reads it, assembles it, checks its exports against the ABI and compiles it. Its imports
 * are listed but not resolved; `WasmScriptRuntime.checkModule` resolves them, too.
 *
 * @throws {ScriptError} LoadFailed, TooLarge, InvalidText, InvalidBinary, MissingExport, SignatureMismatch,
 * EngineUnavailable. If the source is text, the error has a `location` and a `frame`.
 * @example
 * const { imports } = await describeModule(new URL('./mover.wat', import.meta.url))
 */
export async function describeModule(source: ScriptSource): Promise<ModuleDescription> {
  const name = sourceName(source) ?? 'script'
  try {
    const read = await readSource(source, name, DEFAULT_LIMITS)
    const module = decodeModule(read.bytes)
    await checkModule(read.bytes)
    checkExports(module, [], read)
    return describeCoreModule(module)
  } catch (error) {
    throw inSource(name, error)
  }
}
