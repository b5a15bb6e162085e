import { query, type World } from 'bitecs'
import type { FieldType } from '../../index.ts'
import type { RunningGame } from '../game/start-game.ts'
import { doubleBits, FrameWriter } from './frame-bytes.ts'
import type { ColumnDescription, ComponentDescription } from './sync.ts'

/** How a column is written. `number` is a difference of few bytes; the others are the bits as they are. */
type Shape = 'number' | 'float' | 'double'

/** A column that is sent, and what was sent of it last. */
interface SentColumn {
  readonly array: ArrayLike<number>
  readonly shape: Shape
  /** What values are multiplied by before they are rounded. */
  readonly scale: number
  readonly isRounded: boolean
  /** The bit of its component. */
  readonly component: number
  /** The number, or the bits, or the lower half of them, by entity. */
  readonly last: Int32Array
  /** The upper half of the bits of an f64. */
  readonly lastHigh: Int32Array | undefined
}

const MAX_STEPS = 2 ** 31 - 1

/** Returns how a column of a type is written with a step. The step 0 is exact. */
export function shapeOf({ type, step }: { readonly type: FieldType; readonly step: number }): Shape {
  if (step > 0) return 'number'
  return type === 'f32' ? 'float' : type === 'f64' ? 'double' : 'number'
}

/** Returns a value as a whole number of steps that fits 32 bits; 0 for NaN. */
function roundToSteps(value: number, scale: number): number {
  const steps = Math.round(value * scale)
  return steps > MAX_STEPS ? MAX_STEPS : steps < -MAX_STEPS ? -MAX_STEPS : steps | 0
}

/** The columns of a game as clients get them: each change is encoded once, and copied to all who see it. */
export class ChangedColumns {
  /** The entities that are sent, in ascending order, in the first {@link count} places. */
  entities: Uint32Array = new Uint32Array(64)
  count = 0
  /** The components of each entity that are sent, as bits. */
  readonly masks: Uint32Array
  /** The take in which an entity was new, or had other components than before. */
  readonly renewed: Uint32Array
  /** Where the changes of an entity lie in {@link changes}; empty without any. */
  readonly from: Uint32Array
  readonly to: Uint32Array
  readonly changes: FrameWriter = new FrameWriter(1 << 14)
  /** How often the world was read. */
  takes = 0
  readonly #running: RunningGame
  readonly #world: World
  readonly #capacity: number
  readonly #components: readonly object[]
  readonly #columns: readonly SentColumn[]
  readonly #select: (() => ArrayLike<number>) | undefined
  readonly #versions: Uint32Array
  readonly #before: Uint32Array
  readonly #selected: Uint32Array
  readonly #whole: FrameWriter = new FrameWriter(1 << 14)
  readonly #wholeTake: Uint32Array
  readonly #wholeFrom: Uint32Array
  readonly #wholeTo: Uint32Array

