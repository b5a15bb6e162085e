import { DEFAULT_LIMITS } from '../../abi/limits.ts'
import { ScriptError } from '../../errors.ts'
import type { ModuleDescription } from '../../guest/module-description.ts'
import { suggest } from '../../nearest-name.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { inSource } from '../script/faults.ts'
import type { Manifest } from './manifest/manifest.ts'
import { GUESTS, guestFor } from './open-program.ts'
import type { ScriptSource } from './script-source.ts'
import { readSource, sourceName } from './source.ts'

/**
 * Checks a script, an Extism plugin or a mod without a world: reads it, assembles it, checks its exports against the ABI and compiles it. Its
 * imports are listed but not resolved; `WasmScriptRuntime.checkModule` resolves them, too.
 *
 * @throws {ScriptError} LoadFailed, TooLarge, InvalidText, InvalidBinary, InvalidManifest, HashMismatch, MissingExport, SignatureMismatch,
 * EngineUnavailable. If the source is text, the error has a `location` and a `frame`.
 * @example
 * const { imports } = await describeModule(new URL('./mover.wat', import.meta.url))
 */
export async function describeModule(source: ScriptSource): Promise<ModuleDescription> {
  const name = sourceName(source) ?? 'script'
  try {
    return await describeSource(await readSource(source, name, DEFAULT_LIMITS))
  } catch (error) {
    throw inSource(name, error)
  }
}

/** Checks what was read, and returns what is in the module. Rejects with the errors of {@link describeModule}, except those of reading. */
export async function describeSource(read: SourceModule): Promise<ModuleDescription> {
  const { guest, ...manifest } = (read.mod?.manifest ?? {}) as Partial<Manifest>
  const described = await guestFor(read, { guests: GUESTS, kind: guest }).describe(read)
  checkNamed(manifest, described)
  return described
}

/** Throws `MissingExport` for an export that the manifest of a mod names, and the module does not have. */
function checkNamed({ requires, hooks = [], every = [] }: Partial<Manifest>, { exports, guest }: ModuleDescription): void {
  const names = exports.map(({ name }) => name)
  const nameIn = (name: string): string => (guest === 'component' ? name.replaceAll('_', '-') : name)
  const named = [
    ...(requires?.exports ?? []).map((name) => ['requires.exports', name] as const),
    ...hooks.map((hook, index) => [`hooks[${index}]`, hook.export] as const),
    ...every.map((each, index) => [`every[${index}]`, each.export] as const),
  ]
  for (const [where, name] of named) {
    if (names.includes(name) || names.includes(nameIn(name))) continue
    throw new ScriptError('MissingExport', `${where} names '${name}', which it does not export${suggest(name, names)}`, { export: name })
  }
}
