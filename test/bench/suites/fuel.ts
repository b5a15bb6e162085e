import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { withRewriting } from '../../fixtures/wasm/rewriting-engine.ts'
import { createPrograms } from '../fuel/programs.ts'
import { type Effort, geometricMean, measure, type Side } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { formatNanoseconds, formatRatio, type Table } from '../table.ts'
import { assemble } from '../wat.ts'

/** A module that exports `run`, and an argument for about half a millisecond: so short that most calls run without an interruption. */
export const KERNELS = [
  { file: 'floats', name: 'f32 loop over memory', argument: 350 },
  { file: 'fibonacci', name: 'fibonacci(27), recursive', argument: 27 },
  { file: 'sieve', name: 'sieve of 60,000 bytes', argument: 8 },
  { file: 'scan', name: 'sum of bytes', argument: 25 },
  { file: 'bodies', name: 'five bodies, f64', argument: 8000 },
  { file: 'matrix', name: 'product of matrices, f32', argument: 5 },
  { file: 'hash', name: 'hash of bytes, i32', argument: 6 },
  { file: 'vector', name: 'SIMD loop over memory', argument: 200 },
] as const

/** Whether the engine can optimize code at once: that of Node 20 cannot. */
const HAS_SYNCHRONOUS_TIERS = Number.parseInt(process.versions.v8, 10) >= 12

interface Row {
  readonly name: string
  /** Nanoseconds of one run. */
  readonly original: number
  readonly metered: number
  readonly ratio: number
}

export const fuel: Suite = {
  name: 'fuel',
  about: 'what it costs that scripts spend fuel: the same code with and without bitscript',
  async run(context) {
    // On a busy machine the engine's own threads may not have optimized the code when the warm-up ends.
    if (HAS_SYNCHRONOUS_TIERS) setFlagsFromString('--wasm-sync-tier-up')
    const { effort } = context.scale
    const longer = { ...effort, warmUpMs: Math.max(effort.warmUpMs, 300), roundMs: 1, leastRounds: context.scale.quick ? 20 : 120 }
    const kernels = await measureKernels(longer, context)
    const programs = await measurePrograms(longer, context)
    if (HAS_SYNCHRONOUS_TIERS) setFlagsFromString('--no-wasm-sync-tier-up')
    return {
      tables: [
        tableOf('fuel: the same code by plain WebAssembly and by runtime.call', kernels),
        tableOf('fuel: programs on engines from npm, as they are and rewritten', programs),
      ],
      data: { kernels, programs },
    }
  },
}

async function measureKernels(effort: Effort, { progress }: SuiteContext): Promise<readonly Row[]> {
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), limits: { fuel: 2 ** 30 - 1 } })
  const rows: Row[] = []
  for (const { file, name, argument } of KERNELS) {
    progress(name)
    const text = await readFile(new URL(`../fuel/${file}.wat`, import.meta.url), 'utf8')
    const { instance } = await WebAssembly.instantiate(await assemble(text))
    const original = instance.exports.run as (argument: number) => number
    const script = await runtime.loadModule(text, { name })
    const expected = original(argument)
    // Kernels continue with the memory of the previous call.
    const metered = runtime.call(script, 'run', argument)
    if (metered !== expected) throw new Error(`${name} gives ${String(metered)} with fuel and ${expected} without`)
    rows.push(
      await compare(
        name,
        () => original(argument),
        () => runtime.call(script, 'run', argument),
        effort,
      ),
    )
    runtime.unloadModule(script)
  }
  runtime.dispose()
  return rows
}

async function measurePrograms(effort: Effort, { progress }: SuiteContext): Promise<readonly Row[]> {
  const originals = await createPrograms()
  const metered = await withRewriting(() => createPrograms())
  const rows: Row[] = []
  for (const [index, { name, run }] of originals.entries()) {
    progress(name)
    const other = metered[index]
    if (other !== undefined) rows.push(await compare(name, run, () => other.run(), effort))
  }
  return rows
}

async function compare(name: string, original: () => unknown, metered: () => unknown, effort: Effort): Promise<Row> {
  const timings = await measure([side('original', original), side('metered', metered)], effort)
  // The median grows with the other work of the machine, and unevenly: the side whose code is larger loses more of the caches.
  const [without = Number.NaN, withFuel = Number.NaN] = timings.map(({ fastest }) => fastest)
  return { name, original: without, metered: withFuel, ratio: withFuel / without }
}

function side(name: string, run: () => unknown): Side {
  return {
    name,
    run(times) {
      for (let left = times; left > 0; left--) run()
    },
  }
}

function tableOf(title: string, rows: readonly Row[]): Table {
  const mean = geometricMean(rows.map(({ ratio }) => ratio))
  return {
    title,
    columns: ['', 'original', 'metered', 'ratio'],
    rows: [
      ...rows.map(({ name, original, metered, ratio }) => [
        name,
        formatNanoseconds(original),
        formatNanoseconds(metered),
        formatRatio(ratio),
      ]),
      ['geometric mean', '', '', formatRatio(mean)],
    ],
  }
}
