import { OpenFrames } from '../trace/open-frames.ts'
import type { RecordReader } from '../trace/record-reader.ts'
import { readerOf, type Trace } from '../trace/trace.ts'
import type { TraceFrame } from '../trace/trace-event.ts'

/** Of each event, how deep it is, and the event with which the host entered the script. */
interface Frames {
  readonly depths: Uint16Array
  readonly roots: Uint32Array
}

/** A traced tick in which one can step: how deep each event is, and of which run. */
export class TickView {
  readonly trace: Trace
  readonly reader: RecordReader
  #frames: Frames | undefined

  constructor(trace: Trace) {
    this.trace = trace
    this.reader = readerOf(trace)
  }

  get length(): number {
    return this.trace.length
  }

  /** Returns the frames at an event, its own among them; 0 before the first event. */
  depthAt(index: number): number {
    return this.#framesOf().depths[index] ?? 0
  }

  /** Returns the event with which the host entered the script that runs at an event. */
  rootAt(index: number): number {
    return this.#framesOf().roots[index] ?? -1
  }

  isStatement(index: number): boolean {
    return this.reader.pointAt(index).kind === 'line'
  }

  /** Returns the entity that the script runs on at an event; `undefined` if it does not run on one. */
  entityAt(index: number): number | undefined {
    const root = this.rootAt(index)
    if (root < 0) return undefined
    const { isOfEntity, locals, kind } = this.reader.pointAt(root)
    const [first] = locals
    if (kind !== 'enter' || !isOfEntity || first?.index !== 0) return undefined
    const value = this.reader.localsAt(root)[first.name]
    return typeof value === 'number' ? value >>> 0 : undefined
  }

  /** Returns the functions that run at an event, the innermost first; none before the first event. */
  stackAt(index: number): readonly TraceFrame[] {
    return index < 0 || index >= this.length ? [] : this.trace.at(index).stack
  }

  /** Returns the events at which scripts faulted, with the numbers of the errors, in order. */
  get faults(): readonly { readonly index: number; readonly error: number }[] {
    return this.trace.errors
      .map((_, error) => ({ error, index: this.#faultOf(error) }))
      .sort((one, other) => one.index - other.index || one.error - other.error)
  }

  /** Returns the last event of the run that ended with an error; the last one of the tick if that is unknown. */
  #faultOf(number: number): number {
    const { script, entity } = this.trace.errors[number] ?? {}
    let found = -1
    for (let index = this.length - 1; index >= 0; index--) {
      const isEnd = index === this.length - 1 || this.rootAt(index + 1) !== this.rootAt(index)
      if (!isEnd || this.reader.pointAt(this.rootAt(index)).script !== script) continue
      if (entity === undefined || this.entityAt(index) === entity) return index
      found = Math.max(found, index)
    }
    return found < 0 ? this.length - 1 : found
  }

  #framesOf(): Frames {
    if (this.#frames !== undefined) return this.#frames
    const { length } = this
    const depths = new Uint16Array(length)
    const roots = new Uint32Array(length)
    const frames = new OpenFrames(this.reader)
    for (let index = 0; index < length; index++) {
      frames.visit(index)
      depths[index] = frames.open.length
      roots[index] = frames.open[0]?.root ?? index
    }
    this.#frames = { depths, roots }
    return this.#frames
  }
}
