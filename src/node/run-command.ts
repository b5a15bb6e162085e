import { resolve } from 'node:path'
import { formatMistake, formatReport } from './format-report.ts'
import { loadSimulation } from './load-simulation.ts'
import { print, printJson } from './output.ts'
import { playTicks } from './play-ticks.ts'
import { recordTo } from './replay-command.ts'
import { shortPath } from './short-path.ts'
import { importSimulation, type Simulation } from './simulation.ts'
import { Statistics } from './statistics.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'

/** Options of `bitscript run`. */
export interface RunOptions extends TerminalOptions {
  /** The number of ticks to run. */
  readonly ticks: number
  /** Seconds per tick. */
  readonly dt: number
  /** The seed of the random numbers. */
  readonly seed: number
  /** Print only the report, as JSON. */
  readonly json: boolean
  /** The path of mods to load into the simulation: a folder, an index or a manifest. */
  readonly mods?: string
  /** The file to record the run to, for `replay`. */
  readonly record?: string
  /** Ends the run, which then prints its report. */
  readonly signal: AbortSignal
}

/** Runs a simulation without a screen as fast as possible, and prints a report. Resolves with the exit code: 1 if a script faulted. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const create = await importSimulation(file)
  const simulation = await create({ seed: options.seed })
  try {
    return await runTicks(file, simulation, options)
  } finally {
    // A worker of a plugin would keep the process alive.
    simulation.runtime.dispose()
  }
}

async function runTicks(file: string, simulation: Simulation, options: RunOptions): Promise<number> {
  const terminal = new Terminal(options)
  const statistics = new Statistics(simulation)
  if (!options.json) {
    simulation.runtime.on('log', (line) => terminal.log(line))
    simulation.runtime.on('error', (error) => terminal.print(formatMistake(error)))
  }
  const mods = await loadSimulation(simulation, options.mods)
  const stopRecording =
    options.record === undefined ? undefined : await recordTo(options.record, { sim: file, mods: options.mods }, simulation)
  // What it does with them is recorded.
  if (mods !== undefined) await simulation.useMods?.(mods)
  const start = performance.now()
  await playTicks(
    () => statistics.ticks < options.ticks && !options.signal.aborted,
    async () => {
      simulation.step(options.dt)
      // Plugins in workers answer as early as they can: no one waits for the next tick.
      await simulation.runtime.settle()
    },
    () => {
      if (!options.json) terminal.status(`tick ${statistics.ticks} of ${options.ticks}, ${statistics.msPerTick.toFixed(2)} ms each`)
    },
  )
  terminal.status('')
  const recording = await stopRecording?.()
  const report = statistics.report(options.seed, (performance.now() - start) / 1000)
  if (options.json) printJson(report)
  else print(`\n${formatReport(report)}`)
  if (recording !== undefined && !options.json)
    print(`\n${recording.ticks} ticks recorded: bitscript replay ${shortPath(resolve(options.record ?? ''))}`)
  return report.faults.length > 0 ? 1 : 0
}
