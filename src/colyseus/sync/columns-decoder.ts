import { shapeOf } from './changed-columns.ts'
import { bitsDouble, bitsFloat, FrameReader, refuseFrame } from './frame-bytes.ts'
import { FULL_FRAME, HAS_OWN_VALUES, PATCH_FRAME } from './frame-kinds.ts'
import { fitted, readOwn } from './own-columns.ts'
import type { ColumnDescription, ColumnsDescription, ColumnsFrame, NetworkId } from './sync.ts'

/** An entity that the client sees. */
interface SeenEntity {
  readonly id: NetworkId
  readonly version: number
  readonly mask: number
  /** A number for each column; the lower half of the bits of an f64. */
  readonly values: Int32Array
  /** The upper half of the bits of each f64. */
  readonly high: Int32Array
}

/** What a frame says, checked and not applied yet. */
interface Reading {
  readonly gone: ReadonlySet<number>
  readonly whole: ReadonlyMap<number, SeenEntity>
  readonly changed: ReadonlyMap<number, SeenEntity>
}

/** Reads the frames of `columns()`. A frame that cannot be read changes nothing. */
export class ColumnsDecoder {
  readonly #description: ColumnsDescription
  readonly #columns: readonly ColumnDescription[]
  /** The index of the component of each column. */
  readonly #componentOf: readonly number[]
  readonly #indexOf: ReadonlyMap<string, number>
  /** By the id of the entity on the server. */
  #seen: Map<number, SeenEntity> = new Map()
  #tick = 0

  constructor(description: ColumnsDescription) {
    this.#description = description
    this.#columns = description.components.flatMap(({ columns }) => columns)
    this.#componentOf = description.components.flatMap(({ columns }, index) => columns.map(() => index))
    this.#indexOf = new Map(this.#columns.map(({ field }, index) => [field, index]))
  }

  /** The tick of the last frame. */
  get tick(): number {
    return this.#tick
  }

