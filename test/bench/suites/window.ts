import { readFile } from 'node:fs/promises'
import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { HAS_MULTI_MEMORY } from '../../../src/multi-memory.ts'
import { geometricMean, measure, type Side, type Timing } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { bitscriptWithMemory, makeContestant } from '../systems/contestants/bitscript.ts'
import { plain } from '../systems/contestants/plain.ts'
import { type Program, watWithMemory } from '../systems/program.ts'
import { PROGRAMS } from '../systems/programs/index.ts'
import { createStage } from '../systems/stage.ts'
import { formatNanoseconds, formatRatio, type Table } from '../table.ts'
import { KERNELS } from './fuel.ts'

const ENTITIES = 10_000
/** Each way in which a script with a memory of its own updates entities. The first is what the others are compared with. */
const WAYS = [
  plain,
  ...(HAS_MULTI_MEMORY ? [bitscriptWithMemory] : []),
  makeContestant('bitscript, window', watWithMemory, 'window'),
  makeContestant('bitscript, host functions', watWithMemory, 'host'),
]
/** Makes the memory of a kernel a window, or the second memory of its module. */
const REACHES_COLUMNS = '(module (import "ecs.get" "P.x" (func $column (param i32) (result f32)))'

interface Kernel {
  readonly name: string
  /** Nanoseconds of one call. */
  readonly own: number
  readonly window: number
  readonly ratio: number
}

export const window: Suite = {
  name: 'window',
  about: 'the memory of a script as a part of the memory of columns, beside a memory of its own',
  async run(context) {
    const updates: { readonly program: string; readonly timings: readonly Timing[] }[] = []
    for (const program of PROGRAMS) updates.push({ program: program.name, timings: await measureUpdates(program, context) })
    const kernels: Kernel[] = []
    for (const kernel of KERNELS) kernels.push(await measureKernel(kernel, context))
    return { tables: [tableOfUpdates(updates), tableOfKernels(kernels)], data: { updates, kernels } }
  },
}

async function measureUpdates(program: Program, { scale, progress }: SuiteContext): Promise<readonly Timing[]> {
  progress(program.name)
  const sides: Side[] = []
  const endings: (() => void | Promise<void>)[] = []
  for (const way of WAYS) {
    const { tick, dispose } = await way.prepare(program, createStage(program, ENTITIES))
    sides.push({ name: way.name, run: repeating(tick) })
    endings.push(dispose)
  }
  const timings = await measure(sides, scale.effort)
  for (const end of endings) await end()
  return timings
}

function repeating(work: () => unknown): Side['run'] {
  return (times) => {
    for (let left = times; left > 0; left--) work()
  }
}

async function measureKernel({ file, name, argument }: (typeof KERNELS)[number], { scale, progress }: SuiteContext): Promise<Kernel> {
  progress(name)
  const text = await readFile(new URL(`../fuel/${file}.wat`, import.meta.url), 'utf8')
  const components = defineComponents({ P: { x: 'f32' } }, { capacity: 1000 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, limits: { fuel: 2 ** 30 - 1 } })
  const reaching = text.replace('(module', REACHES_COLUMNS)
  const own = await runtime.loadModule(HAS_MULTI_MEMORY ? reaching : text, { name: 'own', link: 'inline' })
  const windowed = await runtime.loadModule(reaching, { name: 'window', link: 'window' })
  const results = [own, windowed].map((script) => runtime.call(script, 'run', argument))
  if (results[0] !== results[1]) throw new Error(`${name} gives ${String(results[1])} in a window and ${String(results[0])} outside`)
  const sides = [own, windowed].map((script): Side => ({ name, run: repeating(() => runtime.call(script, 'run', argument)) }))
  // A kernel spends a long time in one call, and uses its optimized code from the next one on.
  const timings = await measure(sides, { ...scale.effort, warmUpMs: Math.max(scale.effort.warmUpMs, 300) })
  runtime.dispose()
  const [without = Number.NaN, within = Number.NaN] = timings.map(({ fastest }) => fastest)
  return { name, own: without, window: within, ratio: within / without }
}

function tableOfUpdates(updates: readonly { readonly program: string; readonly timings: readonly Timing[] }[]): Table {
  return {
    title: `window: scripts with a memory of their own, ${ENTITIES.toLocaleString('en')} entities, time for one entity and tick`,
    columns: ['', ...updates.flatMap(({ program }) => [program, ''])],
    rows: WAYS.map(({ name }, place) => [
      name,
      ...updates.flatMap(({ timings }) => {
        const [first, own] = [timings[0]?.fastest ?? Number.NaN, timings[place]?.fastest ?? Number.NaN]
        return [formatNanoseconds(own / ENTITIES), formatRatio(own / first)]
      }),
    ]),
  }
}

function tableOfKernels(kernels: readonly Kernel[]): Table {
  return {
    title: `window: programs that use their memory, ${HAS_MULTI_MEMORY ? 'beside a second memory' : 'in a memory of their own'} and in a window`,
    columns: ['', 'own memory', 'window', 'ratio'],
    rows: [
      ...kernels.map(({ name, own, window, ratio }) => [name, formatNanoseconds(own), formatNanoseconds(window), formatRatio(ratio)]),
      ['geometric mean', '', '', formatRatio(geometricMean(kernels.map(({ ratio }) => ratio)))],
    ],
  }
}
