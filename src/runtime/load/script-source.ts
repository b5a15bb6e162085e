import type { ScriptError } from '../../errors.ts'
import type { ModuleDescription } from '../../guest/module-description.ts'
import type { LoadOptions, ReloadOptions } from '../api/load-options.ts'
import type { ReloadReport } from '../api/reports.ts'
import type { ResolvedRuntimeOptions } from '../api/runtime-options.ts'
import type { ScriptInfo } from '../api/script-info.ts'
import type { ExtismManifest } from './extism-manifest.ts'
import type { Manifest } from './manifest/manifest.ts'

/**
 * A file that has already been read.
 *
 * @example
 * await runtime.loadModule({ url: new URL('file:///game/mover.wat'), content: text })
 */
export interface FileSource {
  /** The URL of the file. It names the script and the locations in errors. */
  readonly url: URL
  /** The content: a wasm binary, or WAT text as bytes or a string. */
  readonly content: Uint8Array | string
}

/**
 * A script that `bitscript/vite` imports. In development it reloads on every save the scripts that were loaded from it.
 *
 * @example
 * import mover from './mover.wat?script'
 * await runtime.loadModule(mover)
 */
export interface ScriptAsset {
  /** The name of the file without its extension: the default name of the script. */
  readonly name: string
  /** The URL to fetch the module from. In development, the URL of the file. */
  readonly url: string
  /** The path of the file, as errors show it. @default url, or its path for a file: URL */
  readonly file?: string
  /** The module, if it need not be fetched. */
  readonly bytes?: Uint8Array
  /** The WAT text that the module was assembled from. */
  readonly text?: string
  /** The manifest of an Extism plugin, in place of a module: its modules are at absolute URLs, or in it. */
  readonly manifest?: ExtismManifest
  /** The manifest of the mod that the module belongs to. */
  readonly mod?: Manifest
  /**
   * Called for each script when it begins to load from this asset. Returns a cleanup, which is called when the script fails
   * to load, is unloaded, or is reloaded from another source.
   */
  readonly follow?: (script: FollowedScript) => () => void
}

/** A script, as `ScriptAsset.follow` sees it. */
export interface FollowedScript {
  /** A live view of the script. */
  readonly info: ScriptInfo
  /** Resolves when the script has loaded. Rejects with the mistake that ended its load. */
  readonly loaded: Promise<void>
  /**
   * Reloads the script, as `WasmScriptRuntime.reloadModule` does.
   *
   * @throws {ScriptError} the errors of `reloadModule`
   */
  reload(source: ScriptSource, options?: ReloadOptions): Promise<ReloadReport>
  /** Calls `listener` with every fault of the script. Returns a function that stops this. */
  onError(listener: (error: ScriptError) => void): () => void
}

/**
 * A mod in memory: its manifest, and its module unless the manifest says where it is.
 *
 * @example
 * await runtime.loadModule({ manifest: { name: 'doors', version: '1.0.0', source: './doors.wat' }, url: new URL('https://mods.example/') })
 */
export interface ModSource {
  /** The manifest, also as JSON. Its `source` may be left out if the module is given. */
  readonly manifest: Manifest | Omit<Manifest, 'source'> | string | Uint8Array
  /** The module, in place of the `source` of the manifest. */
  readonly source?: Exclude<ScriptSource, ModSource | PreparedScript>
  /** The URL to which the manifest's `source` is relative. */
  readonly url?: URL
}

/**
 * A script that `prepare` read, assembled, decoded and checked: a source that can be loaded any number of times, in any runtime. It is an import as
 * of `bitscript/vite`, and has been read.
 */
export interface PreparedScript extends Pick<ScriptAsset, 'url' | 'mod' | 'follow'> {
  /** The default name of the scripts that are loaded from it; `undefined` if its source had none. */
  readonly name: string | undefined
  /** What is in its module. */
  readonly module: ModuleDescription
  /** What was read, for the runtime. */
  readonly read: object
}

/**
 * The source of a script: the bytes of a wasm binary or of WAT text, a string of WAT text, a `URL` (http, https, data,
 * file), a `Response`, a file that has already been read, an import of `bitscript/vite`, or the manifest of an Extism plugin or of a mod
 * (also as JSON, in any of these ways), or what `prepare` returned.
 */
export type ScriptSource =
  | Uint8Array
  | ArrayBuffer
  | string
  | URL
  | Response
  | FileSource
  | ScriptAsset
  | ExtismManifest
  | ModSource
  | PreparedScript

/** A mod whose manifest was checked, and whose module was compared with its SHA-256. */
export interface OpenedMod {
  readonly kind: 'opened mod'
  readonly manifest: Manifest
  /** The URL of the manifest, if it has one. */
  readonly url: URL | undefined
  /** The module. */
  readonly source: ScriptSource
  /** Throws `InvalidMetadata` if the text that `get_version` returned is not the version of the manifest. */
  readonly checkVersion: (text: Uint8Array | undefined) => void
  /** Throws `InvalidOptions` if a config does not match the schema of the manifest, with every mistake and its path. */
  readonly checkConfig: (config: unknown) => void
  /**
   * Returns the options of a load: those of the manifest, with `given` in their place, whose grant may only narrow that of the manifest. Throws
   * `DependencyUnmet` for what the game does not have, `InvalidOptions` for a config that does not match the manifest's schema.
   */
  readonly complete: (given: LoadOptions, game: Pick<ResolvedRuntimeOptions, 'host' | 'hostVersions'>) => LoadOptions
}
