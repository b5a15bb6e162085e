import { sameBytes } from '../bytes.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import type { ScriptChange } from './hot-events.ts'
import { changeOf } from './module-code.ts'

/** What an environment of the development server last served as one script's module. */
interface Served extends ScriptFile {
  /** The content of the file, and of the modules that a manifest names. */
  readonly content: Uint8Array
  /** `undefined` if the content has a mistake, so that what imports it did not start. */
  readonly module: SourceModule | undefined
  readonly version: number
}

/** The file of a script. */
export interface ScriptFile {
  readonly file: string
  /** Its path as errors show it. */
  readonly name: string
}

const NO_CONTENT = new Uint8Array()

/** The scripts that a development server served, by environment and module. */
export class ServedScripts {
  readonly #served = new Map<string, Served>()

  /** Returns whether everything that was served from a file has this content, and could start. */
  isKnown(file: string, content: Uint8Array): boolean {
    for (const served of this.#served.values()) {
      if (served.file === file && (served.module === undefined || !sameBytes(served.content, content))) return false
    }
    return true
  }

  /** Keeps what is served: `undefined` for content with a mistake. Returns it if it differs from what was served before. */
  serve(
    environment: string,
    id: string,
    file: ScriptFile,
    content: Uint8Array,
    module: SourceModule | undefined,
  ): ScriptChange | undefined {
    const key = keyOf(environment, id)
    const before = this.#served.get(key)
    const isSame = before !== undefined && (before.module === undefined) === (module === undefined) && sameBytes(before.content, content)
    if (isSame) return undefined
    this.#served.set(key, { ...file, content, module, version: (before?.version ?? 0) + 1 })
    return this.latest(environment, id)
  }

  /** Keeps the content of a save with a mistake. What runs is the module before it. */
  keepMistake(environment: string, id: string, content: Uint8Array): void {
    const key = keyOf(environment, id)
    const before = this.#served.get(key)
    if (before !== undefined) this.#served.set(key, { ...before, content })
  }

  /** Returns the module that was last served; `undefined` if there is none, or it has a mistake. */
  latest(environment: string, id: string): ScriptChange | undefined {
    const { name, module, version } = this.#served.get(keyOf(environment, id)) ?? {}
    if (name === undefined || module === undefined || version === undefined) return undefined
    return changeOf(id, name, version, module)
  }

  /** Returns whether a module was served, with or without a mistake. */
  serves(environment: string, id: string): boolean {
    return this.#served.has(keyOf(environment, id))
  }

  /** Returns whether a module was served with a mistake. */
  isBroken(environment: string, id: string): boolean {
    const served = this.#served.get(keyOf(environment, id))
    return served !== undefined && served.module === undefined
  }

  /** Forgets the content of a removed file, so that it counts as changed when it is created again. */
  forget(file: string): void {
    for (const [key, served] of this.#served) if (served.file === file) this.#served.set(key, { ...served, content: NO_CONTENT })
  }
}

function keyOf(environment: string, id: string): string {
  return `${environment} ${id}`
}
