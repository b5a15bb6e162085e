import { getAllEntities } from 'bitecs'
import type { RunningGame } from '../game/start-game.ts'
import type { NetworkId } from '../sync/sync.ts'
import type { ServerState, SyncedField } from './server-state.ts'

/** Which scripts run on which entities of a client. */
export interface PredictedScripts {
  /** On the entity of this client's seat. */
  readonly own: readonly string[]
  /** On all other entities. */
  readonly others: readonly string[]
}

/** Which entity of a client's game is which of the server's. Never changed, always replaced: the ring of snapshots has earlier ones. */
export interface Cast {
  readonly entities: ReadonlyMap<NetworkId, number>
  /** The components that the server says each of them has. */
  readonly components: ReadonlyMap<NetworkId, readonly string[]>
  /** The entity of this client's seat; 0 without one. */
  readonly own: NetworkId
}

/** How the entities of a server's frame differ from a cast. */
export interface CastChanges {
  readonly entered: readonly NetworkId[]
  readonly left: readonly NetworkId[]
  /** Those that have other components than before. */
  readonly renewed: readonly NetworkId[]
  /** Whether scripts run on one of them. */
  readonly isPredicted: boolean
}

type Column = { [entity: number]: number }

/** A set of fields of components. */
export interface FieldSet {
  has(component: string, field: string): boolean
}

const ALL_FIELDS: FieldSet = { has: () => true }

/** The entities of a server in a game of the client's own. */
export class Replica {
  readonly game: RunningGame
  readonly #predicted: PredictedScripts
  readonly #columns: readonly Column[]
  readonly #fields: readonly SyncedField[]
  readonly #indices: readonly number[]
  readonly #predictedFields: FieldSet
  readonly #capacity: number
  /** The ids on the server, by entity, of a cast. */
  #reverse: { readonly cast: Cast | undefined; readonly ids: ReadonlyMap<number, number> } = { cast: undefined, ids: new Map() }
  #cast: Cast = { entities: new Map(), components: new Map(), own: 0 }
  /** Entities that predicted scripts added, and the tick in which. */
  readonly #strays = new Map<number, { readonly version: number; readonly tick: number }>()

  /** Where the captured values of each entity begin. */
  readonly #places = new WeakMap<Cast, ReadonlyMap<NetworkId, number>>()

  constructor(
    game: RunningGame,
    fields: readonly SyncedField[],
    predicted: PredictedScripts,
    capacity = 1,
    predictedFields: FieldSet = ALL_FIELDS,
  ) {
    this.game = game
    this.#capacity = capacity
    this.#fields = fields
    this.#indices = [...fields.keys()]
    this.#predicted = predicted
    this.#predictedFields = predictedFields
    const components = game.components as Record<string, Record<string, Column>>
    this.#columns = fields.map(({ component, field }) => components[component]?.[field] as Column)
  }

  /** Another object after each change. */
  get cast(): Cast {
    return this.#cast
  }

  /** The entity of this client's seat. */
  get ownEntity(): number | undefined {
    return this.#cast.entities.get(this.#cast.own)
  }