  /**
   * Reads a frame.
   *
   * @throws {ScriptError} StateRejected for bytes that are no frame of this room, or do not follow the frames before; nothing is changed then
   */
  read(bytes: Uint8Array): ColumnsFrame {
    const reader = new FrameReader(bytes)
    const flags = reader.byte()
    if ((flags & ~(FULL_FRAME | HAS_OWN_VALUES)) !== 0) refuseFrame('it is of no known kind')
    const isFull = (flags & FULL_FRAME) !== PATCH_FRAME
    const tick = reader.unsigned()
    if (!isFull && tick < this.#tick) refuseFrame(`tick ${tick} comes after tick ${this.#tick}`)
    const entity = reader.unsigned()
    if (entity >= this.#description.capacity) refuseFrame('an entity is out of range')
    const own = entity === 0 ? 0 : this.#idOf(entity, reader.unsigned())
    const waiting = reader.unsigned()
    const missed = reader.unsigned()
    const ownValues = (flags & HAS_OWN_VALUES) === 0 ? undefined : readOwn(reader, this.#description.own)
    const before = isFull ? new Map<number, SeenEntity>() : this.#seen
    const reading = this.#readEntities(reader, before)
    reader.end()

    const left = isFull
      ? [...this.#seen.values()].filter(({ id }) => reading.whole.get(id % this.#description.capacity)?.id !== id).map(({ id }) => id)
      : []
    this.#seen = before
    this.#tick = tick
    left.push(...this.#apply(reading))
    return {
      kind: isFull ? 'full' : 'patch',
      tick,
      own,
      ownValues,
      waiting,
      missed,
      entered: [...reading.whole.values()].map(({ id }) => id),
      left,
      changed: [...reading.changed.values()].map(({ id }) => id),
    }
  }

  /** Returns whether the client sees an entity. */
  has(id: NetworkId): boolean {
    return this.#find(id) !== undefined
  }

  /** The entities that the client sees. */
  entities(): NetworkId[] {
    return [...this.#seen.values()].map(({ id }) => id)
  }

  /** Returns the components of an entity that are sent, by name. None if the client does not see it. */
  components(id: NetworkId): string[] {
    const mask = this.#find(id)?.mask ?? 0
    return this.#description.components.filter((_, index) => (mask >>> index) & 1).map(({ name }) => name)
  }

  /**
   * Returns the value of a field, as it was rounded. A field of type `eid` has the network id of an entity that the client sees, or 0. `undefined` if the
   * client does not see the entity, it lacks the component, or the field is not sent.
   */
  value(id: NetworkId, field: string): number | undefined {
    const seen = this.#find(id)
    const index = this.#indexOf.get(field)
    if (seen === undefined || index === undefined || !this.#owns(seen.mask, index)) return undefined
    const column = this.#columns[index] as ColumnDescription
    const value = seen.values[index] as number
    const shape = shapeOf(column)
    if (shape === 'float') return bitsFloat(value)
    if (shape === 'double') return bitsDouble(value, seen.high[index] as number)
    if (column.step > 0) return value * column.step
    if (column.type === 'eid') return this.#seen.get(value >>> 0)?.id ?? 0
    return column.type === 'u32' ? value >>> 0 : value
  }

  #find(id: NetworkId): SeenEntity | undefined {
    const seen = this.#seen.get(id % this.#description.capacity)
    return seen?.id === id ? seen : undefined
  }

  #idOf(entity: number, version: number): NetworkId {
    return version * this.#description.capacity + entity
  }

  #owns(mask: number, column: number): boolean {
    return ((mask >>> (this.#componentOf[column] as number)) & 1) === 1
  }

  #readEntities(reader: FrameReader, before: ReadonlyMap<number, SeenEntity>): Reading {
    const gone = new Set<number>()
    for (const entity of this.#ids(reader)) {
      if (!before.has(entity)) refuseFrame('an entity leaves that was not there')
      gone.add(entity)
    }
    const whole = new Map<number, SeenEntity>()
    for (const entity of this.#ids(reader)) whole.set(entity, this.#readWhole(reader, entity))
    const changed = new Map<number, SeenEntity>()
    for (const entity of this.#ids(reader)) {
      const seen = before.get(entity)
      if (seen === undefined || whole.has(entity) || gone.has(entity)) return refuseFrame('an entity changes that is not there')
      changed.set(entity, this.#readChange(reader, seen))
    }
    for (const entity of gone) if (whole.has(entity)) refuseFrame('an entity leaves and comes at once')
    return { gone, whole, changed }
  }

  /** Reads ids, each before what follows it. */
  *#ids(reader: FrameReader): Generator<number> {
    let entity = 0
    for (let left = reader.count(); left > 0; left--) {
      const step = reader.unsigned()
      entity += step
      if (step === 0 || entity >= this.#description.capacity) refuseFrame('an entity is out of range')
      yield entity
    }
  }

  #readWhole(reader: FrameReader, entity: number): SeenEntity {
    const version = reader.unsigned()
    const mask = reader.unsigned()
    const { length } = this.#description.components
    if (mask === 0 || (length < 32 && mask >>> length !== 0)) refuseFrame('an entity has a component that is not sent')
    const values = new Int32Array(this.#columns.length)
    const high = new Int32Array(this.#columns.length)
    this.#columns.forEach((column, index) => {
      if (!this.#owns(mask, index)) return
      if (shapeOf(column) === 'number') values[index] = this.#fit(column, reader.signed())
      else readBits(reader, column, index, values, high)
    })
    return { id: this.#idOf(entity, version), version, mask, values, high }
  }

  #readChange(reader: FrameReader, seen: SeenEntity): SeenEntity {
    const columns = this.#columns
    const bits = reader.view((columns.length + 7) >>> 3)
    const [values, high] = [seen.values.slice(), seen.high.slice()]
    let isChanged = false
    for (let index = 0; index < 8 * bits.length; index++) {
      if ((((bits[index >>> 3] as number) >>> (index & 7)) & 1) === 0) continue
      const column = columns[index]
      if (column === undefined || !this.#owns(seen.mask, index)) return refuseFrame('a field changes that the entity does not have')
      if (shapeOf(column) === 'number') values[index] = this.#fit(column, ((values[index] as number) + reader.signed()) | 0)
      else readBits(reader, column, index, values, high)
      isChanged = true
    }
    if (!isChanged) refuseFrame('an entity changes in no field')
    return { ...seen, values, high }
  }

  #fit(column: ColumnDescription, value: number): number {
    return column.step > 0 ? value : fitted(column, value)
  }

  /** Returns the ids of entities that are gone. */
  #apply({ gone, whole, changed }: Reading): NetworkId[] {
    const left: NetworkId[] = []
    const drop = (entity: number): void => {
      left.push((this.#seen.get(entity) as SeenEntity).id)
      this.#seen.delete(entity)
    }
    for (const entity of gone) drop(entity)
    for (const [entity, seen] of whole) {
      const before = this.#seen.get(entity)
      if (before !== undefined && before.id !== seen.id) drop(entity)
      this.#seen.set(entity, seen)
    }
    for (const [entity, seen] of changed) this.#seen.set(entity, seen)
    return left
  }
}

function readBits(reader: FrameReader, column: ColumnDescription, index: number, values: Int32Array, high: Int32Array): void {
  values[index] = reader.bits()
  if (shapeOf(column) === 'double') high[index] = reader.bits()
}
