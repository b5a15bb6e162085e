import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import type { FunctionType } from '../../../src/wasm/format/module.ts'
import { compileRewritten, HAS_MANY_MEMORIES, type MemoryPlace, type RewrittenInstance } from '../../fixtures/wasm/rewritten.ts'
import { describeError, describeState, describeValue, memoryDifference } from './describe.ts'
import { argumentOf, RecordingHost } from './host.ts'
import { withOtherNaN } from './nan-bits.ts'
import { SeededRandom } from './random.ts'

/** Returns where the memory of the module of a number is: in all places in turn. */
export function memoryPlaceOf(number: number): MemoryPlace {
  if (number % 2 === 0) return number % 4 === 0 ? 'own' : 'window'
  return HAS_MANY_MEMORIES ? 'beside' : 'window'
}

/** One of two engines that run the same module. */
interface Engine {
  readonly host: RecordingHost
  readonly instance: RewrittenInstance
}

const FUEL = 2_000_000
const OVERFLOW = /Maximum call stack size exceeded/

/**
 * Runs a rewritten module, whose memories, globals and tables are exported, and the same module with other bits of NaN, as another
 * engine may choose them. Returns the first difference that a script or the host can see: of results, calls of the host, memories,
 * globals, tables or fuel.
 */
export function compareEngines(bytes: Uint8Array<ArrayBuffer>, number: number): string | undefined {
  const module = decodeModule(bytes)
  const memory = memoryPlaceOf(number)
  const start = (change?: typeof withOtherNaN): Engine | string => {
    const host = new RecordingHost(module)
    try {
      const instance = compileRewritten(bytes, { memory, ...(change !== undefined && { change }) }).instantiate(host.imports, FUEL)
      host.around = instance.callBack
      return { host, instance }
    } catch (error) {
      return (error as Error).message
    }
  }
  const one = start()
  const other = start(withOtherNaN)
  if (typeof one === 'string' || typeof other === 'string') return one === other ? undefined : `${String(one)} / ${String(other)}`
  const random = new SeededRandom(~number)
  const compare = (what: string, run: (instance: RewrittenInstance) => unknown): string | undefined => {
    const outcomes = [one, other].map((engine) => outcomeOf(engine, run))
    if (outcomes.some((outcome) => OVERFLOW.test(outcome))) return undefined
    if (outcomes[0] !== outcomes[1]) return `${what}: ${outcomes.join('\n/\n')}`
    const memory = memoryDifference(one.instance.exports, other.instance.exports)
    return memory === undefined ? undefined : `${what}: ${memory}`
  }
  const started = compare('start', (instance) => instance.start())
  if (started !== undefined) return started
  for (const { host, instance } of [one, other]) host.bind(instance.exports)
  for (const { name, kind, index } of module.exports) {
    if (kind !== 'func') continue
    const { params } = module.functions[index] as FunctionType
    const args = params.map((type) => argumentOf(type, random.below(20) - 4))
    const call = ({ exports }: RewrittenInstance): unknown => (exports[name] as (...values: readonly unknown[]) => unknown)(...args)
    const difference = compare(`${name}(${args.map(describeValue).join(', ')})`, call)
    if (difference !== undefined) return difference
  }
  return undefined
}

/** Describes what a run gave, and all that it changed but memories. */
function outcomeOf({ host, instance }: Engine, run: (instance: RewrittenInstance) => unknown): string {
  let outcome: string
  try {
    outcome = describeValue(run(instance))
  } catch (error) {
    outcome = describeError(error, instance.exports)
  }
  return [outcome, ...host.calls.splice(0), describeState(instance.exports), `${instance.spent} units of fuel`].join('\n')
}
