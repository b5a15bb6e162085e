import { addComponent, getComponent, observe, onGet, onRemove, onSet, set, type World } from 'bitecs'
import { lifeOf } from './world-life.ts'

/** The state that a script's `get_state` returned. */
export interface SavedState {
  /** The parsed JSON. For a script with an instance per entity: `{ entities: { [eid]: state } }`. */
  readonly state: unknown
  /** The `state_version` of the generation that saved the state; left out if its metadata has none. */
  readonly version?: number
  /** The generation that saved the state. */
  readonly generation: number
}

/**
 * The component that marks the entities of scripts. Each loaded script has an entity of its own, and this component holds
 * the state that the script saved last.
 *
 * @example
 * ```ts
 * await runtime.reloadModule(id, source) // saves the state of the old generation
 * const saved: SavedState | undefined = getComponent(world, runtime.script(id).entity, ScriptState)
 * ```
 */
export const ScriptState: object = {}

/** By the life of the world: `resetWorld` removes the observers. */
const stores = new WeakMap<object, Map<number, SavedState | undefined>>()

function storeOf(world: World): Map<number, SavedState | undefined> | undefined {
  return stores.get(lifeOf(world) as object)
}

/** Makes a world store the values of {@link ScriptState}. */
export function keepScriptState(world: World): void {
  if (storeOf(world) !== undefined) return
  const store = new Map<number, SavedState | undefined>()
  stores.set(lifeOf(world) as object, store)
  observe(world, onSet(ScriptState), (entity: number, state: SavedState | undefined) => {
    store.set(entity, state)
  })
  observe(world, onGet(ScriptState), (entity: number) => store.get(entity))
  observe(world, onRemove(ScriptState), (entity: number) => {
    store.delete(entity)
  })
}

export function savedState(world: World, entity: number): SavedState | undefined {
  const state = storeOf(world)?.get(entity)
  return state === undefined ? undefined : (getComponent(world, entity, ScriptState) as SavedState)
}

/** Sets the saved state of a script's entity; `undefined` removes it. */
export function saveState(world: World, entity: number, state: SavedState | undefined): void {
  addComponent(world, entity, ScriptState)
  if (state === undefined) storeOf(world)?.delete(entity)
  else addComponent(world, entity, set(ScriptState, state))
}

/** Returns all saved states of a world by entity. */
export function saveStates(world: World): ReadonlyMap<number, SavedState | undefined> {
  return new Map(storeOf(world))
}

export function restoreStates(world: World, states: ReadonlyMap<number, SavedState | undefined>): void {
  const store = storeOf(world)
  store?.clear()
  for (const [entity, state] of states) store?.set(entity, state)
}
