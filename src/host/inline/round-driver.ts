import { EXPORT } from '../../abi/exports.ts'
import { type DecodedModule, exportedFunction, importedFunctions, sameFunctionType } from '../../wasm/format/module.ts'
import { OPCODE } from '../../wasm/format/opcodes.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import type { CodeReader } from '../../wasm/rewrite/inlining.ts'
import type { MeteredCode } from '../../wasm/rewrite/metered-code.ts'
import type { AppendedFunction } from '../../wasm/rewrite/sections.ts'
import { findRounds, isCalled } from '../../wasm/rewrite/vector/find-rounds.ts'
import { vectorizeRound } from '../../wasm/rewrite/vector/vectorize-round.ts'
import type { WalkedModule } from '../../wasm/rewrite/vector/walked-module.ts'
import type { CodeObstacle } from '../../wasm/rewrite/vectorization.ts'
import type { VectorImports } from './group-driver.ts'
import { withRoundCalls } from './round-calls.ts'
import * as ROUND_LOCAL from './round-local.ts'
import { RoundLoop } from './round-loop.ts'
import { type DrivenLoop, localAddress, MAX_LOCALS } from './round-places.ts'

/** What lets loops of `tick` over query results run on several entities at once. */
export interface RoundDrivers {
  readonly functions: readonly AppendedFunction[]
  /** The code of `tick`, with calls of them. */
  readonly replaced: ReadonlyMap<number, MeteredCode>
  /** What prevents the first loop of `tick`; `undefined` if any loop runs so, or if there is none over a query result. */
  readonly obstacle: CodeObstacle | undefined
}

/** The first instructions before which code can be inserted: none has an insertion of its own. */
const FIRST_INSTRUCTIONS: readonly number[] = [OPCODE.localGet, OPCODE.block, OPCODE.i32Const]

/**
 * Returns the functions that run rounds of the loops of `tick` over query results on four entities at once. `firstIndex` is the index of the
 * first. A loop calls its function where a round begins; it runs as many rounds as it can, and the loop goes on with the next.
 */
export function roundDrivers(
  module: DecodedModule,
  batch: number,
  { calls, asked, isRelaxed }: VectorImports,
  read: CodeReader,
  firstIndex: number,
): RoundDrivers {
  const tick = module.exports.find(({ kind, name }) => kind === 'func' && name === EXPORT.tick)?.index ?? -1
  const type = exportedFunction(module, EXPORT.tick)
  const typeIndex = module.types.findIndex((each) => each !== undefined && type !== undefined && sameFunctionType(each, type))
  if (type === undefined || type.results.length > 0 || tick < importedFunctions(module)) return NOTHING
  const code = read(tick)
  const { memory, globalShift } = code.additions
  const walked: WalkedModule = { module, calls, asked, read, memory, globalShift, isRelaxed }
  if (code.charges.catches || isCalled(walked, tick)) return NOTHING
  const driven: DrivenLoop[] = []
  const obstacles: CodeObstacle[] = []
  for (const rounds of findRounds(walked, tick)) {
    const { counters, kept } = rounds
    if (counters.length + kept.length > MAX_LOCALS || !FIRST_INSTRUCTIONS.includes(module.bytes[rounds.start] as number)) continue
    const made = vectorizeRound(walked, {
      functionIndex: tick,
      rounds,
      locals: {
        first: type.params.length + ROUND_LOCAL.first,
        spent: type.params.length + ROUND_LOCAL.spent,
        free: type.params.length + ROUND_LOCAL.firstCounter + counters.length,
        ofCounter: (local) => type.params.length + ROUND_LOCAL.firstCounter + counters.findIndex((counter) => counter.local === local),
        addressOf: (local) => localAddress(batch, counters.length + kept.indexOf(local)),
      },
      blocks: 1,
    })
    if ('why' in made) obstacles.push(made)
    else driven.push({ rounds, code: made, index: firstIndex + driven.length })
  }
  if (driven.length === 0) return { ...NOTHING, obstacle: obstacles[0] }
  const functions = driven.map((each, place) => ({
    name: `${RESERVED.groups}:${place}`,
    type: typeIndex,
    write: (out: Writer) =>
      new RoundLoop(out, { ...each, batch, parameters: type.params.length, memory, fuel: code.additions.fuel }).write(),
  }))
  return { functions, replaced: new Map([[tick, withRoundCalls(module, code, batch, driven, type.params.length)]]), obstacle: undefined }
}

const NOTHING: RoundDrivers = { functions: [], replaced: new Map(), obstacle: undefined }
