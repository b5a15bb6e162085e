import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import type { DecodedModule, FunctionType } from '../../../src/wasm/format/module.ts'
import { type CompiledRewritten, compileRewritten, type RewrittenInstance } from '../../fixtures/wasm/rewritten.ts'
import { describeError, describeState, describeValue, memoryDifference } from './describe.ts'
import { featuresOf } from './features.ts'
import type { ModuleGenerator } from './generator.ts'
import { argumentOf, RecordingHost } from './host.ts'
import { withCanonicalNaN } from './nan-bits.ts'
import { exportEverything } from './observed.ts'
import { compareEngines, memoryPlaceOf } from './other-engine.ts'
import { SeededRandom } from './random.ts'
import { COUNT, countInstructions } from './reference-meter.ts'

/** Fuel for each call: more than a module of this size needs unless it loops. */
const FUEL = 2_000_000
const OVERFLOW = /Maximum call stack size exceeded/

/**
 * The outcome of a module: both versions behaved the same; the engine or the host does not support it; scripts may not use it;
 * metering ended a call after equal behaviour; or a difference was found.
 */
export type Verdict = 'same' | 'invalid' | 'refused' | 'inconclusive' | 'mismatch'

export interface FuzzResult {
  readonly verdict: Verdict
  /** Calls that were compared. */
  readonly calls: number
  /** Compared calls that ended in a trap or an exception. */
  readonly failures: number
  readonly hostCalls: number
  /** Calls whose fuel was exactly one unit for each instruction. */
  readonly exact: number
  /** Why the verdict is not `same`. */
  readonly detail: string
}

/** Generates the module of a number. */
export function generateModule(generator: ModuleGenerator, number: number): Promise<Uint8Array<ArrayBuffer>> {
  const random = new SeededRandom(number)
  return generator.generate(random.bytes(300 + random.below(5000)), featuresOf(random))
}

/** Generates the module of a number and compares it with its rewritten version. */
export async function fuzz(generator: ModuleGenerator, number: number): Promise<FuzzResult> {
  return compareModules(await generateModule(generator, number), number)
}

/**
 * Runs a module and its rewritten version side by side, with arguments derived from the number. In the original, arithmetic gives
 * the canonical NaN, as it does in the rewritten version. Then runs the rewritten version on an engine that gives other bits.
 */
export function compareModules(bytes: Uint8Array<ArrayBuffer>, number: number): FuzzResult {
  const nothing = { calls: 0, failures: 0, hostCalls: 0, exact: 0 }
  if (!WebAssembly.validate(bytes)) return { ...nothing, verdict: 'invalid', detail: reasonOf(() => new WebAssembly.Module(bytes)) }
  const observed = exportEverything(bytes)
  const module = decodeModule(observed)
  const unmade = module.imports.find((entry) => entry.kind === 'global' && entry.global.value.startsWith('(ref '))
  if (unmade !== undefined) return { ...nothing, verdict: 'invalid', detail: 'it imports a global that JavaScript cannot make' }
  let rewritten: CompiledRewritten
  try {
    rewritten = compileRewritten(observed, { memory: memoryPlaceOf(number) })
  } catch (error) {
    const refused = /scripts (may not|cannot)/.test((error as Error).message)
    return { ...nothing, verdict: refused ? 'refused' : 'mismatch', detail: (error as Error).message }
  }
  const result = new SideBySide(module, observed, rewritten, number).run()
  const difference = result.verdict === 'mismatch' ? undefined : compareEngines(observed, number)
  return difference === undefined ? result : { ...result, verdict: 'mismatch', detail: `on another engine, ${difference}` }
}

function reasonOf(work: () => unknown): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return (error as Error).message
  }
}

/** The outcome of a call as text: a value or an error. */
interface Outcome {
  readonly text: string
  readonly failed: boolean
}

class SideBySide {
  readonly #module: DecodedModule
  readonly #original: WebAssembly.Module
  /** The original with every instruction counted. */
  readonly #counted: WebAssembly.Module
  readonly #countedHost: RecordingHost
  #countedExports: WebAssembly.Exports = {}
  #count = 0
  readonly #rewritten: CompiledRewritten
  readonly #random: SeededRandom
  readonly #hosts: readonly [RecordingHost, RecordingHost]
  #calls = 0
  #failures = 0
  #hostCalls = 0
  #exact = 0
  readonly #catches: boolean

  constructor(module: DecodedModule, original: Uint8Array<ArrayBuffer>, rewritten: CompiledRewritten, number: number) {
    this.#module = module
    this.#original = new WebAssembly.Module(withCanonicalNaN(original))
    const counted = countInstructions(original)
    this.#counted = new WebAssembly.Module(withCanonicalNaN(counted.bytes))
    this.#catches = counted.catches
    this.#countedHost = new RecordingHost(module)
    this.#rewritten = rewritten
    this.#random = new SeededRandom(~number)
    this.#hosts = [new RecordingHost(module), new RecordingHost(module)]
  }