  /** Whether scripts of this client run on an entity. */
  predicts(id: NetworkId, { own }: Pick<Cast, 'own'> = this.#cast): boolean {
    return (id === own ? this.#predicted.own : this.#predicted.others).length > 0
  }

  /** Whether scripts of this client may read or write a field: the others are as the server sends them. */
  predictsField(index: number): boolean {
    const { component, field } = this.#fields[index] as SyncedField
    return this.#predictedFields.has(component, field)
  }

  /** Returns the id that an entity has on the server; that here if it has none there. */
  serverEntity(entity: number): number {
    if (this.#reverse.cast !== this.#cast) {
      const ids = new Map([...this.#cast.entities].map(([id, each]) => [each, id % this.#capacity]))
      this.#reverse = { cast: this.#cast, ids }
    }
    return this.#reverse.ids.get(entity) ?? entity
  }

  /** Says which entities the world has, after a restore. */
  assume(cast: Cast): void {
    this.#cast = cast
  }

  /** Returns how the entities of the server differ from those of the world; `undefined` if they do not. */
  changes(state: ServerState): CastChanges | undefined {
    const { entities, components, own } = this.#cast
    const entered: NetworkId[] = []
    const left: NetworkId[] = []
    const renewed: NetworkId[] = []
    // An entity that becomes or was the own one gets other scripts.
    const isOther = (id: NetworkId): boolean => own !== state.own && (id === own || id === state.own)
    for (const id of state.ids) {
      if (!entities.has(id) || isOther(id)) entered.push(id)
      else if (components.get(id) !== state.componentsOf(id)) renewed.push(id)
    }
    if (entities.size + entered.length !== state.size || own !== state.own) {
      for (const id of entities.keys()) if (!state.has(id) || isOther(id)) left.push(id)
    }
    if (entered.length + left.length + renewed.length === 0 && own === state.own) return undefined
    const isPredicted = [...left, ...renewed].some((id) => this.predicts(id)) || entered.some((id) => this.predicts(id, { own: state.own }))
    return { entered, left, renewed, isPredicted }
  }

  /** Adds and removes entities until the world has those of the server. */
  align(state: ServerState, changes: CastChanges | undefined = this.changes(state)): void {
    if (changes === undefined) return
    const { runtime } = this.game
    const entities = new Map(this.#cast.entities)
    const components = new Map(this.#cast.components)
    for (const id of changes.left) {
      runtime.despawn(entities.get(id) as number)
      entities.delete(id)
      components.delete(id)
    }
    for (const id of changes.renewed) {
      const after = state.componentsOf(id)
      const lost = (components.get(id) ?? []).filter((name) => !after.includes(name))
      const changed = Object.fromEntries([...after.map((name) => [name, {}]), ...lost.map((name) => [name, null])])
      runtime.write(entities.get(id) as number, changed as never)
      components.set(id, after)
    }
    for (const id of changes.entered) {
      entities.set(id, this.#add(state, id))
      components.set(id, state.componentsOf(id))
    }
    this.#cast = { entities, components, own: state.own }
    for (const id of changes.renewed) this.#write(state, id)
  }

  /** Writes the values of the server: all of them, or those that are not predicted. */
  write(state: ServerState, which: 'all' | 'unpredicted'): void {
    const unpredicted = this.#indices.filter((index) => !this.predictsField(index))
    for (const id of this.#cast.entities.keys()) {
      if (which === 'all' || !this.predicts(id)) this.#write(state, id)
      else if (unpredicted.length > 0) this.#write(state, id, unpredicted)
    }
  }

  /** Copies the values of the predicted entities, in the order of the cast. */
  capture(): Float64Array {
    const columns = this.#columns
    const { entities } = this.#cast
    const captured = new Float64Array(entities.size * columns.length)
    let at = 0
    for (const [id, entity] of entities) {
      if (!this.predicts(id)) continue
      for (let index = 0; index < columns.length; index++) captured[at++] = (columns[index] as Column)[entity] as number
    }
    return captured.subarray(0, at)
  }

  /** Returns one of the values that {@link capture} gave; `undefined` for an entity that was not predicted. */
  captured(cast: Cast, values: Float64Array, id: NetworkId, index: number): number | undefined {
    let places = this.#places.get(cast)
    if (places === undefined) {
      const predicted = [...cast.entities.keys()].filter((each) => this.predicts(each, cast))
      places = new Map(predicted.map((each, place) => [each, place * this.#fields.length]))
      this.#places.set(cast, places)
    }
    const start = places.get(id)
    return start === undefined ? undefined : values[start + index]
  }

  /** Returns the entities whose captured values are not those of the server. Those that the server does not show are not compared. */
  differences(state: ServerState, cast: Cast, captured: Float64Array): readonly NetworkId[] {
    const othersSteps = this.#fields.map(({ step }) => step)
    const ownSteps = this.#fields.map(({ ownStep }) => ownStep)
    const predicted = this.#indices.filter((index) => this.predictsField(index))
    const different: NetworkId[] = []
    let at = 0
    for (const id of cast.entities.keys()) {
      if (!this.predicts(id, cast)) continue
      if (state.has(id)) {
        const values = state.valuesOf(id)
        const steps = id === state.own ? ownSteps : othersSteps
        for (const index of predicted) {
          const sent = this.#local(cast, index, values[index] as number)
          if (isEqual(captured[at + index] as number, sent, steps[index] as number)) continue
          different.push(id)
          break
        }
      }
      at += othersSteps.length
    }
    return different
  }

  /** Notes the entities that predicted scripts added in a tick. */
  noteStrays(tick: number): void {
    const { runtime, world } = this.game
    const all = getAllEntities(world)
    const scripts = runtime.scripts()
    if (all.length === this.#cast.entities.size + scripts.length) return
    const known = new Set(this.#cast.entities.values())
    for (const { entity } of scripts) known.add(entity)
    for (const entity of all) {
      const version = runtime.version(entity)
      if (!known.has(entity) && this.#strays.get(entity)?.version !== version) this.#strays.set(entity, { version, tick })
    }
  }

  /** Removes what predicted scripts added in a tick that the server has completed: if they were right, the server has sent its own. */
  removeStrays(confirmed: number): void {
    const { runtime } = this.game
    for (const [entity, { version, tick }] of this.#strays) {
      if (tick > confirmed) continue
      this.#strays.delete(entity)
      if (runtime.version(entity) === version) runtime.despawn(entity)
    }
  }

  #write(state: ServerState, id: NetworkId, indices: readonly number[] = this.#indices): void {
    const columns = this.#columns
    const entity = this.#cast.entities.get(id) as number
    const values = state.valuesOf(id)
    for (const index of indices) {
      ;(columns[index] as Column)[entity] = this.#local(this.#cast, index, values[index] as number)
    }
  }

  /** Returns a value that the server sent as it is in this world, where entities have other ids. */
  #local({ entities }: Cast, index: number, value: number): number {
    return this.#fields[index]?.isEntity ? (entities.get(value) ?? 0) : value
  }

  #add(state: ServerState, id: NetworkId): number {
    const { runtime, scripts } = this.game
    const values = state.valuesOf(id)
    const components: Record<string, Record<string, number>> = Object.fromEntries(state.componentsOf(id).map((name) => [name, {}]))
    this.#fields.forEach(({ component, field }, index) => {
      const fields = components[component]
      if (fields !== undefined) fields[field] = this.#local(this.#cast, index, values[index] as number)
    })
    const entity = runtime.spawn(components as never)
    for (const name of id === state.own ? this.#predicted.own : this.#predicted.others) {
      const script = scripts[name]
      if (script !== undefined) runtime.attach(entity, script)
    }
    return entity
  }
}

/** Whether a predicted value is the one that the server sent, as far as its rounding tells. */
function isEqual(predicted: number, sent: number, step: number): boolean {
  return predicted === sent || Object.is(predicted, sent) || Math.abs(predicted - sent) <= step
}
