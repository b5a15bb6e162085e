import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileRewritten, HAS_MANY_MEMORIES, MAX_FUEL, type MemoryPlace, type RewrittenInstance } from '../../fixtures/wasm/rewritten.ts'
import { describeError, describeValue } from './describe.ts'

const FOLDER = new URL('../../fixtures/wasm/compiled/', import.meta.url)
const TEXTS = [
  '{"b": [1, 2.5, -3, null, true], "a": {"text": "line\\nä€", "empty": {}}, "c": []}',
  '[[[[[[["deep"]]]]]], "\\"quoted\\"", 0.125, 123456789]',
  '{"broken": [1, 2',
  'nothing of the kind',
  `[${Array.from({ length: 300 }, (_, index) => `{"index": ${index}, "name": "number ${index * 7919}"}`).join(',')}]`,
]
const PROSE = 'The quick brown fox jumps over the lazy dog. The dog sleeps; the fox does not. '.repeat(40)

type AnyFunction = (...args: (number | bigint)[]) => unknown

/** An instance of a program, with functions to use it. */
interface Program {
  readonly call: (name: string, ...args: (number | bigint)[]) => string
  readonly number: (name: string, ...args: number[]) => number
  readonly exports: WebAssembly.Exports
  readonly memory: WebAssembly.Memory
}

type Step = (program: Program) => string

function call(name: string, ...args: (number | bigint)[]): Step {
  return (program) => program.call(name, ...args)
}

/** Passes text to a program in Rust and returns the text that it makes, if any. */
function withText(name: string, text: string): Step {
  return ({ call: run, number, exports, memory }) => {
    const bytes = new TextEncoder().encode(text)
    const pointer = number('reserve', bytes.length)
    new Uint8Array(memory.buffer, pointer).set(bytes)
    const outcome = run(name, pointer, bytes.length)
    if (name !== 'normalize' || outcome.startsWith('RuntimeError')) return outcome
    const result = (exports.normalize as AnyFunction)(pointer, bytes.length) as bigint
    const [at, length] = [Number(result & 0xffff_ffffn), Number(result >> 32n)]
    return `${outcome}: ${new TextDecoder().decode(new Uint8Array(memory.buffer, at, length))}`
  }
}

/** Passes a string to a program in AssemblyScript and returns its result. */
function reversed(text: string): Step {
  return ({ number, memory }) => {
    const pointer = number('__new', text.length * 2, 2)
    new Uint16Array(memory.buffer, pointer, text.length).set([...text].map((letter) => letter.charCodeAt(0)))
    number('__pin', pointer)
    const result = number('reversed', pointer)
    const length = (new Uint32Array(memory.buffer)[(result - 4) >>> 2] as number) >>> 1
    number('__unpin', pointer)
    return String.fromCharCode(...new Uint16Array(memory.buffer, result, length))
  }
}

const digest: Step = ({ number, memory }) => Buffer.from(memory.buffer, number('digest'), 32).toString('hex')
const many = (count: number, step: (index: number) => Step): Step[] => Array.from({ length: count }, (_, index) => step(index))

