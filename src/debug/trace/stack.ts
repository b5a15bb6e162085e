import { type OpenFrame, OpenFrames } from './open-frames.ts'
import type { RecordReader } from './record-reader.ts'
import type { TraceFrame } from './trace-event.ts'

/** Returns the functions that run at a record, the innermost first: those that were entered before it, and not left. */
export function stackAt(reader: RecordReader, to: number): readonly TraceFrame[] {
  const frames = new OpenFrames(reader)
  for (let record = 0; record <= to; record++) frames.visit(record)
  const { open } = frames
  const here = reader.pointAt(to)
  const top = open.at(-1)
  if (top?.point.function !== here.function || top.point.script !== here.script)
    open.push({ depth: 0, point: here, root: to, record: to, values: to })
  return open.reverse().flatMap((frame) => framesOf(reader, frame))
}

/** Returns a function, after those that a compiler inlined where it is: they have its locals. */
function framesOf(reader: RecordReader, { point: { script }, record, values }: OpenFrame): readonly TraceFrame[] {
  const locals = reader.localsAt(values)
  return reader.pointAt(record).frames.map(({ function: name, location }) => ({
    ...{ script, function: name },
    ...(location && { place: location }),
    locals,
  }))
}
