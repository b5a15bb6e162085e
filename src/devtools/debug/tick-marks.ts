import type { WasmScriptRuntime } from '../../index.ts'

/** What is marked of a tick: a fault, a reload before it, a line with a breakpoint that ran, or input of the game. */
export type MarkKind = 'fault' | 'reload' | 'hit' | 'input'

/** The ticks at which something happened, the oldest first. */
export interface TickMarks {
  readonly all: ReadonlyMap<number, ReadonlySet<MarkKind>>
  add(tick: number, kind: MarkKind): void
  /** Drops the marks before a tick. */
  dropBefore(tick: number): void
  dispose(): void
}

/** Marks that are kept. */
const MAX_MARKS = 10_000

/** Starts to mark the ticks of a runtime. */
export function markTicks(runtime: WasmScriptRuntime): TickMarks {
  const all = new Map<number, Set<MarkKind>>()
  /** What happened since the last tick, whose number comes with its report. */
  const pending = new Set<MarkKind>()
  const add = (tick: number, kind: MarkKind): void => {
    const known = all.get(tick)
    if (known !== undefined) known.add(kind)
    else all.set(tick, new Set([kind]))
    if (all.size > MAX_MARKS) all.delete(all.keys().next().value as number)
  }
  const offs = [
    runtime.on('input', ({ kind, tick }) => kind !== 'tick' && kind !== 'reload' && add(tick + 1, 'input'), { passive: true }),
    runtime.on('error', () => pending.add('fault'), { passive: true }),
    runtime.on('reload', () => pending.add('reload'), { passive: true }),
    runtime.on(
      'tick',
      ({ tick }) => {
        for (const kind of pending) add(tick, kind)
        pending.clear()
      },
      { passive: true },
    ),
    // The game goes on from an earlier tick, without what came after it.
    runtime.on('restore', ({ tick }) => {
      for (const marked of all.keys()) if (marked > tick) all.delete(marked)
    }),
  ]
  return {
    all,
    add,
    dropBefore(tick) {
      for (const marked of all.keys()) if (marked < tick) all.delete(marked)
    },
    dispose() {
      for (const off of offs) off()
      all.clear()
    },
  }
}