/** The calls of each program in order, with known results. */
const PROGRAMS: Readonly<Record<string, readonly (readonly [Step, string?])[]>> = {
  'hashes-c': [
    [call('sha256', 0)],
    [digest, createHash('sha256').digest('hex')],
    ...[1, 55, 56, 64, 1000, 65_536].flatMap((length) => [
      [call('fill', length, length)] as const,
      [call('crc32', length)] as const,
      [call('sha256', length)] as const,
      [digest] as const,
    ]),
    [call('crc32', 200_000), 'RuntimeError: memory access out of bounds'],
  ],
  'algorithms-c': [
    [call('queens', 8), '92'],
    [call('queens', 9), '352'],
    [call('ackermann', 2, 9), '21'],
    [call('ackermann', 3, 5), '253'],
    [call('power_modulo', 3n, 200n, 1_000_007n), String(`${3n ** 200n % 1_000_007n}n`)],
    [call('power_modulo', 3n, 200n, 0n), 'RuntimeError: remainder by zero'],
    [call('mandelbrot_fixed', 40, 200)],
    [call('mandelbrot_float', 40, 200)],
    ...many(4, (comparison) => call('sort', 7, 5000, comparison)).map((step) => [step] as const),
    [call('sort', 8, 60_000, 0)],
    [call('sort', 1, 100, 77), 'RuntimeError: table index is out of bounds'],
    [call('divide', -9n, 2n), '-4n'],
    [call('divide', -(2n ** 63n), -1n), 'RuntimeError: divide result unrepresentable'],
    [call('divide', 1n, 0n), 'RuntimeError: divide by zero'],
    [call('truncate', 3.9), '3'],
    [call('truncate', Number.NaN), '0'],
    [call('read', 0)],
    [call('read', -4), 'RuntimeError: memory access out of bounds'],
    [call('copy', 70_000, 2000, 9000)],
    [call('copy', 0, 0, 2_000_000), 'RuntimeError: memory access out of bounds'],
  ],
  'text-rust': [
    ...TEXTS.map((text) => [withText('normalize', text)] as const),
    ...TEXTS.map((text) => [withText('measure', text)] as const),
    ...TEXTS.map((text) => [withText('normalize', text)] as const),
  ],
  'words-rust': [[withText('count_words', PROSE)], [withText('count_words', '')], [withText('count_words', TEXTS.join())]],
  'numbers-rust': [
    [call('factorial', 20), '2432902008176640000n'],
    [call('factorial', 21), 'RuntimeError: unreachable'],
    [call('high_product', 2n ** 63n + 5n, 2n ** 62n + 9n)],
    [call('wide_remainder', 2n ** 63n + 5n, 2n ** 62n + 9n, 1_000_000_007n)],
    [call('wide_remainder', 1n, 2n, 0n), 'RuntimeError: unreachable'],
    [call('collatz', 27n), '111'],
    [call('collatz', 837_799n), '524'],
    [call('primes', 100_000), '9592'],
    [call('element', 10, 9), '81'],
    [call('element', 10, 10), 'RuntimeError: unreachable'],
    [call('integrate', 10_000)],
    [call('saturate', 1e30), '2147483647'],
    [call('saturate', Number.NaN), '0'],
    ...many(12, (order) => call('hilbert', order + 1)).map((step) => [step] as const),
  ],
  'collections-as': [
    [call('shapes', 1000)],
    [call('words', 2000)],
    [call('sorted', 42, 3000, 0)],
    [call('sorted', 42, 3000, 1)],
    [call('fibonacci', 22), '17711n'],
    [call('churn', 400)],
    [call('echo', 500)],
    [reversed('12.5 Bäume'), 'emuäB 5.21/12.5 BÄUME/12.5'],
    [call('element', 10, 3), '9'],
    [call('element', 10, 10), 'Error: aborted at 0'],
    [call('element', -1, 0), 'Error: aborted at 0'],
    [call('fibonacci', 5), '5n'],
  ],
}

function programOf(exports: WebAssembly.Exports): Program {
  const run = (name: string, args: readonly (number | bigint)[]): unknown => (exports[name] as AnyFunction)(...args)
  return {
    exports,
    memory: exports.memory as WebAssembly.Memory,
    number: (name, ...args) => run(name, args) as number,
    call(name, ...args) {
      try {
        return describeValue(run(name, args))
      } catch (error) {
        return describeError(error, {})
      }
    },
  }
}

const IMPORTS: WebAssembly.Imports = {
  env: {
    abort: (): void => {
      throw new Error('aborted at 0')
    },
  },
}

const hash = ({ memory }: Program): string => createHash('sha256').update(Buffer.from(memory.buffer)).digest('hex')
const kinds: readonly MemoryPlace[] = HAS_MANY_MEMORIES ? ['own', 'beside', 'window'] : ['own', 'window']
const cases = Object.entries(PROGRAMS).flatMap(([name, steps]) => kinds.map((memory) => [name, memory, steps] as const))

describe('a compiled program', () => {
  it.each(cases)('(%s, its memory: %s) behaves the same after rewriting', (name, memory, steps) => {
    const bytes = readFileSync(new URL(`${name}.wasm`, FOLDER))
    const original = programOf(new WebAssembly.Instance(new WebAssembly.Module(bytes), IMPORTS).exports)
    const instance: RewrittenInstance = compileRewritten(bytes, { memory, windowPages: 1000 }).instantiate(IMPORTS, MAX_FUEL)
    instance.start()
    const rewritten = programOf(instance.exports)
    for (const [index, [step, known]] of steps.entries()) {
      const before = instance.spent
      const outcome = step(original)
      expect(step(rewritten), `step ${index}`).toBe(outcome)
      if (known !== undefined) expect(outcome, `step ${index}`).toBe(known)
      expect(hash(rewritten), `the memory after step ${index}`).toBe(hash(original))
      expect(instance.spent, `the fuel after step ${index}`).toBeGreaterThan(before)
      expect(instance.exhausted).toBe(false)
    }
  })
})
