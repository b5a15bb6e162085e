import { ChangedColumns } from './changed-columns.ts'
import type { ColumnsOptions, NearOptions } from './columns-options.ts'
import { FrameWriter } from './frame-bytes.ts'
import { FULL_FRAME, HAS_OWN_VALUES, PATCH_FRAME } from './frame-kinds.ts'
import { NearGrid, type NumberColumn } from './near-grid.ts'
import { OwnColumns } from './own-columns.ts'
import type { ColumnsDescription, Seat, SyncEncoder, SyncSource } from './sync.ts'

/** What a client knows of an entity. */
const UNKNOWN = 0
const KNOWN = 1
/** It knows an older state: a patch had no room for a change. */
const STALE = 2

/** What the client of a seat knows. */
interface SeatView {
  readonly known: Uint8Array
  /** The entities that it knows, in ascending order, in the first {@link count} places. */
  list: Uint32Array
  count: number
  /** The take that its last frame was of. */
  take: number
  /** Where its entity was last. */
  x: number
  y: number
  /** The patches that an entity has waited for. */
  waited: Uint8Array | undefined
}

/** Sorts by rank: the nearest first, and sooner what has waited longer. */
interface Ranked {
  readonly entity: number
  readonly isWhole: boolean
  readonly rank: number
}

/** Writes the frames of `columns()`. */
export class ColumnsEncoder implements SyncEncoder {
  readonly description: ColumnsDescription
  readonly #columns: ChangedColumns
  readonly #own: OwnColumns
  readonly #grid: NearGrid | undefined
  readonly #x: NumberColumn | undefined
  readonly #y: NumberColumn | undefined
  readonly #see: ColumnsOptions['see']
  readonly #source: SyncSource
  readonly #views: Map<number, SeatView> = new Map()
  readonly #out: FrameWriter = new FrameWriter(1 << 14)
  /** The call in which an entity was seen last. */
  readonly #seen: Uint32Array
  #call = 0
  #tick = 0
  #visible: Uint32Array
  #whole: Uint32Array
  #changed: Uint32Array
  #gone: Uint32Array

  constructor(
    source: SyncSource,
    description: ColumnsDescription,
    near: Required<NearOptions> | undefined,
    see: ColumnsOptions['see'],
    select: (() => ArrayLike<number>) | undefined,
  ) {
    const { capacity, components, own } = description
    const { running } = source
    this.description = description
    this.#source = source
    this.#see = see
    this.#columns = new ChangedColumns(running, capacity, components, select)
    this.#own = new OwnColumns(running, own)
    if (near !== undefined) {
      this.#x = columnOf(running.components, near.x)
      this.#y = columnOf(running.components, near.y)
      this.#grid = new NearGrid(near.radius, this.#x, this.#y, capacity)
    }
    const list = (): Uint32Array => new Uint32Array(capacity)
    this.#seen = list()
    this.#visible = list()
    this.#whole = list()
    this.#changed = list()
    this.#gone = list()
  }

  take(tick: number): void {
    this.#tick = tick
    this.#columns.take()
    this.#grid?.fill(this.#columns.entities, this.#columns.count)
  }

