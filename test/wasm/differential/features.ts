import type { SeededRandom } from './random.ts'

/** The features of every engine that bitscript supports. */
const ALWAYS = [
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
]
const OFTEN = ['--enable-reference-types', '--enable-multivalue', '--enable-tail-call']
const EXCEPTIONS = ['--enable-reference-types', '--enable-exception-handling']
const NEWER = ['--enable-extended-const', '--enable-multimemory']

/** Binaryen supports exceptions only with `exnref`, which newer engines have together with garbage collection and the rest. */
export const ENGINE_IS_NEWER: boolean = WebAssembly.validate(
  Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x1f, 0x40, 0, 0x0b, 0x0b),
)

/** The options for generating a module: its features, whether it may go out of bounds, and whether it is optimized. */
export function featuresOf(random: SeededRandom): string[] {
  const options = [...ALWAYS, ...OFTEN.filter(() => random.below(4) > 0)]
  const kind = random.below(8)
  if (ENGINE_IS_NEWER) {
    if (kind > 1) options.push(...EXCEPTIONS)
    if (kind > 3) options.push(...NEWER)
    if (kind === 7) options.push('--enable-gc', '--enable-reference-types')
  }
  if (random.below(4) > 0) options.push('--no-fuzz-oob')
  if (random.below(4) === 0) options.push('-O2')
  return options
}
