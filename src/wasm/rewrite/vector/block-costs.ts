import type { Charges } from '../charges.ts'
import { type CanonicalOperand, INSERTION } from '../insertions.ts'

/** What a function pays, and what it makes canonical, by offset. */
export interface BlockCosts {
  /** Returns the units of the basic blocks that begin at an offset. */
  readonly costAt: (at: number) => number
  /** Returns what is made canonical before the instruction at an offset. */
  readonly canonicalAt: (at: number) => readonly CanonicalOperand[]
}

const NOTHING: readonly CanonicalOperand[] = []

export function blockCosts({ insertions, first, end, canonical: operands }: Charges): BlockCosts {
  const costs = new Map<number, number>()
  const canonical = new Map<number, CanonicalOperand[]>()
  for (let each = first; each < end; each++) {
    const [at, kind, units] = [insertions.at[each], insertions.kind[each], insertions.argument[each]] as [number, number, number]
    if (kind === INSERTION.entry || kind === INSERTION.loop || kind === INSERTION.block) costs.set(at, (costs.get(at) ?? 0) + units)
  }
  for (const operand of operands) canonical.set(operand.at, [...(canonical.get(operand.at) ?? []), operand])
  return { costAt: (at) => costs.get(at) ?? 0, canonicalAt: (at) => canonical.get(at) ?? NOTHING }
}
