import { DEFAULT_LIMITS } from '../../abi/limits.ts'
import type { ModuleDescription } from '../../guest/guest.ts'
import { inSource } from '../script/faults.ts'
import { GUESTS, guestFor } from './open-program.ts'
import { readSource, type ScriptSource, sourceName } from './source.ts'

/**
 * Checks a script or an Extism plugin without a world: reads it, assembles it, checks its exports against the ABI and compiles it. Its
 * imports are listed but not resolved; `WasmScriptRuntime.checkModule` resolves them, too.
 *
 * @throws {ScriptError} LoadFailed, TooLarge, InvalidText, InvalidBinary, InvalidManifest, MissingExport, SignatureMismatch,
 * EngineUnavailable. If the source is text, the error has a `location` and a `frame`.
 * @example
 * const { imports } = await describeModule(new URL('./mover.wat', import.meta.url))
 */
export async function describeModule(source: ScriptSource): Promise<ModuleDescription> {
  const name = sourceName(source) ?? 'script'
  try {
    const read = await readSource(source, name, DEFAULT_LIMITS)
    return await guestFor(read, { guests: GUESTS, kind: undefined }).describe(read)
  } catch (error) {
    throw inSource(name, error)
  }
}
