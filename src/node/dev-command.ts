import { basename, dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { type Mods, ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { DevBuilds } from './dev-builds.ts'
import type { FileOutcome } from './file-outcome.ts'
import { formatMistake, formatOutcome, formatReport, formatScript, formatWarning } from './format-report.ts'
import { formatUpdate, updateGameFiles } from './game-files.ts'
import { watchGameModules } from './game-modules.ts'
import { loadMods } from './load-mods.ts'
import { isFolder, isModManifest, manifestsAt } from './mod-manifests.ts'
import { NewMods } from './new-mods.ts'
import { print, style } from './output.ts'
import { recordTo } from './replay-command.ts'
import { type CreateSimulation, importSimulation, type Simulation, simulationError, simulationFile } from './simulation.ts'
import { type RunReport, Statistics } from './statistics.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'
import { watchScripts } from './watcher.ts'
import { withCleanup } from './with-cleanup.ts'

/** Options of `bitscript dev`. */
export interface DevOptions extends TerminalOptions {
  /** Seconds per tick. */
  readonly dt: number
  /** The seed of the random numbers. */
  readonly seed: number
  /** The file to record the run to, including reloads, for `replay`. */
  readonly record?: string
  /** The path of mods to load into the simulation: a folder, an index or a manifest. */
  readonly mods?: string
  /** Allow the build commands of manifests without a question. */
  readonly yes: boolean
  /** Ends the run, which then prints its report. */
  readonly signal: AbortSignal
}

/** Ticks to catch up on after a pause. Older ticks are skipped. */
const MAX_LATE_TICKS = 5
/** Milliseconds between two lines of progress. */
const STATUS_EVERY = 500

/** What the status line shows beside the ticks. */
interface Progress {
  /** The outcome of the last save, so that it stays in sight while scripts log. */
  outcome: string
}

/** Runs a simulation in real time and reloads scripts on save. Resolves with the exit code. */
export async function dev(file: string, options: DevOptions): Promise<number> {
  const report = await withCleanup((atEnd) => runUntilAborted(file, options, atEnd))
  if (report !== undefined) print(`\n${formatReport(report)}`)
  return 0
}

/** Resolves with a report; `undefined` if it was interrupted before the scripts had loaded. What it opens keeps the process alive until it is closed. */
async function runUntilAborted(file: string, options: DevOptions, atEnd: (cleanup: () => unknown) => void): Promise<RunReport | undefined> {
  const terminal = new Terminal(options)
  const create = await importSimulation(file)
  atEnd(sourceCompilers().onWarning((warning) => terminal.print(formatWarning(warning))))
  const builds = new DevBuilds({ yes: options.yes, print: (text) => terminal.print(text) })
  options.signal.addEventListener('abort', () => void builds.close(), { once: true })
  atEnd(() => builds.close())
  if (options.mods !== undefined) await builds.add(await manifestsAt(options.mods))
  const loaded = await load(file, create, options, terminal)
  if (loaded === undefined) return undefined
  const { simulation, mods } = loaded
  const { runtime } = simulation
  atEnd(() => runtime.dispose())
  if (options.record !== undefined) atEnd(await recordTo(options.record, { sim: file, mods: options.mods }, simulation))
  // What it does with them is recorded.
  if (mods !== undefined) await simulation.useMods?.(mods)
  const statistics = new Statistics(simulation)
  const progress: Progress = { outcome: '' }
  const onOutcome = (outcome: FileOutcome): void => {
    terminal.print(formatOutcome(outcome))
    progress.outcome = statusOf(outcome)
    if (isModManifest(outcome.file)) void builds.changed(outcome.file)
  }
  const watcher = watchScripts(runtime, { ...(simulation.folder !== undefined && { folder: simulation.folder }), onOutcome })
  atEnd(() => watcher.close())
  await watcher.ready
  const newMods =
    mods === undefined || options.mods === undefined || !(await isFolder(options.mods))
      ? undefined
      : new NewMods(runtime, mods, options.mods, { onOutcome, build: (manifest) => builds.changed(manifest) })
  atEnd(() => newMods?.close())
  await newMods?.ready
  await builds.add(manifestsOf(simulation))
  const gameModules = await watchGameModules(await simulationFile(file), simulation, (text) => terminal.print(text))
  atEnd(() => gameModules.close())
  const names = runtime.scripts().map((script) => formatScript(script, escapeLine(script.name)))
  const [count, runs] = names.length === 1 ? ['1 script', 'runs'] : [`${names.length} scripts`, 'run']
  terminal.print(`${style.bold(count)} ${runs}: ${names.join(', ')}. Save one to reload it; Ctrl-C ends.`)
  const start = performance.now()
  await tickInRealTime(simulation, statistics, options, terminal, progress)
  terminal.status('')
  return statistics.report(options.seed, (performance.now() - start) / 1000)
}

/** Returns the manifests of the scripts that a simulation has loaded. */
function manifestsOf({ runtime }: Simulation): string[] {
  const files = runtime.scripts().flatMap(({ url }) => (url?.protocol === 'file:' ? [fileURLToPath(url)] : []))
  return files.filter(isModManifest)
}

async function tickInRealTime(
  simulation: Simulation,
  statistics: Statistics,
  { dt, signal }: DevOptions,
  terminal: Terminal,
  progress: Progress,
): Promise<void> {
  let next = performance.now()
  let shown = next
  while (!signal.aborted) {
    const now = performance.now()
    next = Math.max(next, now - MAX_LATE_TICKS * dt * 1000)
    while (next <= now && !signal.aborted) {
      simulation.step(dt)
      next += dt * 1000
    }
    if (now - shown >= STATUS_EVERY) {
      shown = now
      terminal.status(`tick ${statistics.ticks}, ${statistics.msPerTick.toFixed(2)} ms each${progress.outcome}`)
    }
    await wait(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined)
  }
}

function statusOf(outcome: FileOutcome): string {
  const { file, state } = outcome
  const result = state === 'reloaded' ? `generation ${outcome.report.generation}` : state
  return `; ${escapeLine(basename(file))}: ${result}`
}

/** A simulation whose scripts are loaded, and its mods. */
interface LoadedSimulation {
  readonly simulation: Simulation
  readonly mods: Mods | undefined
}

/**
 * Creates the simulation and loads its scripts and mods. If a script has a mistake, prints it, waits until the file is saved, and
 * tries again. Resolves with `undefined` if it is interrupted.
 */
async function load(
  file: string,
  create: CreateSimulation,
  { seed, signal, mods }: DevOptions,
  terminal: Terminal,
): Promise<LoadedSimulation | undefined> {
  let waitedFor: string | undefined
  while (!signal.aborted) {
    const simulation = await create({ seed })
    simulation.runtime.on('log', (line) => terminal.log(line))
    simulation.runtime.on('error', (error) => terminal.print(formatMistake(error)))
    try {
      await simulation.load()
      await updateFilesOf(file, simulation, true, terminal)
      return { simulation, mods: mods === undefined ? undefined : await loadMods(simulation, mods) }
    } catch (error) {
      // A script may use a component that its bindings do not have yet.
      const isUpdated = error instanceof ScriptError && (await updateFilesOf(file, simulation, false, terminal))
      simulation.runtime.dispose()
      if (isUpdated) continue
      // A script that was corrected may have another mistake, or have been read while it was written: then it has no place.
      const mistaken = error instanceof ScriptError ? (error.location?.file ?? waitedFor) : undefined
      if (!(error instanceof ScriptError) || mistaken === undefined) throw simulationError('the simulation could not be loaded', error)
      terminal.print(formatMistake(error))
      terminal.print(style.dim('  waiting until it is saved'))
      await waitForSave(filesOfMistake(mistaken), signal)
      waitedFor = mistaken
    }
  }
  return undefined
}

/** Keeps the bindings beside a simulation and its scripts up to date. Resolves with whether a file was written. */
async function updateFilesOf(file: string, simulation: Simulation, isComplete: boolean, terminal: Terminal): Promise<boolean> {
  try {
    const updated = await updateGameFiles(file, simulation, isComplete)
    for (const each of updated) if (isComplete || each.state === 'written') terminal.print(formatUpdate(each))
    return updated.some(({ state }) => state === 'written')
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    terminal.print(formatMistake(error))
    return false
  }
}

/** Returns the files that may correct a mistake in a file: itself, and all of the sources that it is part of. One of them may be missing. */
function filesOfMistake(file: string): ReadonlySet<string> {
  const compilers = sourceCompilers()
  return new Set([file, ...compilers.sourcesOf(file).flatMap((source) => compilers.filesOf(source))])
}

/** Resolves at the next change of one of some files, or when the signal aborts. */
async function waitForSave(files: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  let resume: () => void = () => undefined
  const watcher = new FolderWatcher({
    changed: (changed) => {
      if (files.has(changed)) resume()
    },
    removed: () => undefined,
    lost: () => undefined,
  })
  try {
    await new Promise<void>((resolve) => {
      resume = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      for (const folder of new Set([...files].map((file) => dirname(file)))) watcher.expect(folder)
    })
  } finally {
    await watcher.close()
  }
}
