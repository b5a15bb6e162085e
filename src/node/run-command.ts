import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { formatMistake, formatReport, shortPath } from './messages.ts'
import { recordTo } from './replay-command.ts'
import { importSimulation, type Simulation, simulationError } from './simulation.ts'
import { Statistics } from './statistics.ts'
import { Terminal } from './terminal.ts'

export interface RunOptions {
  readonly ticks: number
  /** Seconds a tick. */
  readonly dt: number
  readonly seed: number
  /** Print the report as JSON, and nothing else. */
  readonly json: boolean
  /** Write what the host does to this file, for `replay`. */
  readonly record?: string
  /** Stops the run, which then ends with its report. */
  readonly signal: AbortSignal
}

/** How long ticks run before the terminal and signals get their turn, in milliseconds. */
const TURN = 50

/** Runs a simulation without a screen as fast as it goes, and prints what it did. Gives the exit code: 1 if a script faulted. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const terminal = new Terminal()
  const create = await importSimulation(file)
  const simulation = await create({ seed: options.seed })
  const statistics = new Statistics(simulation)
  if (!options.json) {
    simulation.runtime.on('log', (line) => terminal.log(line))
    simulation.runtime.on('error', (error) => terminal.print(formatMistake(error)))
  }
  await loadOrTell(simulation)
  const stopRecording = options.record === undefined ? undefined : await recordTo(options.record, file, simulation)
  const start = performance.now()
  let turn = start
  while (statistics.ticks < options.ticks && !options.signal.aborted) {
    simulation.step(options.dt)
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
    if (!options.json) terminal.status(`tick ${statistics.ticks} of ${options.ticks}, ${statistics.msPerTick.toFixed(2)} ms each`)
  }
  terminal.status('')
  const recording = await stopRecording?.()
  const report = statistics.report(options.seed, (performance.now() - start) / 1000)
  simulation.runtime.dispose()
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${formatReport(report)}\n`)
  if (recording !== undefined && !options.json)
    process.stdout.write(`\n${recording.ticks} ticks recorded: bitscript replay ${shortPath(resolve(options.record ?? ''))}\n`)
  return report.faults.length > 0 ? 1 : 0
}

/** Loads the scripts; a mistake in one is told with its frame. */
async function loadOrTell(simulation: Simulation): Promise<void> {
  try {
    await simulation.load()
  } catch (error) {
    simulation.runtime.dispose()
    throw simulationError('the simulation could not be loaded', error)
  }
}
