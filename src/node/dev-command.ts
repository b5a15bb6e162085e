import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import colors from 'picocolors'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { ScriptError } from '../index.ts'
import { formatMistake, formatOutcome, formatReport } from './messages.ts'
import { recordTo } from './replay-command.ts'
import { type CreateSimulation, importSimulation, type Simulation, simulationError } from './simulation.ts'
import { Statistics } from './statistics.ts'
import { Terminal } from './terminal.ts'
import { watchScripts } from './watcher.ts'

/** Options of `bitscript dev`. */
export interface DevOptions {
  /** Seconds per tick. */
  readonly dt: number
  /** The seed of the random numbers. */
  readonly seed: number
  /** The file to record the run to, including reloads, for `replay`. */
  readonly record?: string
  /** Ends the run, which then prints its report. */
  readonly signal: AbortSignal
}

/** Ticks to catch up on after a pause. Older ticks are skipped. */
const MAX_LATE_TICKS = 5
/** Milliseconds between two lines of progress. */
const STATUS_EVERY = 500

/** Runs a simulation in real time and reloads scripts on save. Resolves with the exit code. */
export async function dev(file: string, options: DevOptions): Promise<number> {
  const terminal = new Terminal()
  const create = await importSimulation(file)
  const simulation = await load(create, options, terminal)
  if (simulation === undefined) return 0
  const { runtime } = simulation
  const stopRecording = options.record === undefined ? undefined : await recordTo(options.record, file, simulation)
  const statistics = new Statistics(simulation)
  runtime.on('log', (line) => terminal.log(line))
  runtime.on('error', (error) => terminal.print(formatMistake(error)))
  const watcher = watchScripts(runtime, {
    ...(simulation.folder !== undefined && { folder: simulation.folder }),
    onOutcome: (outcome) => terminal.print(formatOutcome(outcome)),
  })
  await watcher.ready
  const names = runtime.scripts().map((script) => script.name)
  terminal.print(`${colors.bold(`${names.length} scripts`)} run: ${names.join(', ')}. Save one to reload it; Ctrl-C ends.`)
  const start = performance.now()
  await tickInRealTime(simulation, statistics, options, terminal)
  terminal.status('')
  const report = statistics.report(options.seed, (performance.now() - start) / 1000)
  await watcher.close()
  await stopRecording?.()
  runtime.dispose()
  process.stdout.write(`\n${formatReport(report)}\n`)
  return 0
}

async function tickInRealTime(
  simulation: Simulation,
  statistics: Statistics,
  { dt, signal }: DevOptions,
  terminal: Terminal,
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
      terminal.status(colors.dim(`tick ${statistics.ticks}, ${statistics.msPerTick.toFixed(2)} ms each`))
    }
    await wait(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined)
  }
}

/**
 * Creates the simulation and loads its scripts. If a script has a mistake, prints it, waits until the file is saved, and
 * tries again. Resolves with `undefined` if it is interrupted.
 */
async function load(create: CreateSimulation, { seed, signal }: DevOptions, terminal: Terminal): Promise<Simulation | undefined> {
  while (!signal.aborted) {
    const simulation = await create({ seed })
    try {
      await simulation.load()
      return simulation
    } catch (error) {
      simulation.runtime.dispose()
      const file = error instanceof ScriptError ? error.location?.file : undefined
      if (!(error instanceof ScriptError) || file === undefined) throw simulationError('the simulation could not be loaded', error)
      terminal.print(formatMistake(error))
      terminal.print(colors.dim('  waiting until it is saved'))
      await waitForSave(file, signal)
    }
  }
  return undefined
}

/** Resolves at the next change of a file, or when the signal aborts. */
async function waitForSave(file: string, signal: AbortSignal): Promise<void> {
  let resume: () => void = () => undefined
  const watcher = new FolderWatcher({
    changed: (changed) => {
      if (changed === file) resume()
    },
    removed: () => undefined,
  })
  try {
    await new Promise<void>((resolve) => {
      resume = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      watcher.add(dirname(file))
    })
  } finally {
    watcher.close()
  }
}
