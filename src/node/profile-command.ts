import { writeFile } from 'node:fs/promises'
import { type Profile, profile, toLcov } from '../debug/index.ts'
import { writeFailed } from './file-error.ts'
import { flameGraph } from './flame-graph.ts'
import { formatProfiledFunctions, formatProfiledLines } from './format-profile.ts'
import { formatMistake } from './format-report.ts'
import { loadSimulation } from './load-simulation.ts'
import { print, printError, printJson, style } from './output.ts'
import { playTicks } from './play-ticks.ts'
import { shortPath } from './short-path.ts'
import { importSimulation, type Simulation } from './simulation.ts'
import { SourceTexts } from './source-texts.ts'
import { Statistics } from './statistics.ts'
import { Terminal } from './terminal.ts'

/** Options of `bitscript profile`. */
export interface ProfileCommandOptions {
  /** The number of ticks to run. */
  readonly ticks: number
  /** Seconds per tick. */
  readonly dt: number
  /** The seed of the random numbers. */
  readonly seed: number
  /** Print the sources, with how often each line ran. */
  readonly lines: boolean
  /** Print the profile as JSON. */
  readonly json: boolean
  /** The path of mods to load into the simulation: a folder, an index or a manifest. */
  readonly mods?: string
  /** The file of the flame graph. */
  readonly flame?: string
  /** The file of the coverage. */
  readonly coverage?: string
  /** Ends the run, which then prints its profile. */
  readonly signal: AbortSignal
}

/** Runs a simulation, and prints what its scripts spend. Resolves with the exit code: 1 if a script faulted. */
export async function profileSimulation(file: string, options: ProfileCommandOptions): Promise<number> {
  const create = await importSimulation(file)
  const simulation = await create({ seed: options.seed })
  const { runtime } = simulation
  try {
    const statistics = new Statistics(simulation)
    runtime.on('log', () => undefined)
    runtime.on('error', (error) => {
      if (!options.json) printError(formatMistake(error))
    })
    const profiled = await profile(runtime)
    await runProfiled(simulation, statistics, options)
    const report = statistics.report(options.seed, 0)
    const heading = `${shortPath(file)}, ${report.ticks} ticks, seed ${options.seed}`
    const functions = profiled.functions()
    if (options.flame !== undefined) await write(options.flame, flameGraph(functions, `${heading}: fuel by function`))
    if (options.coverage !== undefined) await write(options.coverage, toLcov(profiled.coverage()))
    if (options.json) printProfile(profiled, { seed: options.seed, ticks: report.ticks, hash: report.hash })
    else {
      print(formatProfiledFunctions(functions, heading))
      if (options.lines) print(formatProfiledLines(profiled, new SourceTexts(runtime)))
      for (const { script, why } of profiled.unprofiled) printError(`${style.yellow('!')} ${script} is not profiled: ${why}`)
    }
    return report.faults.length > 0 ? 1 : 0
  } finally {
    runtime.dispose()
  }
}

async function runProfiled(
  simulation: Simulation,
  statistics: Statistics,
  { ticks, dt, mods, json, signal }: ProfileCommandOptions,
): Promise<void> {
  const terminal = new Terminal()
  const loaded = await loadSimulation(simulation, mods)
  if (loaded !== undefined) await simulation.useMods?.(loaded)
  await playTicks(
    () => statistics.ticks < ticks && !signal.aborted,
    async () => {
      simulation.step(dt)
      await simulation.runtime.settle()
    },
    () => {
      if (!json) terminal.status(`tick ${statistics.ticks} of ${ticks}`)
    },
  )
  terminal.status('')
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause) => {
    throw writeFailed(file, cause)
  })
}

function printProfile(profiled: Profile, run: object): void {
  printJson({
    ...run,
    scripts: profiled.scripts,
    unprofiled: profiled.unprofiled,
    functions: profiled.functions(),
    lines: profiled.lines(),
  })
}
