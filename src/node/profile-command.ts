import { writeFile } from 'node:fs/promises'
import { type Profile, type ProfiledFunction, profile, toLcov } from '../debug/index.ts'
import { writeFailed } from './file-error.ts'
import { flameGraph, formatFuel } from './flame-graph.ts'
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

/** Functions that are printed. */
const MAX_FUNCTIONS = 20

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
      print(formatFunctions(functions, heading))
      if (options.lines) print(formatLines(profiled, new SourceTexts(runtime)))
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

/** What a function spent itself, by whatever way it was called. */
interface FunctionTotal {
  readonly script: string
  readonly function: string
  readonly place: ProfiledFunction['place']
  calls: number
  self: number
}

function formatFunctions(functions: readonly ProfiledFunction[], heading: string): string {
  const totals = new Map<string, FunctionTotal>()
  const add = ({ script, function: name, place, calls, self, children }: ProfiledFunction): void => {
    const key = JSON.stringify([script, name, place?.line])
    const total = totals.get(key) ?? { script, function: name, place, calls: 0, self: 0 }
    totals.set(key, total)
    total.calls += calls
    total.self += self
    children.forEach(add)
  }
  functions.forEach(add)
  const sorted = [...totals.values()].sort((one, other) => other.self - one.self)
  const sum = sorted.reduce((before, { self }) => before + self, 0)
  const rows = sorted.slice(0, MAX_FUNCTIONS).map(({ script, function: name, place, calls, self }) => {
    const share = `${((100 * self) / Math.max(1, sum)).toFixed(1)} %`
    const at = place === undefined ? '' : style.dim(`${shortPath(place.file)}:${place.line}`)
    return `${formatFuel(self).padStart(15)}  ${share.padStart(7)}  ${formatFuel(calls).padStart(11)}  ${style.bold(`${script} ${name}`)}  ${at}`
  })
  const more = sorted.length > rows.length ? [style.dim(`… ${sorted.length - rows.length} more functions: --json prints all`)] : []
  return [
    `${heading}: ${formatFuel(sum)} fuel`,
    '',
    `${'fuel'.padStart(15)}  ${'share'.padStart(7)}  ${'calls'.padStart(11)}  function`,
    ...rows,
    ...more,
  ].join('\n')
}

function formatLines(profiled: Profile, texts: SourceTexts): string {
  const files = new Map<string, { readonly script: string; readonly file: string; readonly hits: Map<number, number> }>()
  for (const { script, file, line, hits } of profiled.lines()) {
    const key = JSON.stringify([script, file])
    const known = files.get(key) ?? { script, file, hits: new Map<number, number>() }
    files.set(key, known)
    known.hits.set(line, hits)
  }
  return [...files.values()].map((each) => formatFile(each, texts)).join('\n')
}

function formatFile(
  { script, file, hits }: { readonly script: string; readonly file: string; readonly hits: ReadonlyMap<number, number> },
  texts: SourceTexts,
): string {
  const last = Math.max(...hits.keys())
  const lines = texts.linesOf(script, file)
  const count = Math.max(last, lines.at(-1) === '' ? lines.length - 1 : lines.length)
  const most = Math.max(...hits.values())
  const rows = Array.from({ length: count }, (_, index) => {
    const own = hits.get(index + 1)
    const text = own === undefined ? '' : formatFuel(own)
    const cell = text.padStart(13)
    const shown = own === 0 ? style.red(cell) : own !== undefined && own >= most / 2 ? style.yellow(cell) : cell
    return `${shown} ${style.dim(`${String(index + 1).padStart(4)} │`)} ${lines[index] ?? ''}`
  })
  return `\n${style.bold(`${script}  ${shortPath(file)}`)}\n${rows.join('\n')}`
}
