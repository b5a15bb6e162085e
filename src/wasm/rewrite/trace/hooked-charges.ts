import type { Charges } from '../charges.ts'
import type { HookCode, ValueKind } from '../inline-call.ts'
import { INSERTION, type InsertionKind, Insertions } from '../insertions.ts'

/** Code at an instruction of a function. */
export interface ChargeHook {
  /** The offset of the instruction. */
  readonly at: number
  readonly write: HookCode
  /** Whether it comes before the charges at the same instruction. */
  readonly isFirst: boolean
}

/** What comes before a hook at the same instruction: it ends what is before, or begins a basic block. */
const BEFORE: ReadonlySet<number> = new Set([
  INSERTION.entry,
  INSERTION.loop,
  INSERTION.block,
  INSERTION.hostReturned,
  INSERTION.countedEnd,
])

/** Merges hooks, in order of their offsets, into the insertions of a function, and adds the locals that they need. */
export function withHooks(charges: Charges, hooks: readonly ChargeHook[]): Charges {
  const { insertions, first, end } = charges
  const { at: offsets, kind: kinds, argument, isChecked } = insertions
  const merged = new Insertions(end - first + hooks.length)
  /** By offset, the number of the last insertion that hooks at the offset follow. */
  const lasts = new Map<number, number>()
  for (let each = first; each < end; each++) if (BEFORE.has(kinds[each] as number)) lasts.set(offsets[each] as number, each)
  let place = 0
  const putHooks = (isDue: (hook: ChargeHook) => boolean): void => {
    for (let hook = hooks[place]; hook !== undefined && isDue(hook); hook = hooks[++place]) merged.add(hook.at, INSERTION.hook, place)
  }
  for (let each = first; each < end; each++) {
    const at = offsets[each] as number
    const mustFollow = each <= (lasts.get(at) ?? -1)
    putHooks((hook) => hook.at < at || (hook.at === at && (hook.isFirst || !mustFollow)))
    const number = merged.add(at, kinds[each] as InsertionKind, argument[each] as number)
    merged.isChecked[number] = isChecked[each] as number
  }
  putHooks(() => true)
  return {
    ...charges,
    ...{ insertions: merged, first: 0, end: merged.length },
    hooks: hooks.map(({ write }) => write),
    values: new Set<ValueKind>([...charges.values, 'frame', 'record']),
  }
}