  full(seat: Seat): Uint8Array {
    const { capacity } = this.description
    this.#views.set(seat.index, {
      known: new Uint8Array(capacity),
      list: new Uint32Array(64),
      count: 0,
      take: this.#columns.takes,
      x: Number.NaN,
      y: Number.NaN,
      waited: undefined,
    })
    // Values of the own entity now may be of a later tick than the columns.
    return this.#frame(seat, FULL_FRAME)
  }

  patch(seat: Seat): Uint8Array {
    const view = this.#views.get(seat.index)
    if (view === undefined) return this.full(seat)
    const { takes } = this.#columns
    if (view.take + 1 < takes) for (const entity of view.list.subarray(0, view.count)) view.known[entity] = STALE
    view.take = takes
    return this.#frame(seat, PATCH_FRAME)
  }

  leave(seat: Seat): void {
    this.#views.delete(seat.index)
  }

  dispose(): void {
    this.#views.clear()
  }

  #frame(seat: Seat, kind: number): Uint8Array {
    const view = this.#views.get(seat.index) as SeatView
    const out = this.#out
    out.length = 0
    const hasOwnValues = kind === PATCH_FRAME && seat.entity !== 0 && !this.#own.isEmpty
    out.byte(kind | (hasOwnValues ? HAS_OWN_VALUES : 0))
    out.unsigned(this.#tick)
    out.unsigned(seat.entity)
    if (seat.entity !== 0) out.unsigned(this.#source.running.runtime.version(seat.entity))
    out.unsigned(seat.waiting)
    out.unsigned(seat.missed)
    if (hasOwnValues) this.#own.write(seat.entity, out)
    this.#writeEntities(seat, view, kind === FULL_FRAME)
    return out.view()
  }

  #writeEntities(seat: Seat, view: SeatView, isFull: boolean): void {
    const columns = this.#columns
    const { known } = view
    const visible = this.#findVisible(seat, view)
    this.#call++
    let [whole, changed, gone] = [0, 0, 0]
    const { renewed, takes, from, to } = columns
    const seen = this.#seen
    const call = this.#call
    for (let index = 0; index < visible.length; index++) {
      const entity = visible[index] as number
      seen[entity] = call
      if (known[entity] !== KNOWN || renewed[entity] === takes) this.#whole[whole++] = entity
      else if ((to[entity] as number) > (from[entity] as number)) this.#changed[changed++] = entity
    }
    for (let index = 0; index < view.count; index++) {
      const entity = view.list[index] as number
      if (seen[entity] === call) continue
      this.#gone[gone++] = entity
      known[entity] = UNKNOWN
    }
    const out = this.#out
    writeIds(out, this.#gone.subarray(0, gone))
    const start = out.length
    this.#writeLists(view, this.#whole.subarray(0, whole), this.#changed.subarray(0, changed))
    const limit = this.#source.patchBytes
    if (!isFull && out.length > limit) {
      out.length = start
      this.#writeWhatFits(seat, view, limit, this.#whole.subarray(0, whole), this.#changed.subarray(0, changed))
    } else view.waited = undefined
    keepKnown(view, visible)
  }

  /** Writes the entities that come whole, and the changes of others. Each list is in ascending order. */
  #writeLists(view: SeatView, whole: Uint32Array, changed: Uint32Array): void {
    const out = this.#out
    const columns = this.#columns
    out.unsigned(whole.length)
    let before = 0
    for (const entity of whole) {
      out.unsigned(entity - before)
      before = entity
      columns.writeWhole(entity, out)
      view.known[entity] = KNOWN
    }
    out.unsigned(changed.length)
    before = 0
    const { bytes } = columns.changes
    for (const entity of changed) {
      out.unsigned(entity - before)
      before = entity
      out.copy(bytes, columns.from[entity], columns.to[entity])
    }
  }

  /** Writes the nearest entities, as many as there is room for. The others wait for the next patch. */
  #writeWhatFits(seat: Seat, view: SeatView, limit: number, whole: Uint32Array, changed: Uint32Array): void {
    const columns = this.#columns
    view.waited ??= new Uint8Array(this.description.capacity)
    const { known, waited } = view
    const rank = (entity: number, isWhole: boolean): Ranked => {
      const [right, down] = [(this.#x?.[entity] ?? 0) - view.x, (this.#y?.[entity] ?? 0) - view.y]
      const square = entity === seat.entity ? -1 : right * right + down * down || 0
      const patience = 1 + (waited[entity] as number)
      return { entity, isWhole, rank: square / (patience * patience) }
    }
    const ranked = [...Array.from(whole, (entity) => rank(entity, true)), ...Array.from(changed, (entity) => rank(entity, false))]
    ranked.sort(
      (one, other) =>
        one.rank - other.rank || (waited[other.entity] as number) - (waited[one.entity] as number) || one.entity - other.entity,
    )
    // Two counts, and an id for each.
    let size = this.#out.length + 6
    let isFull = false
    const chosen: [number[], number[]] = [[], []]
    const measured = new FrameWriter(256)
    for (const { entity, isWhole } of ranked) {
      measured.length = 0
      if (isWhole) columns.writeWhole(entity, measured)
      const bytes = 2 + (isWhole ? measured.length : (columns.to[entity] as number) - (columns.from[entity] as number))
      // The first always fits, so that something moves with any limit.
      isFull ||= size + bytes > limit && chosen[0].length + chosen[1].length > 0
      if (isFull) {
        if (known[entity] === KNOWN) known[entity] = STALE
        waited[entity] = Math.min(255, (waited[entity] as number) + 1)
        continue
      }
      size += bytes
      waited[entity] = 0
      chosen[isWhole ? 0 : 1].push(entity)
    }
    this.#writeLists(view, Uint32Array.from(chosen[0]).sort(), Uint32Array.from(chosen[1]).sort())
  }

  /** Returns the entities that a seat sees, in ascending order. The next call overwrites them. */
  #findVisible(seat: Seat, view: SeatView): Uint32Array {
    const own = this.#columns.masks[seat.entity] !== 0 ? seat.entity : 0
    const visible = this.#visible
    let count = 0
    if (this.#grid === undefined) {
      count = this.#columns.count
      visible.set(this.#columns.entities.subarray(0, count))
    } else {
      if (seat.entity !== 0) {
        view.x = this.#x?.[seat.entity] ?? 0
        view.y = this.#y?.[seat.entity] ?? 0
      }
      count = this.#grid.find(view.x, view.y, visible)
      // An own entity that has no place is near no one.
      if (own !== 0 && !visible.subarray(0, count).includes(own)) visible[count++] = own
    }
    if (this.#see !== undefined) {
      const candidates = count
      count = 0
      for (let index = 0; index < candidates; index++) {
        const entity = visible[index] as number
        if (entity === own || this.#see(seat, entity, this.#source.running)) visible[count++] = entity
      }
    }
    return this.#grid === undefined ? visible.subarray(0, count) : visible.subarray(0, count).sort()
  }
}

/** Keeps the entities that a client knows now. */
function keepKnown(view: SeatView, visible: Uint32Array): void {
  if (view.list.length < visible.length) view.list = new Uint32Array(2 * visible.length)
  const { list, known } = view
  let count = 0
  for (let index = 0; index < visible.length; index++) {
    const entity = visible[index] as number
    if (known[entity] !== UNKNOWN) list[count++] = entity
  }
  view.count = count
}

/** Writes how many ids there are, then each as the difference to that before it. */
function writeIds(out: FrameWriter, ids: Uint32Array): void {
  out.unsigned(ids.length)
  let before = 0
  for (const id of ids) {
    out.unsigned(id - before)
    before = id
  }
}

function columnOf(components: object, field: string): NumberColumn {
  const [component = '', name = ''] = field.split('.')
  return (components as Readonly<Record<string, Readonly<Record<string, NumberColumn>>>>)[component]?.[name] as NumberColumn
}
