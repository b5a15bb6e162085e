import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { sameFile } from '../files/same-file.ts'
import { settle } from '../files/settle.ts'
import type { Mods, ScriptError, ScriptInfo, WasmScriptRuntime } from '../index.ts'
import type { FileOutcome } from './file-outcome.ts'
import { isModManifest, manifestsAt } from './mod-manifests.ts'
import { isDisposed, runningScripts } from './running-scripts.ts'

/** Options of {@link NewMods}. */
export interface NewModsOptions {
  /** Called with what became of a manifest that was added. A mistake is reported once. */
  readonly onOutcome: (outcome: FileOutcome) => void
  /** Makes the module of a manifest, if a build does. */
  readonly build: (manifest: string) => Promise<void>
  /** Waits for a number of milliseconds. @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/**
 * Loads the mods whose manifests are added to a folder, or to a folder in it, while a game runs. One that cannot be loaded is tried again when
 * a file of the folder changes, and when a mod that it may require was loaded.
 */
export class NewMods {
  readonly #runtime: WasmScriptRuntime
  readonly #mods: Mods
  readonly #options: NewModsOptions
  readonly #watcher: FolderWatcher
  /** Resolves when every change from then on is noticed, and those that came before are. */
  readonly ready: Promise<void>
  /** The manifests that are not loaded, each with the message that was reported. */
  readonly #waiting = new Map<string, string | undefined>()
  #work: Promise<void> = Promise.resolve()
  #isAsked = false
  #isClosed = false

  /** Watches a folder. Throws `LoadFailed` if it does not exist. */
  constructor(runtime: WasmScriptRuntime, mods: Mods, folder: string, options: NewModsOptions) {
    this.#runtime = runtime
    this.#mods = mods
    this.#options = options
    const lost = (file: string, error: ScriptError): void => options.onOutcome({ state: 'unwatched', file, script: undefined, error })
    const watcher = new FolderWatcher(
      { changed: (file) => this.#changed(file), removed: (file) => void this.#waiting.delete(file), lost },
      { deep: true },
    )
    watcher.add(folder)
    this.#watcher = watcher
    // A manifest may have been added since the mods were loaded.
    const manifests = watcher.ready.then(() => manifestsAt(folder)).catch(() => [])
    this.ready = manifests.then((files) => {
      for (const file of files) this.#changed(file)
    })
  }

  /** Stops watching. Resolves when no load is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#watcher.close()
    await this.#work
  }

  #changed(file: string): void {
    if (isModManifest(file) && !this.#waiting.has(file) && this.#scriptOf(file) === undefined) this.#waiting.set(file, undefined)
    if (this.#waiting.size === 0 || this.#isAsked) return
    this.#isAsked = true
    this.#work = this.#work.then(() => this.#loadAll())
  }

  /** Loads what waits, in any order that works. */
  async #loadAll(): Promise<void> {
    this.#isAsked = false
    const mistakes = new Map<string, ScriptError>()
    for (let before = -1; this.#waiting.size !== before && !this.#isClosed; ) {
      before = this.#waiting.size
      for (const file of [...this.#waiting.keys()]) {
        const mistake = await this.#load(file)
        if (mistake === undefined) mistakes.delete(file)
        else mistakes.set(file, mistake)
      }
    }
    for (const [file, error] of mistakes) {
      if (!this.#waiting.has(file) || this.#waiting.get(file) === error.message) continue
      this.#waiting.set(file, error.message)
      this.#options.onOutcome({ state: 'mistake', file, script: undefined, error })
    }
  }

  /** Resolves with the mistake, if the manifest cannot be loaded. */
  async #load(file: string): Promise<ScriptError | undefined> {
    const { build, onOutcome, wait = delay } = this.#options
    const settled = await settle({
      file,
      read: () => readScriptFile(file, this.#runtime.limits.moduleBytes),
      wait: async (milliseconds) => void (await wait(milliseconds)),
      isKnown: () => this.#scriptOf(file) !== undefined,
      take: async () => {
        await build(file)
        await this.#mods.load([pathToFileURL(file)])
      },
      isClosed: () => this.#isClosed,
    })
    if (settled.state === 'mistake' && !isDisposed(settled.error)) return settled.error
    this.#waiting.delete(file)
    const script = this.#scriptOf(file)
    if (settled.state === 'taken' && script !== undefined) onOutcome({ state: 'loaded', file, script })
    return undefined
  }

  #scriptOf(file: string): ScriptInfo | undefined {
    return runningScripts(this.#runtime).find(({ url }) => url?.protocol === 'file:' && sameFile(fileURLToPath(url), file))
  }
}
