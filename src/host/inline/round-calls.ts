import type { DecodedModule } from '../../wasm/format/module.ts'
import { EMPTY_BLOCK, OPCODE } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import { addLocals } from '../../wasm/rewrite/added-locals.ts'
import { type InlineCall, type InlinePlaces, writeMemoryAccess } from '../../wasm/rewrite/inline-call.ts'
import { INSERTION, Insertions } from '../../wasm/rewrite/insertions.ts'
import type { MeteredCode } from '../../wasm/rewrite/metered-code.ts'
import type { NumberKind } from '../../wasm/rewrite/vector/graph.ts'
import { type DrivenLoop, localAddress, WAIT } from './round-places.ts'

const WORD_SHIFT = 2
/** The store of a local, and the exponent of its alignment. */
const STORES: Readonly<Record<NumberKind, readonly [store: number, alignment: number]>> = {
  i32: [0x36, 2],
  f32: [0x38, 2],
  f64: [0x39, 3],
}

/** Returns the code of a function that calls the drivers of its loops. */
export function withRoundCalls(
  { functions, bytes }: DecodedModule,
  code: MeteredCode,
  batch: number,
  driven: readonly DrivenLoop[],
  parameters: number,
): MeteredCode {
  const { charges } = code
  const before = charges.insertions
  const insertions = new Insertions(charges.end - charges.first + driven.length)
  const calls = new Map(code.calls)
  for (let each = charges.first; each < charges.end; each++) {
    const [at, kind, argument] = [before.at[each], before.kind[each], before.argument[each]] as [number, number, number]
    const number = insertions.add(at, kind as Parameters<Insertions['add']>[1], argument)
    insertions.isChecked[number] = before.isChecked[each] as number
    const loop = kind === INSERTION.loop ? driven.find(({ rounds }) => rounds.start === at) : undefined
    if (loop === undefined) continue
    // It takes the place of the first instruction, which it repeats.
    const place = functions.length + loop.index
    calls.set(place, callOf(loop, code, batch, parameters, bytes))
    insertions.add(at, INSERTION.inline, place)
  }
  return { ...code, calls, charges: { ...charges, insertions, first: 0, end: insertions.length } }
}

/** Returns the code at the start of a round: what calls the driver of a loop, and the first instruction of the loop. */
function callOf(
  { rounds, code: { kept }, index }: DrivenLoop,
  code: MeteredCode,
  batch: number,
  parameters: number,
  bytes: Uint8Array,
): InlineCall {
  const { counters, start } = rounds
  const { fuel, caches } = addLocals(code, code.plan.cachesFuel)
  const write = (out: Writer, _: number, { memory, ...additions }: InlinePlaces): void => {
    const zero = (): Writer => out.byte(OPCODE.i32Const).s32(0)
    const access = (opcode: number, alignment: number, address: number): void => writeMemoryAccess(out, opcode, alignment, memory, address)
    const store = (local: number, kind: NumberKind, address: number): void => {
      zero().byte(OPCODE.localGet).u32(local)
      access(STORES[kind][0], STORES[kind][1], address)
    }
    const loadWait = (): void => {
      zero()
      access(OPCODE.i32Load, WORD_SHIFT, batch + WAIT)
    }
    loadWait()
    out.byte(OPCODE.if).byte(EMPTY_BLOCK)
    zero()
    loadWait()
    out.byte(OPCODE.i32Const).s32(1).byte(OPCODE.i32Sub)
    access(STORES.i32[0], WORD_SHIFT, batch + WAIT)
    out.byte(OPCODE.else)
    for (const [place, { local }] of counters.entries()) store(local, 'i32', localAddress(batch, place))
    for (const [local, kind] of kept) store(local, kind, localAddress(batch, counters.length + rounds.kept.indexOf(local)))
    for (let parameter = 0; parameter < parameters; parameter++) out.byte(OPCODE.localGet).u32(parameter)
    out.byte(OPCODE.call).u32(index)
    // The charge for the start of the round has written the fuel that is cached back.
    if (caches) out.byte(OPCODE.globalGet).u32(additions.fuel).byte(OPCODE.localSet).u32(fuel)
    for (const [place, { local }] of counters.entries()) {
      zero()
      access(OPCODE.i32Load, WORD_SHIFT, localAddress(batch, place))
      out.byte(OPCODE.localSet).u32(local)
    }
    out.byte(OPCODE.end)
    let end = start + 1
    while ((bytes[end++] as number) >= 128);
    out.range(bytes, start, end)
  }
  return { accessor: { access: 'word', type: 'i32', address: batch }, value: undefined, mayBeChecked: false, write }
}
