import { addComponent, addEntity, entityExists, removeComponent, removeEntity, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import { checkInternals, componentTest, contextOf, countQueries } from '../components/bitecs-internals.ts'
import type { Column, NamedComponents } from '../components/components.ts'
import { Batch } from './batch.ts'
import { recordBirths } from './births.ts'
import { Commands } from './commands.ts'
import type { ComponentHolders } from './component-holders.ts'
import { claimIndex } from './entity-index.ts'
import { EntityVersions } from './entity-versions.ts'
import { Journal } from './journal.ts'
import { cascadeOf, isRelated } from './removal.ts'
import { keepScriptState, ScriptState } from './script-state.ts'
import { type LivingWorld, lifeOf } from './world-life.ts'

/** The world and its components as all scripts of a runtime share them. */
export interface Ecs extends LivingWorld {
  readonly components: NamedComponents
  readonly versions: EntityVersions
  readonly journal: Journal
  readonly commands: Commands
  /** Returns whether an entity that exists belongs to a script. */
  readonly isOfScript: (entity: number) => boolean
  /** The state of a script's loop over entities; `undefined` if it does not fit in the ECS memory. */
  readonly batch: Batch | undefined
  /** Made with the first script that asks about a component and may run on several entities at once. */
  holders: ComponentHolders | undefined
  /** Refuses a call of a script: throws the error, and ends the script even if it catches it. */
  readonly refuse: (error: ScriptError) => never
  /** Charges the running script units of fuel. */
  readonly charge: (units: number) => void
  /** Returns the units of fuel that the running script has left. */
  readonly fuelLeft: () => number
  /** How many calls into scripts were made inside other calls into scripts. Only these can come near the end of the stack. */
  nested: number
}

/** Prepares a world for scripts. Throws `InvalidOptions` if its bitECS or its entity index is one that snapshots cannot use. */
export function createEcs(
  world: World,
  components: NamedComponents,
  { refuse, charge, fuelLeft }: Pick<Ecs, 'refuse' | 'charge' | 'fuelLeft'>,
): Ecs {
  checkInternals(world)
  const life = lifeOf(world) as object
  claimIndex({ world, life })
  keepScriptState(world)
  recordBirths(world)
  const versions = new EntityVersions(world)
  const journal = new Journal()
  const commands = new Commands(world, versions, journal)
  const batch = Batch.in(components.reserve)
  const isOfScript = componentTest(world, ScriptState)
  return {
    world,
    life,
    components,
    versions,
    journal,
    commands,
    isOfScript,
    batch,
    holders: undefined,
    refuse,
    charge,
    fuelLeft,
    nested: 0,
  }
}

export function disposeEcs(ecs: Ecs): void {
  ecs.versions.dispose()
  ecs.batch?.dispose()
  ecs.holders?.dispose()
}

/** Returns the error for an entity that is not below the capacity, or not below the length of a plain component's array. */
export function entityOutOfRange({ world, components }: Pick<Ecs, 'world' | 'components'>, entity: number, bound: number): ScriptError {
  const id = entity >>> 0
  const isArray = bound < components.capacity
  const what = isArray ? `length of the component's array, which is ${bound}` : `capacity of ${bound}`
  const advice = !entityExists(world, id) ? '' : isArray ? '; make the array longer' : ROOM
  return new ScriptError('EntityOutOfRange', `the entity ${id} is not below the ${what}${advice}`)
}

/** What the game can do if it needs more entities. */
const ROOM = '; raise the option capacity of defineComponents'

/** Refuses an entity that is not below the capacity. Throws `EntityOutOfRange`. */
export function checkEntity(ecs: Ecs, entity: number, bound: number = ecs.components.capacity): void {
  if (entity >>> 0 >= bound) ecs.refuse(entityOutOfRange(ecs, entity, bound))
}

/** Returns the price of a change of the components of one entity. bitECS compares it with its queries. */
export function priceOfChange({ world }: Ecs): number {
  return PRICES.change + PRICES.changePerQuery * countQueries(world)
}

const FREE_MASKS = 8

/** Returns the price of adding or removing one entity. bitECS clears all of its components when it is removed. */
function priceOfEntity(ecs: Ecs): number {
  const { length: masks } = contextOf(ecs.world).entityMasks
  return priceOfChange(ecs) + (masks < FREE_MASKS ? 0 : PRICES.changePerMask * masks)
}

/** Charges before work that could take more than the fuel is for. Returns `false` if there is not enough: the script is about to end. */
export function pay({ charge, fuelLeft }: Ecs, units: number): boolean {
  charge(Math.min(units, MAX_CHARGE))
  return fuelLeft() >= 0
}

/** More than any budget. */
const MAX_CHARGE = 2 ** 30

/** As many nested calls as this take more stack than any change of bitECS. */
const HEADROOM = 200

/**
 * Overflows the stack here if it is nearly full. An overflow inside a change would leave bitECS with an entity that has a
 * component but is missing from the component's queries, and V8 ends the process if it must compile a regular expression there.
 */
export function needHeadroom({ nested }: Ecs): void {
  if (nested > 0) descend(HEADROOM)
}

function descend(depth: number): number {
  return depth === 0 ? 0 : 1 + descend(depth - 1)
}

/** Returns whether an entity exists and does not belong to a script. */
export function isInGame(ecs: Ecs, entity: number): boolean {
  return entityExists(ecs.world, entity) && !ecs.isOfScript(entity)
}

// A script's imports call the functions below. Code that is inlined into scripts must behave in the same way.

/** Returns the function that reads a field. It refuses an entity beyond the column with `EntityOutOfRange`. */
export function getField(ecs: Ecs, column: Column): (entity: number) => number {
  const { capacity } = ecs.components
  if (column.layout !== undefined) {
    const array = column.array()
    return (entity) => {
      if (entity >>> 0 >= capacity) checkEntity(ecs, entity)
      return array[entity] as number
    }
  }
  return (entity) => {
    const array = column.array()
    checkEntity(ecs, entity, plainBound(array, capacity))
    // A list may hold what is no number, such as a bigint.
    return Number(array[entity] ?? 0)
  }
}

/** Returns the function that writes a field. It refuses an entity beyond the column with `EntityOutOfRange`. */
export function setField(ecs: Ecs, column: Column): (entity: number, value: number) => void {
  const { journal } = ecs
  const { capacity } = ecs.components
  const record = (array: { [entity: number]: number; length: number }, entity: number): void => {
    if (!journal.isFirst(array, entity)) return
    const before = array[entity]
    const { length } = array
    journal.record(() => {
      if (before !== undefined) array[entity] = before
      else if (array.length > length) array.length = length
      else delete array[entity]
    })
  }
  if (column.layout !== undefined) {
    const array = column.array()
    return (entity, value) => {
      if (entity >>> 0 >= capacity) checkEntity(ecs, entity)
      if (journal.isOpen) record(array, entity)
      array[entity] = value
    }
  }
  return (entity, value) => {
    const array = column.array()
    checkEntity(ecs, entity, plainBound(array, capacity))
    if (journal.isOpen) record(array, entity)
    array[entity] = value
  }
}

/** Stands for all places of an array in the journal. */
const WHOLE = -1

/** Records the content of columns in the journal, for a transaction in which scripts write to them in place. */
export function keepColumns(ecs: Ecs, columns: readonly Column[]): void {
  for (const column of columns) {
    const array = column.array() as Float64Array
    if (!ecs.journal.isFirst(array, WHOLE)) continue
    const before = array.slice()
    ecs.journal.record(() => array.set(before))
  }
}

function plainBound(array: { readonly length: number }, capacity: number): number {
  return Array.isArray(array) ? capacity : Math.min(array.length, capacity)
}

/** Returns the function that tests whether an entity has a component. */
export function hasNamed(ecs: Ecs, component: object): (entity: number) => number {
  const has = componentTest(ecs.world, component)
  return (entity) => (isInGame(ecs, entity) && has(entity) ? 1 : 0)
}

/** Returns the function that sets fields of an entity to 0. Its id may have belonged to another entity, whose values they have. */
export function clearFields(ecs: Ecs, columns: Iterable<Column>): (entity: number) => void {
  const fields = [...columns].map((column) => ({ column, set: setField(ecs, column) }))
  return (entity) => {
    for (const { column, set } of fields) {
      const array = column.array()
      // A plain typed array may be shorter than the capacity.
      if (Array.isArray(array) || entity < array.length) set(entity, 0)
    }
  }
}

/**
 * Returns the function that adds a component at once. It does nothing for an entity that does not exist. `fill` writes the fields
 * of the component before observers are notified of it.
 */
export function addNamed(ecs: Ecs, component: object, fill?: (entity: number) => void): (entity: number) => void {
  const has = componentTest(ecs.world, component)
  return (entity) => {
    checkEntity(ecs, entity)
    if (!isInGame(ecs, entity) || has(entity)) return
    needHeadroom(ecs)
    ecs.charge(priceOfChange(ecs))
    fill?.(entity)
    addComponent(ecs.world, entity, component)
    if (!ecs.journal.isOpen) return
    const version = ecs.versions.of(entity)
    ecs.journal.record(() => {
      if (ecs.versions.of(entity) === version) removeComponent(ecs.world, entity, component)
    })
  }
}

/** Returns the function that removes a component when the script's run ends. It does nothing for an entity that does not exist. */
export function removeNamed(ecs: Ecs, component: object): (entity: number) => void {
  return (entity) => {
    checkEntity(ecs, entity)
    if (isInGame(ecs, entity) && ecs.commands.remove(entity, component)) ecs.charge(priceOfChange(ecs))
  }
}

/** Adds an entity at once. Throws `EntityOutOfRange` if the capacity is reached. */
export function spawn(ecs: Ecs): number {
  needHeadroom(ecs)
  ecs.charge(priceOfEntity(ecs))
  const entity = addEntity(ecs.world)
  if (entity >= ecs.components.capacity) {
    removeEntity(ecs.world, entity)
    throw new ScriptError('EntityOutOfRange', `there is no room for another entity: the capacity is ${ecs.components.capacity}${ROOM}`)
  }
  if (ecs.journal.isOpen) {
    const version = ecs.versions.of(entity)
    ecs.journal.record(() => {
      if (ecs.versions.of(entity) === version) removeEntity(ecs.world, entity)
    })
  }
  return entity
}

function priceOfCascade(ecs: Ecs, entity: number): number {
  const { entities, price } = cascadeOf(ecs.world, entity, ecs.fuelLeft())
  return entities.size * priceOfEntity(ecs) + price
}

/** Removes an entity when the script's run ends. Does nothing if it does not exist. */
export function despawn(ecs: Ecs, entity: number): void {
  checkEntity(ecs, entity)
  if (!isInGame(ecs, entity) || ecs.commands.isQueued(entity)) return
  if (pay(ecs, isRelated(ecs.world, entity) ? priceOfCascade(ecs, entity) : priceOfEntity(ecs))) ecs.commands.despawn(entity)
}

/** Returns 1 if an entity exists and does not belong to a script, else 0. */
export function exists(ecs: Ecs, entity: number): number {
  return isInGame(ecs, entity) ? 1 : 0
}
