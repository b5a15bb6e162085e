import { readFile } from 'node:fs/promises'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { geometricMean, measure } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { formatNanoseconds, formatRatio } from '../table.ts'
import { assemble } from '../wat.ts'

/** A module that exports `run`, and an argument for about ten milliseconds and less than 2^30 instructions. */
const KERNELS = [
  { file: 'floats', name: 'f32 loop over memory', argument: 3500 },
  { file: 'fibonacci', name: 'fibonacci(30), recursive', argument: 30 },
  { file: 'sieve', name: 'sieve of 60,000 bytes', argument: 40 },
  { file: 'scan', name: 'sum of bytes', argument: 250 },
  { file: 'bodies', name: 'five bodies, f64', argument: 80_000 },
  { file: 'matrix', name: 'product of matrices, f32', argument: 50 },
  { file: 'hash', name: 'hash of bytes, i32', argument: 120 },
  { file: 'vector', name: 'SIMD loop over memory', argument: 4000 },
] as const

interface Row {
  readonly kernel: string
  /** Nanoseconds of one call. */
  readonly original: number
  readonly metered: number
  readonly ratio: number
}

export const fuel: Suite = {
  name: 'fuel',
  about: 'what it costs that scripts spend fuel: the same code with and without bitscript',
  async run({ scale, progress }) {
    // A kernel spends a long time in one call, and uses its optimized code from the next one on.
    const effort = { ...scale.effort, warmUpMs: Math.max(scale.effort.warmUpMs, 300) }
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
      const timings = await measure(
        [
          {
            name: 'original',
            run(times) {
              for (let left = times; left > 0; left--) original(argument)
            },
          },
          {
            name: 'metered',
            run(times) {
              for (let left = times; left > 0; left--) runtime.call(script, 'run', argument)
            },
          },
        ],
        effort,
      )
      const [without = Number.NaN, withFuel = Number.NaN] = timings.map(({ median }) => median)
      rows.push({ kernel: name, original: without, metered: withFuel, ratio: withFuel / without })
      runtime.unloadModule(script)
    }
    runtime.dispose()
    const mean = geometricMean(rows.map(({ ratio }) => ratio))
    return {
      tables: [
        {
          title: 'fuel: the same code by plain WebAssembly and by runtime.call',
          columns: ['', 'original', 'metered', 'ratio'],
          rows: [
            ...rows.map(({ kernel, original, metered, ratio }) => [
              kernel,
              formatNanoseconds(original),
              formatNanoseconds(metered),
              formatRatio(ratio),
            ]),
            ['geometric mean', '', '', formatRatio(mean)],
          ],
        },
      ],
      data: { kernels: rows, geometricMean: mean },
    }
  },
}
