import { readFileSync, writeFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { type Baseline, compareWith } from './against.ts'
import { describeMachine, headline } from './machine.ts'
import type { Scale, Suite } from './suite.ts'
import { bounds } from './suites/bounds.ts'
import { debug } from './suites/debug.ts'
import { fuel } from './suites/fuel.ts'
import { guests } from './suites/guests.ts'
import { history } from './suites/history.ts'
import { idle } from './suites/idle.ts'
import { json } from './suites/json.ts'
import { languages } from './suites/languages.ts'
import { load } from './suites/load.ts'
import { loop } from './suites/loop.ts'
import { memory } from './suites/memory.ts'
import { mods } from './suites/mods.ts'
import { page } from './suites/page.ts'
import { prepared } from './suites/prepared.ts'
import { rooms } from './suites/rooms.ts'
import { roomsDensity } from './suites/rooms-density.ts'
import { roomsPages } from './suites/rooms-pages.ts'
import { roomsProcesses } from './suites/rooms-processes.ts'
import { saves } from './suites/saves.ts'
import { snapshot } from './suites/snapshot.ts'
import { systems } from './suites/systems.ts'
import { vectors } from './suites/vectors.ts'
import { window } from './suites/window.ts'
import { formatMarkdown, formatTable } from './table.ts'

const SUITES: readonly Suite[] = [
  systems,
  vectors,
  fuel,
  bounds,
  json,
  guests,
  load,
  prepared,
  loop,
  saves,
  snapshot,
  history,
  page,
  idle,
  memory,
  mods,
  languages,
  window,
  rooms,
  roomsProcesses,
  roomsDensity,
  roomsPages,
  debug,
]

interface Options {
  readonly quick?: true
  readonly entities?: readonly number[]
  readonly json?: string
  readonly against?: string
  readonly markdown?: true
}

const THOROUGH: Omit<Scale, 'quick'> = {
  entities: [1000, 10_000, 100_000, 1_000_000],
  effort: { warmUpMs: 600, roundMs: 10, budgetMs: 600, leastRounds: 5 },
  tickLimitMs: 2000,
}
const QUICK: Omit<Scale, 'quick'> = {
  entities: [1000, 10_000],
  effort: { warmUpMs: 100, roundMs: 3, budgetMs: 45, leastRounds: 5 },
  tickLimitMs: 100,
}

function parseSizes(text: string): readonly number[] {
  const sizes = text.split(',').map(Number)
  const isSize = (size: number): boolean => Number.isInteger(size) && size >= 10 && size <= 10_000_000
  if (!sizes.every(isSize)) throw new InvalidArgumentError('it takes whole numbers from 10 to 10,000,000, such as 1000,10000')
  return sizes.sort((a, b) => a - b)
}

async function run(names: readonly string[], options: Options): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('memory can only be measured with --expose-gc: start with npm run bench')
  const scale: Scale = {
    quick: options.quick === true,
    ...(options.quick ? QUICK : THOROUGH),
    ...(options.entities === undefined ? {} : { entities: options.entities }),
  }
  // Read first: a mistake in it should not cost ten minutes.
  const before = options.against === undefined ? undefined : (JSON.parse(readFileSync(options.against, 'utf8')) as Baseline)
  const machine = describeMachine()
  console.log(`${headline(machine)}\n`)
  const results: Record<string, unknown> = {}
  for (const suite of SUITES) {
    if (names.length > 0 && !names.includes(suite.name)) continue
    const progress = (what: string): void => tell(`${suite.name}: ${what}`)
    const { tables, markdown, data } = await suite.run({ scale, progress })
    tell('')
    results[suite.name] = data
    if (options.markdown) for (const table of markdown ?? tables) console.log(formatMarkdown(table))
    else for (const table of tables) console.log(formatTable(table))
  }
  if (before !== undefined && options.against !== undefined) {
    // As a file has them: without what JSON cannot write.
    const now: Baseline = JSON.parse(JSON.stringify({ machine, suites: results }))
    const table = compareWith(options.against, before, now)
    console.log(options.markdown ? formatMarkdown(table) : formatTable(table))
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine, scale, suites: results }, undefined, 2)}\n`)
}

/** Shows a line of progress, which the next one replaces, in a terminal. */
function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`)
}

const command = new Command('bench')
  .description(`Measures bitscript.\n\nSuites:\n${SUITES.map(({ name, about }) => `  ${name.padEnd(15)} ${about}`).join('\n')}`)
  .addArgument(new Argument('[suites...]', 'what to measure; everything if none is named').choices(SUITES.map(({ name }) => name)))
  .option('--quick', 'few entities and few rounds: a minute at most')
  .option('--entities <sizes>', 'sizes of the worlds of systems and vectors, such as 1000,10000', parseSizes)
  .option('--json <file>', 'write the numbers to a file')
  .option('--against <file>', 'compare with the numbers of such a file')
  .option('--markdown', 'print tables as Markdown')
  .action(run)

await command.parseAsync()
