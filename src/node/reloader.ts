import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type ReloadReport, ScriptError, type ScriptInfo, type WasmScriptRuntime } from '../index.ts'

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

/** A file that cannot be read, is empty, or seems cut off is read again after each of these, in milliseconds. */
const PATIENCE: readonly number[] = [15, 30, 60, 120, 240]

/** For this long, in milliseconds, a watcher may tell of no second change of a file: chokidar's 50, and some more. */
const SILENCE = 75

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
        const changesLate = !work.again && (await this.#changesLate(file))
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
    let tried: Uint8Array | undefined
    let mistake: ScriptError | undefined
    let isEmpty = false
    for (let attempt = 0; attempt <= PATIENCE.length && !this.#closed; attempt++) {
      if (attempt > 0) await this.#wait(PATIENCE[attempt - 1] as number)
      const content = await this.#tryRead(file)
      isEmpty = content?.length === 0
      if (content === undefined || isEmpty) continue
      const standsStill = tried !== undefined && sameBytes(content, tried)
      if (mistake !== undefined && standsStill && !seemsCut(mistake, content)) break
      if (mistake !== undefined && standsStill) continue
      if (sameBytes(content, this.#seen.get(file))) return
      tried = content
      mistake = await this.#apply(file, url, content)
      if (mistake === undefined) {
        this.#seen.set(file, content)
        return
      }
    }
    if (isEmpty) mistake = new ScriptError('InvalidText', 'the file is empty')
    if (mistake === undefined || this.#closed) return
    if (tried !== undefined) this.#seen.set(file, tried)
    this.#onOutcome({ state: 'mistake', file, script: this.scriptOf(file), error: mistake })
  }

  /** Loads or reloads. Gives the mistake, if there is one. */
  async #apply(file: string, url: URL, content: Uint8Array): Promise<ScriptError | undefined> {
    const script = this.scriptOf(file)
    try {
      if (script !== undefined) {
        const report = await this.#runtime.reloadModule(script.id, { url, content }, { preserve: 'auto' })
        this.#onOutcome({ state: 'reloaded', file, script, report })
        return undefined
      }
      const id = await this.#runtime.loadModule({ url, content })
      this.#onOutcome({ state: 'loaded', file, script: this.#runtime.script(id) })
      return undefined
    } catch (error) {
      return error as ScriptError
    }
  }

  /** Whether a file changed once more, of which the watcher may keep silent so soon after the first time. */
  async #changesLate(file: string): Promise<boolean> {
    await this.#wait(SILENCE)
    const content = await this.#tryRead(file)
    return content !== undefined && content.length > 0 && !sameBytes(content, this.#seen.get(file))
  }

  async #tryRead(file: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#read(file)
    } catch {
      return undefined
    }
  }
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0
}

/** Whether what is wrong with a text is at its end, as in one that is still being written; with a binary, one cannot tell. */
function seemsCut(mistake: ScriptError, content: Uint8Array): boolean {
  if (mistake.code === 'InvalidBinary') return true
  if (mistake.code !== 'InvalidText' || mistake.location === undefined) return false
  const lines = new TextDecoder().decode(content).trimEnd().split('\n')
  return mistake.location.line >= lines.length
}
