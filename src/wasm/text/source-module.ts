import type { SourceText } from './source-places.ts'

/** A script's module and its source. */
export interface SourceModule extends SourceText {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What finds places in the text; left out with the text. A page without texts does not download it. */
  readonly reader?: typeof import('./wat.ts')
  /** Returns the text of a file in the folder of the module or below, at once; `undefined` if there is none. Left out where there are no files. */
  readonly readBeside?: (path: string) => string | undefined
  /** What the manifest of an Extism plugin adds to its module; left out if it has none. */
  readonly manifest?: SourceManifest
  /** The mod that the module belongs to; left out if it was loaded without a manifest. */
  readonly mod?: SourceMod
}

/** The mod that a module belongs to. */
export interface SourceMod {
  /** What the mod says of itself. */
  readonly manifest: object & { readonly name: string; readonly version: string }
  /** The URL of the module beside that of the manifest, if it has one. */
  readonly files: readonly URL[]
  /** Throws `InvalidMetadata` if the text that `get_version` returned is not the version of the manifest. */
  readonly checkVersion: (text: Uint8Array | undefined) => void
  /** Throws `InvalidOptions` if a config does not match the schema of the manifest, with every mistake and its path. */
  readonly checkConfig: (config: unknown) => void
}

/** What the manifest of an Extism plugin adds to its module. */
export interface SourceManifest {
  /** The manifest with all modules in it, as JSON: a recording holds it. */
  readonly text: string
  /** The URLs that its modules were read from. */
  readonly files: readonly URL[]
  /** The modules that the plugin imports, by name. */
  readonly linked: readonly LinkedSource[]
  /** The values of `config_get`, by key. Those of the option `config` win. */
  readonly config: Readonly<Record<string, string>>
  /** Pages that each memory may have, if that is less than the limit. */
  readonly memoryPages: number
  /** Milliseconds that a call in a worker may take, if that is less than the option says; `undefined` if it says none. */
  readonly timeoutMs: number | undefined
}

/** A module that an Extism plugin imports. */
export interface LinkedSource {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Returns what a recording holds of a source: all that is needed to open it again. */
export function contentOf({ manifest, text, bytes }: SourceModule): string | Uint8Array<ArrayBuffer> {
  return manifest?.text ?? text ?? bytes
}
