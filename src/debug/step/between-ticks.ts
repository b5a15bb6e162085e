import type { Past } from '../past/past.ts'
import type { TraceFrame } from '../trace/trace-event.ts'
import type { PlacedStop, StopWrite } from './stop.ts'

/** Writes between two ticks of which it is found out who did them, and how many may have been done there. */
const MAX_EXPLAINED = 4
const MAX_WRITERS = 8

/** Resolves with a stop at writes between two ticks, and what the host did there, or which script wrote in a call or a reload. Other stops stay as they are. */
export async function explainWrites(past: Past, stop: PlacedStop): Promise<PlacedStop> {
  if (stop.index !== -1 || stop.writes.length === 0) return stop
  let stack: readonly TraceFrame[] | undefined
  const writes: StopWrite[] = []
  for (const write of stop.writes) {
    const { field, entity, old, value } = write
    const found = writes.length < MAX_EXPLAINED ? await past.writers(field, entity, { before: stop.tick + 1, count: MAX_WRITERS }) : []
    const own = found.filter(({ tick, stack: [frame], input }) => tick === stop.tick && (frame !== undefined || input !== undefined))
    const same =
      own.find((each) => Object.is(each.value, value) && Object.is(each.old, old)) ?? own.find((each) => Object.is(each.value, value))
    const { by = write.by, input, caller } = same ?? {}
    writes.push({ ...write, by, ...(input && { input }), ...(caller && { caller }) })
    if (same !== undefined && same.stack.length > 0) stack ??= same.stack
  }
  return { ...stop, writes, ...(stack && { stack }) }
}
