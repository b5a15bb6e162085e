import type { Limits } from '../../../abi/limits.ts'
import type { ComponentsSchema } from '../../../ecs/components/columns.ts'
import type { GuestKind } from '../../../guest/module-description.ts'
import type { Grant } from '../../../host/modules/permissions.ts'
import type { Actor, Hook, Interval, RestartPolicy } from '../../api/load-options.ts'

/**
 * What a mod says of itself: a JSON file beside its module, named `name.script.json`. Its JSON Schema is `bitscript/script.schema.json`.
 * `loadModule` takes it in place of the module, and the options of `loadModule` win over what it says.
 */
export interface Manifest {
  /** The URL of the JSON Schema, for an editor. */
  readonly $schema?: string
  /** The name of the mod, which is that of its script. Must be unique. */
  readonly name: string
  /** The version of the mod, such as `1.2.0`. What the module returns from `get_version` must be equal. */
  readonly version: string
  /** The ABI version that the module was built for. @default 1 */
  readonly abi?: 1
  /** What the mod does. */
  readonly description?: string
  /** The kind of module. @default detected from the bytes */
  readonly guest?: GuestKind
  /** The module: a path or a URL relative to the manifest, or a {@link ManifestSource}. */
  readonly source: string | ManifestSource
  /** What must be there for the mod to run. */
  readonly requires?: ManifestRequirements
  /** What the mod asks to import. @default all that the game allows it */
  readonly grant?: Grant
  /** Limits, where the mod asks for other ones than those of the runtime. */
  readonly limits?: Partial<Limits>
  /** Passed to `init` as JSON. @default null */
  readonly config?: unknown
  /** A JSON Schema that every config of the mod must match. */
  readonly configSchema?: Readonly<Record<string, unknown>>
  /** Scripts with a lower order run first. @default 0 */
  readonly order?: number
  /** `'shared'` runs one instance on all entities, `'entity'` one for each. @default 'shared' */
  readonly instances?: 'shared' | 'entity'
  /** How a reload keeps the state of a module without `get_state` and `set_state`. @default 'none' */
  readonly preserve?: 'auto' | 'none'
  /** What a fault does. @default 'stop' */
  readonly onFault?: 'stop' | 'detach' | RestartPolicy
  /** Components that the mod declares. They are made from the reserve of `defineComponents`, and given back when it is unloaded. @default {} */
  readonly components?: ComponentsSchema
  /** Makes the script an actor. */
  readonly actor?: Actor
  /** Exports that are called for what happens to entities. @default [] */
  readonly hooks?: readonly Hook[]
  /** Exports that are called at an interval. @default [] */
  readonly every?: readonly Interval[]
  /** How to build the module. Only the tools of Node do it: `bitscript dev` and `bitscript build`. */
  readonly build?: ManifestBuild
}

/** The module of a {@link Manifest}: one of `path`, `url` and `text`. */
export interface ManifestSource {
  /** A path relative to the manifest. */
  readonly path?: string
  /** A URL, which may be relative to the manifest. */
  readonly url?: string
  /** WAT text. */
  readonly text?: string
  /** The SHA-256 of the file or the text, in hexadecimal. Another one is `HashMismatch`. */
  readonly sha256?: string
}

/** What must be there for a mod to run. */
export interface ManifestRequirements {
  /** Exports that every generation of the module must have. @default [] */
  readonly exports?: readonly string[]
  /** Semver ranges for the versions of import modules of the game: the text `version` beside their functions. @default {} */
  readonly host?: Readonly<Record<string, string>>
  /** Semver ranges for the versions of other mods, which run before this one. @default {} */
  readonly mods?: Readonly<Record<string, string>>
}

/** How the module of a {@link Manifest} is built. Paths are relative to the manifest. */
export interface ManifestBuild {
  /** The program. It is started without a shell. */
  readonly command: string
  /** Its arguments. @default [] */
  readonly args?: readonly string[]
  /** The files and folders from which it builds. */
  readonly watch: readonly string[]
  /** The file that it writes. */
  readonly output: string
}
