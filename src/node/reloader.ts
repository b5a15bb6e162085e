import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sameBytes } from '../bytes.ts'
import { changedAgain, type Settling, settle } from '../files/settle.ts'
import type { ReloadReport, ScriptError, ScriptInfo, ScriptStatus, WasmScriptRuntime } from '../index.ts'

/** What became of a file that changed. */
export type FileOutcome =
  | { readonly state: 'reloaded'; readonly file: string; readonly script: ScriptInfo; readonly report: ReloadReport }
  | { readonly state: 'loaded'; readonly file: string; readonly script: ScriptInfo }
  /** The script has a mistake; the generation before runs on, if there was one. */
  | { readonly state: 'mistake'; readonly file: string; readonly script: ScriptInfo | undefined; readonly error: ScriptError }
  /** The file is gone; its script runs on. */
  | { readonly state: 'removed'; readonly file: string; readonly script: ScriptInfo }

export interface ReloaderOptions {
  /** Told of every file that was dealt with. */
  readonly onOutcome?: (outcome: FileOutcome) => void
  /** Waits that many milliseconds. @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** The bytes of a file. @default fs.readFile */
  readonly read?: (file: string) => Promise<Uint8Array>
}

/** A script that is still loading is looked at again after so many milliseconds, and so often at most. */
const LOAD_WAIT = 15
const MOST_TRIES = 1000
const LOADING: readonly ScriptStatus[] = ['loading', 'validating', 'initializing']

/**
 * Reloads scripts whose files were saved. An editor may empty a file before it writes it, write it in parts, or replace
 * it by renaming another: so a file is read until it stands still, and the compiler is the judge of whether it is whole.
 */
export class ScriptReloader {
  readonly #runtime: WasmScriptRuntime
  readonly #onOutcome: (outcome: FileOutcome) => void
  readonly #wait: (milliseconds: number) => Promise<void>
  readonly #read: (file: string) => Promise<Uint8Array>
  /** What each file held when it was last dealt with. */
  readonly #seen = new Map<string, Uint8Array>()
  /** Files in work; `again` if they changed meanwhile. */
  readonly #working = new Map<string, { again: boolean; readonly done: Promise<void> }>()
  #closed = false

  constructor(runtime: WasmScriptRuntime, options: ReloaderOptions = {}) {
    this.#runtime = runtime
    this.#onOutcome = options.onOutcome ?? (() => undefined)
    this.#wait = options.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))
    this.#read = options.read ?? readFile
  }

  /** The script that was last loaded from a file. */
  scriptOf(file: string): ScriptInfo | undefined {
    return this.#runtime.scripts().find(({ url }) => url?.protocol === 'file:' && fileURLToPath(url) === file)
  }

  /** Deals with a change of a file: reloads its script, or loads it if it is `mayLoad` and new. Settles when it is done. */
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
        await this.#deal(file, url)
        // Not assigned at once: the watcher may tell of a change meanwhile.
        const changesLate = !work.again && (await changedAgain(this.#file(file)))
        work.again ||= changesLate
      }
      this.#working.delete(file)
    }
    this.#working.set(file, work)
    return Object.assign(work, { done: run() }).done
  }

  /** Tells that a file is gone. */
  removed(file: string): void {
    this.#seen.delete(file)
    const script = this.scriptOf(file)
    if (script !== undefined) this.#onOutcome({ state: 'removed', file, script })
  }

  close(): void {
    this.#closed = true
  }

  async #deal(file: string, url: URL): Promise<void> {
    const settled = await settle({
      ...this.#file(file),
      take: (content) => this.#apply(file, url, content),
      isClosed: () => this.#closed,
    })
    if (settled.state === 'nothing') return
    if (settled.content !== undefined) this.#seen.set(file, settled.content)
    // What it held before is news again after it was empty.
    else this.#seen.delete(file)
    this.#onOutcome(
      settled.state === 'taken' ? settled.result : { state: 'mistake', file, script: this.scriptOf(file), error: settled.error },
    )
  }

  /** Loads or reloads. Throws the mistake, if there is one. */
  async #apply(file: string, url: URL, content: Uint8Array): Promise<FileOutcome> {
    const script = this.scriptOf(file)
    if (script === undefined) {
      const id = await this.#runtime.loadModule({ url, content })
      return { state: 'loaded', file, script: this.#runtime.script(id) }
    }
    // One that is still loading takes the save when it is done.
    for (let tries = 0; LOADING.includes(script.status) && tries < MOST_TRIES && !this.#closed; tries++) await this.#wait(LOAD_WAIT)
    const report = await this.#runtime.reloadModule(script.id, { url, content }, { preserve: 'auto' })
    return { state: 'reloaded', file, script, report }
  }

  /** How a file is read, and whether its content was dealt with before. */
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
