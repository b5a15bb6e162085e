import type { Charges } from '../charges.ts'
import type { ProbeCode, ValueKind } from '../inline-call.ts'
import { INSERTION, type InsertionKind, Insertions } from '../insertions.ts'

/** Code at an instruction of a function. */
export interface Probe {
  /** The offset of the instruction. */
  readonly at: number
  readonly write: ProbeCode
  /** Whether it comes before the charges at the same instruction. */
  readonly isFirst: boolean
}

/** What comes before a probe at the same instruction: it ends what is before, or begins a basic block. */
const BEFORE: ReadonlySet<number> = new Set([
  INSERTION.entry,
  INSERTION.loop,
  INSERTION.block,
  INSERTION.hostReturned,
  INSERTION.countedEnd,
])

/** Merges probes, in order of their offsets, into the insertions of a function, and adds the locals that they need. */
export function withProbes(charges: Charges, probes: readonly Probe[]): Charges {
  const { insertions, first, end } = charges
  const { at: offsets, kind: kinds, argument, isChecked } = insertions
  const merged = new Insertions(end - first + probes.length)
  /** By offset, the number of the last insertion that probes at the offset follow. */
  const lasts = new Map<number, number>()
  for (let each = first; each < end; each++) if (BEFORE.has(kinds[each] as number)) lasts.set(offsets[each] as number, each)
  let place = 0
  const putProbes = (isDue: (probe: Probe) => boolean): void => {
    for (let probe = probes[place]; probe !== undefined && isDue(probe); probe = probes[++place])
      merged.add(probe.at, INSERTION.probe, place)
  }
  for (let each = first; each < end; each++) {
    const at = offsets[each] as number
    const mustFollow = each <= (lasts.get(at) ?? -1)
    putProbes((probe) => probe.at < at || (probe.at === at && (probe.isFirst || !mustFollow)))
    const number = merged.add(at, kinds[each] as InsertionKind, argument[each] as number)
    merged.isChecked[number] = isChecked[each] as number
  }
  putProbes(() => true)
  return {
    ...charges,
    ...{ insertions: merged, first: 0, end: merged.length },
    probes: probes.map(({ write }) => write),
    values: new Set<ValueKind>([...charges.values, 'frame', 'record']),
  }
}
