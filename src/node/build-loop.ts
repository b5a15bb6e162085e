import { type Attempt, untilCurrent } from '../files/compilers/until-current.ts'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { ScriptError } from '../index.ts'
import { foldersOfSources, isSource, isStale, readSources, type SourcesState } from './build-sources.ts'
import { type BuildStep, commandLine } from './build-step.ts'
import { type RunBuildOptions, runBuild } from './run-build.ts'

/** What came of a build, by `state`. */
export type BuildOutcome =
  | { readonly state: 'built'; readonly ms: number }
  /** The command failed. What was built before stays. */
  | { readonly state: 'failed'; readonly error: ScriptError }

/** Options of {@link BuildLoop}. */
export interface BuildLoopOptions {
  /** Called when a build starts. */
  readonly onStart?: () => void
  /** Called with each line that a build prints. */
  readonly onLine: (line: string) => void
  /** Called with what came of a build, unless its sources changed while it ran: then another follows. */
  readonly onOutcome: (outcome: BuildOutcome) => void
  /** Waits for a number of milliseconds. @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** Runs the command of a build. @default runBuild */
  readonly run?: (step: BuildStep, options: RunBuildOptions) => Promise<void>
}

/** Milliseconds in which no source may change before a build starts: an editor may save several files one after another. */
const QUIET = 75

/** The sources of the last build, and whether it failed. */
interface Built {
  readonly sources: SourcesState
  readonly failed: boolean
}

/**
 * Builds a mod when its sources change: one build at a time, once the sources stay as they are. If they change during a build, another follows, and
 * only the last is reported. The reloader takes what is built, as it takes any file that is saved.
 */
export class BuildLoop {
  readonly #step: BuildStep
  readonly #options: BuildLoopOptions
  readonly #watcher: FolderWatcher
  readonly #stop = new AbortController()
  #built: Built | undefined
  /** The builds that a change asked for; `again` if there was another change since. */
  #working: { again: boolean; readonly done: Promise<void> } | undefined
  /** Resolves when changes are noticed. Rejects with `LoadFailed` if there is no folder of the sources. */
  readonly ready: Promise<void>

  /** Watches the sources of a build, whose command was allowed. */
  constructor(step: BuildStep, options: BuildLoopOptions) {
    this.#step = step
    this.#options = options
    const changed = (file: string): void => void this.changed(file)
    this.#watcher = new FolderWatcher({ changed, removed: changed, lost: () => undefined }, { deep: true })
    this.ready = this.#watch()
  }

  /** Builds if the output is missing or older than its sources. Resolves when that is done. */
  async buildStale(): Promise<void> {
    if (await isStale(this.#step)) await this.#change()
    else this.#built = { sources: await readSources(this.#step), failed: false }
  }

  /** Handles a change of a file. Resolves when the mod is built, if it is a source. */
  changed(file: string): Promise<void> {
    return isSource(this.#step, file) ? this.#change() : Promise.resolve()
  }

  /** Stops watching, and ends the build that runs. Further calls do nothing. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#watcher.close(), this.#working?.done])
  }

  async #watch(): Promise<void> {
    for (const folder of await foldersOfSources(this.#step)) this.#watcher.add(folder)
    await this.#watcher.ready
  }

  #change(): Promise<void> {
    if (this.#working !== undefined) {
      this.#working.again = true
      return this.#working.done
    }
    const work = { again: true, done: Promise.resolve() }
    const run = async (): Promise<void> => {
      try {
        while (work.again && !this.#stop.signal.aborted) {
          work.again = false
          await this.#build()
        }
      } finally {
        this.#working = undefined
      }
    }
    this.#working = work
    return Object.assign(work, { done: run() }).done
  }

  /** Builds until the sources did not change during a build, and reports the last one. */
  async #build(): Promise<void> {
    const { result, isCurrent } = await untilCurrent(() => this.#attempt())
    if (result === undefined) return
    if (!isCurrent) this.#built = { sources: await readSources(this.#step), failed: true }
    this.#options.onOutcome(isCurrent ? result : { state: 'failed', error: endless(this.#step) })
  }

  /** Builds once the sources stay as they are. Resolves without a result if they are built, or the loop is closed. */
  async #attempt(): Promise<Attempt<BuildOutcome | undefined>> {
    const sources = await this.#settled()
    if (this.#stop.signal.aborted || this.#isBuilt(sources)) return { result: undefined, isCurrent: true }
    this.#options.onStart?.()
    const outcome = await this.#run()
    if (this.#stop.signal.aborted) return { result: undefined, isCurrent: true }
    this.#built = { sources, failed: outcome.state === 'failed' }
    return { result: outcome, isCurrent: (await readSources(this.#step)).content === sources.content }
  }

  async #run(): Promise<BuildOutcome> {
    const { onLine, run = runBuild } = this.#options
    const start = performance.now()
    try {
      await run(this.#step, { onLine, signal: this.#stop.signal })
      return { state: 'built', ms: performance.now() - start }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      return { state: 'failed', error }
    }
  }

  /** Resolves with the state of the sources once it is the same twice. */
  async #settled(): Promise<SourcesState> {
    const { wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } = this.#options
    let last = await readSources(this.#step)
    while (!this.#stop.signal.aborted) {
      await wait(QUIET)
      const now = await readSources(this.#step)
      if (now.version === last.version) return now
      last = now
    }
    return last
  }

  /** Returns whether the last build was of these sources. After one that failed, a source that is saved unchanged asks for another. */
  #isBuilt({ content, version }: SourcesState): boolean {
    const built = this.#built
    if (built === undefined) return false
    return built.failed ? built.sources.version === version : built.sources.content === content
  }
}

function endless(step: BuildStep): ScriptError {
  return new ScriptError(
    'BuildFailed',
    `the sources of '${commandLine(step)}' change each time it runs: leave the files that it writes out of build.watch`,
    { script: step.mod },
  )
}
