import type { RecordReader } from './record-reader.ts'
import type { DescribedPoint } from './trace-points.ts'

/** A function that runs. */
export interface OpenFrame {
  readonly depth: number
  readonly point: DescribedPoint
  /** The record with which the host entered the script. */
  readonly root: number
  /** The record that it is at. */
  record: number
  /** The last record with its locals. */
  values: number
}

/** The functions that run at a record: those that were entered before it, and were not left. Records are visited in order. */
export class OpenFrames {
  readonly #reader: RecordReader
  /** The outermost first. */
  readonly open: OpenFrame[] = []

  constructor(reader: RecordReader) {
    this.#reader = reader
  }

  visit(record: number): void {
    const { open } = this
    const point = this.#reader.pointAt(record)
    const depth = this.#reader.depthAt(record)
    if (point.kind === 'enter') {
      while ((open.at(-1)?.depth ?? -1) >= depth) open.pop()
      open.push({ depth, point, root: open[0]?.root ?? record, record, values: record })
      return
    }
    // A record with a depth is of the frame with that depth: those that it called are gone.
    if (depth >= 0) while ((open.at(-1)?.depth ?? -1) > depth) open.pop()
    const top = open.at(-1)
    if (top?.point.function !== point.function || top.point.script !== point.script) return
    top.record = record
    if (point.kind === 'line') top.values = record
  }
}
