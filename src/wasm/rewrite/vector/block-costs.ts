import type { Charges } from '../charges.ts'
import type { CanonicalOperand } from '../float-edits.ts'
import { isCharge } from '../insertions.ts'

/** What a function pays, and what it makes canonical, by offset. */
export interface BlockCosts {
  /** Returns the units of the basic blocks that begin at an offset. */
  readonly costAt: (at: number) => number
  /** Returns what is made canonical before the instruction at an offset. */
  readonly canonicalAt: (at: number) => readonly CanonicalOperand[]
}

const NOTHING: readonly CanonicalOperand[] = []

export function blockCosts({ insertions, first, end, edits }: Charges): BlockCosts {
  const costs = new Map<number, number>()
  const canonical = new Map<number, CanonicalOperand[]>()
  // Where lanes take both ways of a branch, what all of them pay is best paid before it.
  const argument = insertions.unspread ?? insertions.argument
  for (let each = first; each < end; each++) {
    const [at, kind, units] = [insertions.at[each], insertions.kind[each], argument[each]] as [number, number, number]
    if (isCharge(kind)) costs.set(at, (costs.get(at) ?? 0) + units)
  }
  for (const edit of edits) if (edit.kind === 'canonical') canonical.set(edit.at, [...(canonical.get(edit.at) ?? []), edit])
  return { costAt: (at) => costs.get(at) ?? 0, canonicalAt: (at) => canonical.get(at) ?? NOTHING }
}
