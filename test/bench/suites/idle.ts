import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { collect, usage } from '../heap.ts'
import { measure, median, type Side } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import type { Contestant } from '../systems/contestant.ts'
import { bitscript, bitscriptByHost, bitscriptWithMemory } from '../systems/contestants/bitscript.ts'
import { plain } from '../systems/contestants/plain.ts'
import type { Program } from '../systems/program.ts'
import { PROGRAMS } from '../systems/programs/index.ts'
import { createStage, TICK_SECONDS } from '../systems/stage.ts'
import { formatBytes, formatNanoseconds, NOTHING, type Table } from '../table.ts'

const SCRIPTS = 100
const ENTITIES = 10_000
const CONTESTANTS = [plain, bitscript, bitscriptWithMemory, bitscriptByHost]

const IDLE_WORLDS = [
  { name: 'no script', scripts: 0, wat: '' },
  { name: `${SCRIPTS} scripts that run on nothing`, scripts: SCRIPTS, wat: '(module (func (export "update") (param i32 f32)))' },
  { name: `${SCRIPTS} scripts with an empty tick`, scripts: SCRIPTS, wat: '(module (func (export "tick") (param f32)))' },
] as const

interface Allocation {
  readonly program: string
  readonly contestant: string
  readonly bytesPerTick: number
}

export const idle: Suite = {
  name: 'idle',
  about: 'a tick in which little happens: its time, and the garbage that ticks leave',
  async run(context) {
    const times = await measureIdleTicks(context)
    const allocations: Allocation[] = []
    for (const program of PROGRAMS) {
      for (const contestant of CONTESTANTS) {
        context.progress(`garbage of ${program.name}: ${contestant.name}`)
        allocations.push({ program: program.name, contestant: contestant.name, bytesPerTick: await bytesPerTick(program, contestant) })
      }
    }
    return { tables: [tableOfTimes(times), tableOfAllocations(allocations)], data: { ticks: times, allocations } }
  },
}

async function measureIdleTicks({ scale, progress }: SuiteContext): Promise<readonly { readonly name: string; readonly median: number }[]> {
  progress('ticks')
  const runtimes: WasmScriptRuntime[] = []
  const sides: Side[] = []
  for (const { name, scripts, wat } of IDLE_WORLDS) {
    const runtime = await WasmScriptRuntime.create({ world: createWorld() })
    for (let index = 0; index < scripts; index++) await runtime.loadModule(wat, { name: `script ${index}` })
    runtimes.push(runtime)
    sides.push({
      name,
      run(times) {
        for (let left = times; left > 0; left--) runtime.tick(TICK_SECONDS)
      },
    })
  }
  const timings = await measure(sides, scale.effort)
  for (const runtime of runtimes) runtime.dispose()
  return timings
}

/** Returns the median of short runs, most of which contain no garbage collection. */
async function bytesPerTick(program: Program, contestant: Contestant): Promise<number> {
  const { tick, dispose } = await contestant.prepare(program, createStage(program, ENTITIES))
  // Long enough for all code to be compiled.
  const warm = performance.now() + 300
  while (performance.now() < warm) tick()
  await new Promise(setImmediate)
  const ticks = 20
  const samples: number[] = []
  for (let sample = 0; sample < 9; sample++) {
    collect()
    const before = usage()
    for (let index = 0; index < ticks; index++) tick()
    samples.push((usage().heap - before.heap) / ticks)
  }
  await dispose()
  return median(samples)
}

function tableOfTimes(times: readonly { readonly name: string; readonly median: number }[]): Table {
  return {
    title: 'idle: time for one tick',
    columns: ['', 'a tick', 'a script'],
    rows: times.map(({ name, median }, index) => {
      const scripts = IDLE_WORLDS[index]?.scripts ?? 0
      return [name, formatNanoseconds(median), scripts === 0 ? NOTHING : formatNanoseconds(median / scripts)]
    }),
  }
}

function tableOfAllocations(allocations: readonly Allocation[]): Table {
  return {
    title: `idle: bytes allocated in one tick of ${ENTITIES.toLocaleString('en')} entities`,
    columns: ['', ...PROGRAMS.map(({ name }) => name)],
    rows: CONTESTANTS.map(({ name }) => [
      name,
      ...allocations.filter(({ contestant }) => contestant === name).map(({ bytesPerTick }) => formatBytes(bytesPerTick)),
    ]),
  }
}
