import type { FieldType } from '../../abi/types.ts'
import { WRITE_ENTITY, WRITE_OLD } from '../../wasm/rewrite/trace/trace-memory.ts'
import type { RawTrace } from './tick-tracer.ts'
import type { LocalValues, TraceEvent } from './trace-event.ts'
import type { DescribedPoint } from './trace-points.ts'

const CALL_INDEX = 4
const WORD = 4

/** Turns a number as it is passed to a write into what the field then holds. */
const STORED: Readonly<Record<FieldType, (value: number) => number>> = {
  f32: (value) => value,
  f64: (value) => value,
  i8: (value) => (value << 24) >> 24,
  u8: (value) => value & 0xff,
  i16: (value) => (value << 16) >> 16,
  u16: (value) => value & 0xffff,
  i32: (value) => value,
  u32: (value) => value >>> 0,
  eid: (value) => value >>> 0,
}

/** Reads the records of a trace. */
export class RecordReader {
  readonly #raw: RawTrace
  readonly #view: DataView
  #offsets: Uint32Array | undefined

  constructor(raw: RawTrace) {
    this.#raw = raw
    this.#view = new DataView(raw.records.buffer, raw.records.byteOffset, raw.records.byteLength)
  }

  /** The number of records that were kept. */
  get length(): number {
    return this.#index().length
  }

  /** Returns the point of a record, counted from the first that was kept. */
  pointAt(record: number): DescribedPoint {
    return this.#raw.pointAt(this.#view.getUint32(this.#offsetOf(record), true))
  }

  /** Returns the depth of the frame of a record; -1 if it is not recorded. */
  depthAt(record: number): number {
    const { depthAt } = this.pointAt(record)
    return depthAt < 0 ? -1 : this.#view.getInt32(this.#offsetOf(record) + depthAt, true)
  }

  eventAt(record: number): TraceEvent {
    const offset = this.#offsetOf(record)
    const point = this.pointAt(record)
    const { kind, place, script, function: name } = point
    const common = { index: this.#raw.from + record, script, function: name, ...(place && { place }) }
    const fuel = point.fuelAt < 0 ? 0 : this.#view.getInt32(offset + point.fuelAt, true)
    switch (kind) {
      case 'enter':
        return { ...common, kind, depth: this.depthAt(record), fuel, locals: this.localsAt(record) }
      case 'line':
        return { ...common, kind, locals: this.localsAt(record) }
      case 'returned':
        return { ...common, kind, depth: this.depthAt(record), fuel }
      case 'read':
      case 'write': {
        const type = point.fieldType ?? 'i32'
        const access = { field: point.import?.name ?? '', entity: this.#view.getUint32(offset + WRITE_ENTITY, true) }
        const first = this.#valueAt(offset + WRITE_OLD, type)
        if (kind === 'read') return { ...common, kind, ...access, value: first }
        return { ...common, kind, ...access, old: first, value: this.#valueAt(offset + WRITE_OLD + (type === 'f64' ? 2 : 1) * WORD, type) }
      }
      case 'call': {
        const call = this.#raw.calls[this.#view.getUint32(offset + CALL_INDEX, true)]
        const { module = '', name: importName = 'a function reference' } = point.import ?? {}
        if (call?.read !== undefined) return { ...common, kind: 'read', field: importName, ...call.read }
        if (call?.write !== undefined) return { ...common, kind: 'write', field: importName, ...call.write }
        const { args = [], result, error } = call ?? {}
        return {
          ...{ ...common, kind, import: `${module} ${importName}`.trim(), args },
          ...(result !== undefined && { result }),
          ...(error !== undefined && { error }),
        }
      }
    }
  }

  localsAt(record: number): LocalValues {
    const offset = this.#offsetOf(record)
    const view = this.#view
    return Object.fromEntries(
      this.pointAt(record).locals.map(({ name, type, offset: at }) => {
        const place = offset + at
        if (type === 'i64') return [name, view.getBigInt64(place, true)]
        if (type === 'f32') return [name, view.getFloat32(place, true)]
        return [name, type === 'f64' ? view.getFloat64(place, true) : view.getInt32(place, true)]
      }),
    )
  }

  #valueAt(at: number, type: FieldType): number {
    if (type === 'f32') return this.#view.getFloat32(at, true)
    if (type === 'f64') return this.#view.getFloat64(at, true)
    return STORED[type](this.#view.getInt32(at, true))
  }

  #offsetOf(record: number): number {
    return this.#index()[record] as number
  }

  #index(): Uint32Array {
    if (this.#offsets !== undefined) return this.#offsets
    const { byteLength } = this.#view
    const sizes = new Map<number, number>()
    const offsets: number[] = []
    for (let at = 0; at < byteLength; ) {
      offsets.push(at)
      const id = this.#view.getUint32(at, true)
      let size = sizes.get(id)
      if (size === undefined) {
        size = this.#raw.pointAt(id).size
        sizes.set(id, size)
      }
      at += size
    }
    this.#offsets = Uint32Array.from(offsets)
    return this.#offsets
  }
}