  run(): FuzzResult {
    const [host, rewrittenHost] = this.#hosts
    let made: RewrittenInstance | undefined
    const linked = attempt({}, () => {
      made = this.#rewritten.instantiate(rewrittenHost.imports, FUEL)
    })
    if (made === undefined) return this.#end(...this.#unlinked(linked))
    const bound: RewrittenInstance = made
    rewrittenHost.around = bound.callBack
    // The host cannot call back into a module while its start function runs, so it may not do so in the rewritten one either.
    const started = attempt({}, bound.start)
    if (isExhausted(bound, started)) return this.#end('inconclusive', started.text)
    let instance: WebAssembly.Instance | undefined
    const original = attempt({}, () => {
      instance = new WebAssembly.Instance(this.#original, host.imports)
    })
    if (instance === undefined) return this.#end(...this.#difference('start', original, started))
    host.bind(instance.exports)
    rewrittenHost.bind(bound.exports)
    const difference = this.#compare('start', original, started, instance.exports, bound.exports)
    if (difference !== undefined) return this.#end('mismatch', difference)
    this.#countedExports = new WebAssembly.Instance(this.#counted, this.#countedHost.imports).exports
    this.#countedHost.bind(this.#countedExports)
    const fuel = this.#fuelDifference('start', started, bound.spent)
    if (fuel !== undefined) return this.#end('mismatch', fuel)
    return this.#callAll(instance.exports, bound)
  }

  /** Both modules must fail to instantiate in the same way. The start function of the rewritten one runs later. */
  #unlinked(linked: Outcome): [Verdict, string] {
    const original = attempt({}, () => new WebAssembly.Instance(this.#original, this.#hosts[0].imports))
    return this.#difference('instantiation', original, linked)
  }

  #difference(what: string, original: Outcome, rewritten: Outcome): [Verdict, string] {
    // Into a window, data is written by instructions.
    const inWindow = (text: string): string =>
      text.replace(/^(RuntimeError: ).*data segment.* out of bounds.*/, '$1memory access out of bounds')
    const comparable = (text: string): string => inWindow(text).replace(/WebAssembly\.(Instance|Module)\(\)/, '')
    if (comparable(original.text) === comparable(rewritten.text)) return ['same', '']
    return OVERFLOW.test(original.text) ? ['inconclusive', original.text] : ['mismatch', `${what}: ${original.text} / ${rewritten.text}`]
  }

  #callAll(exports: WebAssembly.Exports, bound: RewrittenInstance): FuzzResult {
    for (const { name, kind, index } of this.#module.exports) {
      if (kind !== 'func') continue
      const args = this.#argumentsFor(this.#module.functions[index] as FunctionType)
      const call = (from: WebAssembly.Exports): Outcome =>
        attempt(from, () => (from[name] as (...args: readonly unknown[]) => unknown)(...args))
      const what = `${name}(${args.map(describeValue).join(', ')})`
      const before = bound.spent
      const rewritten = call(bound.exports)
      if (isExhausted(bound, rewritten)) return this.#end('inconclusive', `${what}: ${rewritten.text}`)
      const original = call(exports)
      if (OVERFLOW.test(original.text)) return this.#end('inconclusive', `${what}: ${original.text}`)
      const difference = this.#compare(what, original, rewritten, exports, bound.exports)
      if (difference !== undefined) return this.#end('mismatch', difference)
      call(this.#countedExports)
      const fuel = this.#fuelDifference(what, rewritten, bound.spent - before)
      if (fuel !== undefined) return this.#end('mismatch', fuel)
    }
    return bound.isIntact() ? this.#end('same', '') : this.#end('mismatch', 'it changed the memory around its window')
  }

  #compare(
    what: string,
    original: Outcome,
    rewritten: Outcome,
    exports: WebAssembly.Exports,
    rewrittenExports: WebAssembly.Exports,
  ): string | undefined {
    this.#calls++
    if (original.failed) this.#failures++
    if (original.text !== rewritten.text) return `${what}: ${original.text} / ${rewritten.text}`
    const [host, rewrittenHost] = this.#hosts
    const log = host.calls.splice(0)
    const rewrittenLog = rewrittenHost.calls.splice(0)
    this.#hostCalls += log.length
    const at = log.findIndex((line, index) => line !== rewrittenLog[index])
    if (at >= 0 || log.length !== rewrittenLog.length) {
      return `${what}: host call ${at}: ${log[at]} / ${rewrittenLog[at]} (${log.length} / ${rewrittenLog.length} calls)`
    }
    const memory = memoryDifference(exports, rewrittenExports)
    if (memory !== undefined) return `${what}: ${memory}`
    const state = describeState(exports)
    const rewrittenState = describeState(rewrittenExports)
    return state === rewrittenState ? undefined : `${what}: ${state}\n/\n${rewrittenState}`
  }

  /** Fuel is exactly one unit for each instruction, unless a trap or an exception ended a block, which is paid for at its start. */
  #fuelDifference(what: string, rewritten: Outcome, spent: number): string | undefined {
    const count = (this.#countedExports[COUNT] as WebAssembly.Global<'i32'>).value
    const expected = count - this.#count
    this.#count = count
    const log = this.#countedHost.calls.splice(0)
    const isExact = !rewritten.failed && !this.#catches && !log.some((line) => /^(caught|throw)/.test(line))
    if (isExact) this.#exact++
    if (isExact ? spent === expected : spent >= expected) return undefined
    return `${what}: ${spent} units of fuel for ${expected} instructions${isExact ? '' : ', of which some were not come to'}`
  }

  #argumentsFor({ params }: FunctionType): unknown[] {
    const small = this.#random.below(2) === 0
    return params.map((type) => argumentOf(type, small ? this.#random.below(20) - 4 : this.#random.next() - 2 ** 31))
  }

  #end(verdict: Verdict, detail: string): FuzzResult {
    return { verdict, detail, calls: this.#calls, failures: this.#failures, hostCalls: this.#hostCalls, exact: this.#exact }
  }
}

function attempt(exports: WebAssembly.Exports, work: () => unknown): Outcome {
  try {
    return { text: describeValue(work()), failed: false }
  } catch (error) {
    return { text: describeError(error, exports), failed: true }
  }
}

function isExhausted(bound: RewrittenInstance, outcome: Outcome): boolean {
  return bound.exhausted || OVERFLOW.test(outcome.text)
}
