import { fileURLToPath, pathToFileURL } from 'node:url'
import { sameBytes } from '../bytes.ts'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { compiledContent, compileFile, readWhole } from '../files/read-source.ts'
import { sameFile } from '../files/same-file.ts'
import { changedAgain, type Settling, settle } from '../files/settle.ts'
import { ScriptError, type ScriptId, type ScriptInfo, type WasmScriptRuntime } from '../index.ts'
import type { FileOutcome } from './file-outcome.ts'
import { printTrouble } from './format-report.ts'
import { isDisposed, runningScripts } from './running-scripts.ts'

/** Options of {@link ScriptReloader}. */
export interface ReloaderOptions {
  /**
   * Called with the outcome of every changed file. Without it, mistakes are printed to the console as errors, and files and
   * folders that are gone as warnings.
   * @default the console
   */
  readonly onOutcome?: (outcome: FileOutcome) => void
  /** Waits for a number of milliseconds. @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** Reads a file. @default reads no more of it than the `limits.moduleBytes` of its script */
  readonly read?: (file: string) => Promise<Uint8Array>
}

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
  readonly #read: ((file: string) => Promise<Uint8Array>) | undefined
  /** The last processed content of each file. */
  readonly #seen = new Map<string, Uint8Array>()
  /** Files that are being processed; `again` if they changed meanwhile. */
  readonly #working = new Map<string, { again: boolean; readonly done: Promise<void> }>()
  /** The last reload of each script: those of its files, which a build may write together, take turns. */
  readonly #reloads = new Map<ScriptId, Promise<unknown>>()
  #closed = false

  /** Creates a reloader for the scripts of a runtime. */
  constructor(runtime: WasmScriptRuntime, options: ReloaderOptions = {}) {
    sourceCompilers()
    this.#runtime = runtime
    this.#onOutcome = options.onOutcome ?? printTrouble
    this.#wait = options.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))
    this.#read = options.read
  }

  /**
   * Returns the script that was loaded from a file, or whose manifest names it; if there are several, the first that runs; `undefined` if
   * there is none.
   *
   * @example
   * console.log(reloader.scriptOf('/game/mover.wat')?.generation)
   */
  scriptOf(file: string): ScriptInfo | undefined {
    return this.#scriptsOf(file)[0]
  }

  /**
   * Handles a change of a file: reloads its scripts, or loads a new one if `mayLoad` is `true`. Resolves when the change has been
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
      try {
        while (work.again && !this.#closed) {
          work.again = false
          await this.#process(file, url)
          // The watcher may set `work.again` during the wait.
          const changesLate = !work.again && (await changedAgain(this.#file(file)))
          work.again ||= changesLate
        }
      } finally {
        // What is called with the outcome may throw.
        this.#working.delete(file)
      }
    }
    this.#working.set(file, work)
    return Object.assign(work, { done: run() }).done
  }

  /**
   * Forgets the content of a file, so that it counts as changed at the next call of `changed`, whatever it is.
   *
   * @example
   * reloader.forget('/game/mover.wat')
   */
  forget(file: string): void {
    this.#seen.delete(file)
  }

  /**
   * Handles the removal of a file: its script continues, and `onOutcome` reports the removal.
   *
   * @example
   * watcher.on('unlink', (file) => reloader.removed(file))
   */
  removed(file: string): void {
    this.forget(file)
    for (const script of this.#scriptsOf(file)) this.#onOutcome({ state: 'removed', file, script })
  }

  /**
   * Stops processing changes. Further calls do nothing.
   *
   * @example
   * reloader.close()
   */
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
    if (settled.state === 'mistake' && isDisposed(settled.error)) return this.close()
    if (settled.content !== undefined) this.#seen.set(file, compiledContent(file, settled.content))
    // After the file was empty, its previous content counts as a change.
    else this.#seen.delete(file)
    if (settled.state === 'taken') for (const outcome of settled.result) this.#onOutcome(outcome)
    else this.#onOutcome({ state: 'mistake', file, script: this.scriptOf(file), error: settled.error })
  }

  /** Loads or reloads the scripts of a file. Rejects with the mistake, if no script can take the content. */
  async #apply(file: string, url: URL, whole: Uint8Array): Promise<readonly FileOutcome[]> {
    const content = await compileFile(file, whole)
    const scripts = this.#scriptsOf(file)
    if (scripts.length === 0) {
      const id = await this.#runtime.loadModule({ url, content })
      return [{ state: 'loaded', file, script: this.#runtime.script(id) }]
    }
    const outcomes = await Promise.all(scripts.map((script) => this.#reload(script, file, content)))
    const [first] = outcomes
    if (first?.state === 'mistake' && outcomes.every(({ state }) => state === 'mistake')) throw first.error
    return outcomes
  }

  async #reload(script: ScriptInfo, file: string, content: Uint8Array): Promise<FileOutcome> {
    const { id, url = pathToFileURL(file) } = script
    // A module that a manifest names is read with the manifest.
    const source = isFile(url, file) ? { url, content } : url
    const before = this.#reloads.get(id)
    const reload = Promise.resolve(before).then(() => this.#runtime.reloadModule(id, source, { preserve: 'auto' }))
    const done = reload.catch(() => undefined)
    this.#reloads.set(id, done)
    try {
      const report = await reload
      return { state: 'reloaded', file, script, report }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      return { state: 'mistake', file, script, error }
    } finally {
      if (this.#reloads.get(id) === done) this.#reloads.delete(id)
    }
  }

  #scriptsOf(file: string): readonly ScriptInfo[] {
    return runningScripts(this.#runtime).filter(({ url, files }) => url !== undefined && files.some((each) => isFile(each, file)))
  }

  /** Returns how to read a file, and whether its content has already been processed. */
  #file(file: string): Pick<Settling<readonly FileOutcome[]>, 'file' | 'read' | 'wait' | 'isKnown'> {
    return { file, read: () => this.#tryRead(file), wait: this.#wait, isKnown: (content) => isSame(content, this.#seen.get(file)) }
  }

  /** Returns the bytes that a file may have: what one of its scripts can take, or else a new script. */
  #limitOf(file: string): number {
    const limits = this.#scriptsOf(file).map((script) => script.limits)
    return Math.max(...(limits.length === 0 ? [this.#runtime.limits] : limits).map(({ moduleBytes }) => moduleBytes))
  }

  /** Resolves with the content of a file; `undefined` if it cannot be read. Rejects with a `ScriptError` if it is too large. */
  async #tryRead(file: string): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined
    return this.#read === undefined ? readWhole(file, this.#limitOf(file)) : this.#read(file).catch(() => undefined)
  }
}

function isFile(url: URL, file: string): boolean {
  return url.protocol === 'file:' && sameFile(fileURLToPath(url), file)
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && sameBytes(one, other)
}
