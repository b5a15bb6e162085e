import type { FoundEvent, Past, Trace } from '../../debug/index.ts'
import type { ScriptLine } from './line-counter.ts'

/** Returns the events of a trace with which one of some lines begins, in order. */
export function hitsIn(trace: Trace, lines: readonly ScriptLine[]): readonly number[] {
  return lines.flatMap((line) => trace.startsOf(line)).sort((one, other) => one - other)
}

/** Resolves with the last tick before one, or the first one after it, in which one of some lines ran; without `from`, from the end or the start of the past on. */
export async function findHit(
  past: Past,
  lines: readonly ScriptLine[],
  direction: 'back' | 'forward',
  from: number | undefined,
): Promise<number | undefined> {
  let found: FoundEvent | undefined
  for (const { script, line, file } of lines) {
    const next = await past.find({
      lines: { script, line, ...(file !== undefined && { file }) },
      ...(from !== undefined && { from }),
      direction,
    })
    if (next === undefined) continue
    if (found === undefined || (direction === 'back' ? next.tick > found.tick : next.tick < found.tick)) found = next
  }
  return found?.tick
}
