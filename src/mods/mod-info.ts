import type { Grant } from '../host/modules/permissions.ts'
import type { ScriptId } from '../runtime/api/script-info.ts'
import type { Manifest } from '../runtime/load/manifest/manifest.ts'
import type { ScriptSource } from '../runtime/load/script-source.ts'
import type { Script } from '../runtime/script/script.ts'

/** A mod as it is now. */
export interface ModInfo {
  /** The name of the mod and of its script. */
  readonly name: string
  /** The version of its manifest. */
  readonly version: string
  /** `enabled`: ticks run it. `disabled`: it stays loaded, and ticks do not run it. `faulted`: a fault stopped it, until it is reloaded. */
  readonly status: 'enabled' | 'disabled' | 'faulted'
  /** The id of its script. */
  readonly script: ScriptId
  /** Its manifest. */
  readonly manifest: Manifest
  /** What it was granted; `undefined` if that is everything. */
  readonly granted: Grant | undefined
}

/** A mod that is loaded. */
export interface LoadedMod {
  readonly script: Script
  /** What it was loaded from, and is reloaded from. */
  readonly from: ScriptSource
  /** The manifest that it was loaded with. A reload by the game, or its rollback, changes that of the code. */
  readonly loaded: Manifest
}

/** Returns the manifest of the code that a mod runs. A replay loads code without one. */
export function manifestOf({ script, loaded }: LoadedMod): Manifest {
  return (script.running?.generation.program.source.mod?.manifest as Manifest | undefined) ?? loaded
}

/** Returns the public view of a mod, as it is now. */
export function infoOfMod(mod: LoadedMod): ModInfo {
  const { script } = mod
  const manifest = manifestOf(mod)
  const { name, version } = manifest
  const status = script.isPaused ? 'disabled' : script.status === 'faulted' ? 'faulted' : 'enabled'
  return Object.freeze({ name, version, status, script: script.id, manifest, granted: script.options.grant })
}