  /** `select` returns the entities to send; without it, those with any of the components are sent. */
  constructor(
    running: RunningGame,
    capacity: number,
    described: readonly ComponentDescription[],
    select: (() => ArrayLike<number>) | undefined,
  ) {
    this.#running = running
    this.#world = running.world
    this.#capacity = capacity
    this.#select = select
    const components = running.components as Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>
    this.#components = described.map(({ name }) => components[name] as object)
    this.#columns = described.flatMap(({ name, columns }, component) =>
      columns.map((column) => sentColumn(components[name]?.[fieldOf(column)] as ArrayLike<number>, column, component, capacity)),
    )
    const perEntity = (): Uint32Array => new Uint32Array(capacity)
    this.masks = perEntity()
    this.renewed = perEntity()
    this.from = perEntity()
    this.to = perEntity()
    this.#versions = perEntity()
    this.#before = perEntity()
    this.#selected = perEntity()
    this.#wholeTake = perEntity()
    this.#wholeFrom = perEntity()
    this.#wholeTo = perEntity()
  }

  /** Reads the world, and encodes what changed since the last time. */
  take(): void {
    this.takes++
    this.changes.length = 0
    this.#whole.length = 0
    this.#before.set(this.masks)
    this.#readMasks()
    for (let index = 0; index < this.count; index++) {
      const entity = this.entities[index] as number
      const version = this.#running.runtime.version(entity)
      const isSame = this.#before[entity] === this.masks[entity] && this.#versions[entity] === version
      this.from[entity] = this.changes.length
      if (isSame) this.#encodeChanges(entity)
      else {
        this.#versions[entity] = version
        this.renewed[entity] = this.takes
        this.#keepAll(entity)
      }
      this.to[entity] = this.changes.length
    }
  }

  /** Returns the version of an entity as it was read. */
  versionOf(entity: number): number {
    return this.#versions[entity] as number
  }

  /** Writes all that is sent of an entity. */
  writeWhole(entity: number, out: FrameWriter): void {
    const whole = this.#whole
    if (this.#wholeTake[entity] !== this.takes) {
      this.#wholeTake[entity] = this.takes
      this.#wholeFrom[entity] = whole.length
      const mask = this.masks[entity] as number
      whole.unsigned(this.#versions[entity] as number)
      whole.unsigned(mask)
      for (const column of this.#columns) if ((mask >>> column.component) & 1) writeLast(whole, column, entity)
      this.#wholeTo[entity] = whole.length
    }
    out.copy(whole.bytes, this.#wholeFrom[entity], this.#wholeTo[entity])
  }

  #readMasks(): void {
    const { masks } = this
    masks.fill(0)
    let count = 0
    this.#components.forEach((component, index) => {
      const members = query(this.#world, [component])
      for (const entity of members) {
        if (entity >= this.#capacity) continue
        if (masks[entity] === 0) {
          if (count === this.entities.length) this.#grow()
          this.entities[count++] = entity
        }
        masks[entity] = ((masks[entity] as number) | (1 << index)) >>> 0
      }
    })
    this.count = this.#select === undefined ? count : this.#keepSelected(this.#select())
    this.entities.subarray(0, this.count).sort()
  }

  #keepSelected(selected: ArrayLike<number>): number {
    const kept = this.#selected.fill(0)
    let count = 0
    for (let index = 0; index < selected.length; index++) {
      const entity = selected[index] as number
      if (entity >= this.#capacity || this.masks[entity] === 0) continue
      kept[entity] = this.masks[entity] as number
      // There are no more than entities with a mask.
      this.entities[count++] = entity
    }
    this.masks.set(kept)
    return count
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.entities.length)
    grown.set(this.entities)
    this.entities = grown
  }

  #keepAll(entity: number): void {
    const mask = this.masks[entity] as number
    for (const column of this.#columns) if ((mask >>> column.component) & 1) keepValue(column, entity)
  }

  /** Writes which columns changed, as bits, then the changes. Writes nothing if none did. */
  #encodeChanges(entity: number): void {
    const { changes } = this
    const columns = this.#columns
    const mask = this.masks[entity] as number
    const start = changes.length
    const bitBytes = (columns.length + 7) >>> 3
    changes.reserve(bitBytes + 8 * columns.length)
    const { bytes } = changes
    for (let index = 0; index < bitBytes; index++) bytes[start + index] = 0
    changes.length += bitBytes
    let isChanged = false
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as SentColumn
      if (((mask >>> column.component) & 1) === 0 || !writeChange(changes, column, entity)) continue
      const at = start + (index >>> 3)
      bytes[at] = (bytes[at] as number) | (1 << (index & 7))
      isChanged = true
    }
    if (!isChanged) changes.length = start
  }
}

function fieldOf({ field }: ColumnDescription): string {
  return field.slice(field.indexOf('.') + 1)
}

function sentColumn(array: ArrayLike<number>, column: ColumnDescription, component: number, capacity: number): SentColumn {
  const shape = shapeOf(column)
  const isRounded = column.step > 0
  return {
    array: shape === 'float' ? bitsOf(array as Float32Array) : array,
    shape,
    scale: isRounded ? 1 / column.step : 1,
    isRounded,
    component,
    last: new Int32Array(capacity),
    lastHigh: shape === 'double' ? new Int32Array(capacity) : undefined,
  }
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length)
}

function numberOf({ array, isRounded, scale }: SentColumn, entity: number): number {
  const value = array[entity] as number
  return isRounded ? roundToSteps(value, scale) : value | 0
}

function keepValue(column: SentColumn, entity: number): void {
  if (column.lastHigh === undefined) column.last[entity] = numberOf(column, entity)
  else [column.last[entity], column.lastHigh[entity]] = doubleBits(column.array[entity] as number)
}

function writeLast(out: FrameWriter, { shape, last, lastHigh }: SentColumn, entity: number): void {
  const value = last[entity] as number
  if (shape === 'number') out.signed(value)
  else out.bits(value)
  if (lastHigh !== undefined) out.bits(lastHigh[entity] as number)
}

/** Writes the change of a column, and keeps the new value. Returns whether there was one. */
function writeChange(out: FrameWriter, column: SentColumn, entity: number): boolean {
  const { shape, last, lastHigh } = column
  if (lastHigh !== undefined) {
    const [low, high] = doubleBits(column.array[entity] as number)
    if ((low | 0) === last[entity] && (high | 0) === lastHigh[entity]) return false
    last[entity] = low
    lastHigh[entity] = high
    writeLast(out, column, entity)
    return true
  }
  const value = numberOf(column, entity)
  const before = last[entity] as number
  if (value === before) return false
  last[entity] = value
  // A difference of more than 32 bits wraps, and so does the sum on the other side.
  if (shape === 'number') out.signed((value - before) | 0)
  else out.bits(value)
  return true
}
