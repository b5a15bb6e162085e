import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sameBytes } from '../bytes.ts'
import { changedAgain, type Settling, settle } from '../files/settle.ts'
import type { ReloadReport, ScriptError, ScriptInfo, ScriptStatus, WasmScriptRuntime } from '../index.ts'

/** What a reloader did with a changed file, by `state`. */
export type FileOutcome =
  | { readonly state: 'reloaded'; readonly file: string; readonly script: ScriptInfo; readonly report: ReloadReport }
  | { readonly state: 'loaded'; readonly file: string; readonly script: ScriptInfo }
  /** The script has a mistake. Its previous generation continues, if there is one. */
  | { readonly state: 'mistake'; readonly file: string; readonly script: ScriptInfo | undefined; readonly error: ScriptError }
  /** The file was removed. Its script continues. */
  | { readonly state: 'removed'; readonly file: string; readonly script: ScriptInfo }

/** Options of {@link ScriptReloader}. */
export interface ReloaderOptions {
  /** Called with the outcome of every changed file. */
  readonly onOutcome?: (outcome: FileOutcome) => void
  /** Waits for a number of milliseconds. @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** Reads a file. @default fs.readFile */
  readonly read?: (file: string) => Promise<Uint8Array>
}

/** Milliseconds between two checks of a script that is still loading. */
const LOAD_WAIT = 15
/** Checks of a script that is still loading. */
const MAX_LOAD_CHECKS = 1000
const LOADING: readonly ScriptStatus[] = ['loading', 'validating', 'initializing']

/**
 * Reloads scripts when their files change. It reads a file until its content no longer changes, since an editor may empty a
 * file before writing it, write it in parts, or replace it by renaming another. `watchScripts` connects it to a file watcher;
 * use it directly with a watcher of your own.
 *
 * @example
 * const reloader = new ScriptReloader(runtime, { onOutcome: ({ file, state }) => console.log(file, state) })
 * watcher.on('change', (file) => reloader.changed(file, pathToFileURL(file), false))
 */
export class ScriptReloader {
  readonly #runtime: WasmScriptRuntime
  readonly #onOutcome: (outcome: FileOutcome) => void
  readonly #wait: (milliseconds: number) => Promise<void>
  readonly #read: (file: string) => Promise<Uint8Array>
  /** The last processed content of each file. */
  readonly #seen = new Map<string, Uint8Array>()
  /** Files that are being processed; `again` if they changed meanwhile. */
  readonly #working = new Map<string, { again: boolean; readonly done: Promise<void> }>()
  #closed = false

  /** Creates a reloader for the scripts of a runtime. */
  constructor(runtime: WasmScriptRuntime, options: ReloaderOptions = {}) {
    this.#runtime = runtime
    this.#onOutcome = options.onOutcome ?? (() => undefined)
    this.#wait = options.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))
    this.#read = options.read ?? readFile
  }

  /** Returns the script that was last loaded from a file; `undefined` if there is none. */
  scriptOf(file: string): ScriptInfo | undefined {
    return this.#runtime.scripts().find(({ url }) => url?.protocol === 'file:' && fileURLToPath(url) === file)
  }

  /**
   * Handles a change of a file: reloads its script, or loads a new one if `mayLoad` is `true`. Resolves when the change has been
   * processed; never rejects for a mistake in the script, which `onOutcome` reports.
   *
   * @example
   * await reloader.changed('/game/mover.wat', new URL('file:///game/mover.wat'), true)
   */
  changed(file: string, url: URL, mayLoad: boolean): Promise<void> {
    if (!mayLoad && this.scriptOf(file) === undefined) return Promise.resolve()
    const working = this.#working.get(file)
    if (working !== undefined) {
      working.again = true
      return working.done
    }
    const work = { again: true, done: Promise.resolve() }
    const run = async (): Promise<void> => {
      while (work.again && !this.#closed) {
        work.again = false
        await this.#process(file, url)
        // The watcher may set `work.again` during the wait.
        const changesLate = !work.again && (await changedAgain(this.#file(file)))
        work.again ||= changesLate
      }
      this.#working.delete(file)
    }
    this.#working.set(file, work)
    return Object.assign(work, { done: run() }).done
  }

  /** Handles the removal of a file: its script continues, and `onOutcome` reports the removal. */
  removed(file: string): void {
    this.#seen.delete(file)
    const script = this.scriptOf(file)
    if (script !== undefined) this.#onOutcome({ state: 'removed', file, script })
  }

  /** Stops processing changes. Further calls do nothing. */
  close(): void {
    this.#closed = true
  }

  async #process(file: string, url: URL): Promise<void> {
    const settled = await settle({
      ...this.#file(file),
      take: (content) => this.#apply(file, url, content),
      isClosed: () => this.#closed,
    })
    if (settled.state === 'nothing') return
    if (settled.content !== undefined) this.#seen.set(file, settled.content)
    // After the file was empty, its previous content counts as a change.
    else this.#seen.delete(file)
    this.#onOutcome(
      settled.state === 'taken' ? settled.result : { state: 'mistake', file, script: this.scriptOf(file), error: settled.error },
    )
  }

  /** Loads or reloads the script of a file. Rejects with the mistake, if there is one. */
  async #apply(file: string, url: URL, content: Uint8Array): Promise<FileOutcome> {
    const script = this.scriptOf(file)
    if (script === undefined) {
      const id = await this.#runtime.loadModule({ url, content })
      return { state: 'loaded', file, script: this.#runtime.script(id) }
    }
    // A script can be reloaded only once it is loaded.
    for (let checks = 0; LOADING.includes(script.status) && checks < MAX_LOAD_CHECKS && !this.#closed; checks++) {
      await this.#wait(LOAD_WAIT)
    }
    const report = await this.#runtime.reloadModule(script.id, { url, content }, { preserve: 'auto' })
    return { state: 'reloaded', file, script, report }
  }

  /** Returns how to read a file, and whether its content has already been processed. */
  #file(file: string): Pick<Settling<FileOutcome>, 'read' | 'wait' | 'isKnown'> {
    return { read: () => this.#tryRead(file), wait: this.#wait, isKnown: (content) => isSame(content, this.#seen.get(file)) }
  }

  async #tryRead(file: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#read(file)
    } catch {
      return undefined
    }
  }
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && sameBytes(one, other)
}
