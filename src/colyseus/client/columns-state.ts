import type { ColumnsDecoder } from '../sync/columns-decoder.ts'
import type { ColumnDescription, ColumnsDescription, ColumnsFrame, NetworkId } from '../sync/sync.ts'
import type { ServerState, SyncedField } from './server-state.ts'

interface SeenEntity {
  readonly components: readonly string[]
  readonly values: Float64Array
}

const NOTHING: SeenEntity = { components: [], values: new Float64Array() }

/** The frames of `columns()` as one state. Only what a frame changed is read from the decoder. */
export class ColumnsState implements ServerState {
  readonly fields: readonly SyncedField[]
  readonly #names: readonly string[]
  readonly #seen = new Map<NetworkId, SeenEntity>()
  readonly #componentLists = new Map<string, readonly string[]>()
  #tick = -1
  #own: NetworkId = 0

  constructor({ components, own }: ColumnsDescription) {
    const isOwnExact = new Set(own.map(({ field }) => field))
    const columns = new Map<string, ColumnDescription>()
    for (const column of components.flatMap(({ columns }) => columns)) columns.set(column.field, column)
    // An entity is named by its id on the server there, which no other frame has.
    for (const column of own) if (!columns.has(column.field) && column.type !== 'eid') columns.set(column.field, column)
    this.#names = [...columns.keys()]
    this.fields = [...columns.values()].map(({ field: name, step, type }) => {
      const [component = '', field = ''] = name.split('.')
      const isEntity = type === 'eid'
      const isContinuous = type === 'f32' || type === 'f64'
      return { component, field, step, ownStep: isOwnExact.has(name) && !isEntity ? 0 : step, isContinuous, isEntity }
    })
  }

  get tick(): number {
    return this.#tick
  }

  get own(): NetworkId {
    return this.#own
  }

  get ids(): Iterable<NetworkId> {
    return this.#seen.keys()
  }

  get size(): number {
    return this.#seen.size
  }

  has(id: NetworkId): boolean {
    return this.#seen.has(id)
  }

  componentsOf(id: NetworkId): readonly string[] {
    return (this.#seen.get(id) ?? NOTHING).components
  }

  valuesOf(id: NetworkId): ArrayLike<number> {
    return (this.#seen.get(id) ?? NOTHING).values
  }

  /** Takes a frame that the decoder has read. */
  take(frame: ColumnsFrame, decoder: ColumnsDecoder): void {
    const before = this.#own
    this.#tick = frame.tick
    this.#own = decoder.has(frame.own) ? frame.own : 0
    if (frame.kind === 'full') this.#seen.clear()
    for (const id of frame.left) this.#seen.delete(id)
    for (const ids of [frame.entered, frame.changed]) for (const id of ids) this.#read(id, decoder)
    // What was exact is rounded from now on.
    if (before !== this.#own && this.#seen.has(before)) this.#read(before, decoder)
    if (this.#own !== 0) this.#readOwn(frame.ownValues, decoder)
  }

  #read(id: NetworkId, decoder: ColumnsDecoder): void {
    const values = Float64Array.from(this.#names, (name) => decoder.value(id, name) ?? 0)
    this.#seen.set(id, { components: this.#list(decoder.components(id)), values })
  }

  /** Puts the exact values of the own entity over those that were rounded. */
  #readOwn(ownValues: ReadonlyMap<string, number> = new Map(), decoder: ColumnsDecoder): void {
    const values = Float64Array.from(this.#names, (name, index) => {
      const exact = this.fields[index]?.isEntity ? undefined : ownValues.get(name)
      return exact ?? decoder.value(this.#own, name) ?? 0
    })
    const components = new Set(decoder.components(this.#own))
    for (const name of ownValues.keys()) components.add(name.slice(0, name.indexOf('.')))
    this.#seen.set(this.#own, { components: this.#list([...components]), values })
  }

  #list(components: readonly string[]): readonly string[] {
    const key = components.join()
    const known = this.#componentLists.get(key)
    if (known !== undefined) return known
    this.#componentLists.set(key, components)
    return components
  }
}
