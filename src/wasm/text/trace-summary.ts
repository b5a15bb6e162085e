import type { PlacedFrame, TraceSummary } from './source-places.ts'

/** The functions by which a Rust program panics. They may call a handler that the author wrote. */
const PANIC = /^(core|std)::(panicking|result::unwrap_failed|option::)|^rust_(panic|begin_unwind)/

/**
 * Returns what an error says of its frames: at most `count` of them, and the place of the first that its author wrote. Of the functions of libraries that
 * come before, the one that was called by the author tells what failed; the others are left out.
 */
export function summarizeTrace(found: readonly PlacedFrame[], count: number): TraceSummary {
  const isLibrary = ({ frame, places }: PlacedFrame): boolean =>
    PANIC.test(frame.function) || (frame.location !== undefined && places?.isOwn(frame.location.file) === false)
  const panicked = found.findLastIndex(({ frame }) => PANIC.test(frame.function))
  const first = found.findIndex((each, index) => index > panicked && !isLibrary(each))
  const rest = found.slice(Math.max(0, first - 1))
  const located = rest.filter(({ frame }) => frame.location !== undefined)
  const { frame: { location } = {}, places } = located.find((each) => !isLibrary(each)) ?? located[0] ?? {}
  const frame = location && places?.codeFrame(location)
  return {
    trace: rest.slice(0, count).map(({ frame }) => frame),
    ...(location !== undefined && { location }),
    ...(frame !== undefined && { frame }),
  }
}
