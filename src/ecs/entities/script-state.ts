import { addComponent, getComponent, observe, onGet, onRemove, onSet, set, type World } from 'bitecs'

/** What a script's `get_state` returned, kept in the {@link ScriptState} component of the script's own entity. */
export interface SavedState {
  /** The parsed JSON. Of a script with an instance for each entity: `{ entities: { [eid]: state } }`. */
  readonly state: unknown
  /** The `state_version` of the generation that saved it. */
  readonly version?: number
  readonly generation: number
}

/** The component of the entity that each script has. `getComponent(world, entity, ScriptState)` gives a {@link SavedState}. */
export const ScriptState: object = {}

const stores = new WeakMap<World, Map<number, SavedState | undefined>>()

/** Lets a world hold values of {@link ScriptState}. */
export function keepScriptState(world: World): void {
  if (stores.has(world)) return
  const store = new Map<number, SavedState | undefined>()
  stores.set(world, store)
  observe(world, onSet(ScriptState), (entity: number, state: SavedState | undefined) => {
    store.set(entity, state)
  })
  observe(world, onGet(ScriptState), (entity: number) => store.get(entity))
  observe(world, onRemove(ScriptState), (entity: number) => {
    store.delete(entity)
  })
}

export function savedState(world: World, entity: number): SavedState | undefined {
  const state = stores.get(world)?.get(entity)
  return state === undefined ? undefined : (getComponent(world, entity, ScriptState) as SavedState)
}

/** Sets the state of a script's entity; `undefined` says that it has none. */
export function saveState(world: World, entity: number, state: SavedState | undefined): void {
  addComponent(world, entity, ScriptState)
  if (state === undefined) stores.get(world)?.delete(entity)
  else addComponent(world, entity, set(ScriptState, state))
}

/** All states of a world, by entity. */
export function saveStates(world: World): ReadonlyMap<number, SavedState | undefined> {
  return new Map(stores.get(world))
}

export function restoreStates(world: World, states: ReadonlyMap<number, SavedState | undefined>): void {
  const store = stores.get(world)
  store?.clear()
  for (const [entity, state] of states) store?.set(entity, state)
}
