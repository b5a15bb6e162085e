import { addComponent, addEntity, entityExists, hasComponent, removeComponent, removeEntity, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import { checkInternals, countQueries } from '../components/bitecs-internals.ts'
import type { Column, ComponentSet } from '../components/components.ts'
import { Batch } from './batch.ts'
import { recordBirths } from './births.ts'
import { Commands } from './commands.ts'
import { EntityVersions } from './entity-versions.ts'
import { Journal } from './journal.ts'
import { ScriptState } from './script-state.ts'

/** What all scripts of a runtime share of the world. */
export interface Ecs {
  readonly world: World
  readonly components: ComponentSet
  readonly versions: EntityVersions
  readonly journal: Journal
  readonly commands: Commands
  /** How scripts walk lists of entities; `undefined` where the ECS memory has no room for it. */
  readonly batch: Batch | undefined
  /** Refuses a call that a script made: throws the error, which the script cannot swallow. */
  readonly refuse: (error: ScriptError) => never
  /** Charges the script that is running for a change of the world. */
  readonly charge: (units: number) => void
  /** Calls into scripts that were made from within scripts, by way of the host. Only these can come near the end of the stack. */
  nested: number
}

/**
 * `refuse` throws the error it is given; `charge` is passed units of fuel. Throws `InvalidOptions` for a world of a bitECS
 * that differs inside.
 */
export function createEcs(world: World, components: ComponentSet, { refuse, charge }: Pick<Ecs, 'refuse' | 'charge'>): Ecs {
  checkInternals(world)
  recordBirths(world)
  const versions = new EntityVersions(world)
  const journal = new Journal()
  const commands = new Commands(world, versions, journal)
  return { world, components, versions, journal, commands, batch: Batch.in(components.reserve), refuse, charge, nested: 0 }
}

export function disposeEcs(ecs: Ecs): void {
  ecs.versions.dispose()
  ecs.batch?.dispose()
}

/** The error for an entity that is not below a bound. */
export function entityOutOfRange(entity: number, bound: number): ScriptError {
  return new ScriptError('EntityOutOfRange', `the entity ${entity >>> 0} is not below the capacity of ${bound}`)
}

/** Refuses an entity that is not below the capacity. Throws `EntityOutOfRange`. */
function checkEntity(ecs: Ecs, entity: number, bound: number = ecs.components.capacity): void {
  if (entity >>> 0 >= bound) ecs.refuse(entityOutOfRange(entity, bound))
}

/** Charges for a change of the world, which bitECS compares with each of its queries. */
function chargeChange({ world, charge }: Ecs): void {
  charge(PRICES.change + PRICES.changePerQuery * countQueries(world))
}

/** Frames of this depth take more of the stack than any change of bitECS does. */
const HEADROOM = 200

/**
 * Overflows the stack here, if it is nearly full, and not later: half way through a change bitECS would be left with an entity
 * that has a component and is in no query of it, and V8 ends the whole process where it compiles a regular expression.
 */
export function needHeadroom({ nested }: Ecs): void {
  if (nested > 0) descend(HEADROOM)
}

function descend(depth: number): number {
  return depth === 0 ? 0 : 1 + descend(depth - 1)
}

/** Whether a script may see this entity: it is alive, and not the entity of a script. */
function isInGame(ecs: Ecs, entity: number): boolean {
  return entityExists(ecs.world, entity) && !hasComponent(ecs.world, entity, ScriptState)
}

// The functions below are what a script's imports call. They are the reference for every faster way to do the same.

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
    return array[entity] ?? 0
  }
}

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
      if (journal.open) record(array, entity)
      array[entity] = value
    }
  }
  return (entity, value) => {
    const array = column.array()
    checkEntity(ecs, entity, plainBound(array, capacity))
    if (journal.open) record(array, entity)
    array[entity] = value
  }
}

/** Stands for all places of an array in the journal. */
const WHOLE = -1

/** Records what columns hold, for a transaction in which scripts may write them in place. */
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

export function hasNamed(ecs: Ecs, component: object): (entity: number) => number {
  return (entity) => (isInGame(ecs, entity) && hasComponent(ecs.world, entity, component) ? 1 : 0)
}

/** Adds at once. An entity that is dead stays as it is. */
export function addNamed(ecs: Ecs, component: object): (entity: number) => void {
  return (entity) => {
    checkEntity(ecs, entity)
    if (!isInGame(ecs, entity) || hasComponent(ecs.world, entity, component)) return
    needHeadroom(ecs)
    chargeChange(ecs)
    addComponent(ecs.world, entity, component)
    if (!ecs.journal.open) return
    const version = ecs.versions.of(entity)
    ecs.journal.record(() => {
      if (ecs.versions.of(entity) === version) removeComponent(ecs.world, entity, component)
    })
  }
}

/** Removes when the script's run ends. An entity that is dead stays as it is. */
export function removeNamed(ecs: Ecs, component: object): (entity: number) => void {
  return (entity) => {
    checkEntity(ecs, entity)
    if (isInGame(ecs, entity) && ecs.commands.remove(entity, component)) chargeChange(ecs)
  }
}

export function spawn(ecs: Ecs): number {
  needHeadroom(ecs)
  chargeChange(ecs)
  const entity = addEntity(ecs.world)
  if (entity >= ecs.components.capacity) {
    removeEntity(ecs.world, entity)
    throw new ScriptError('EntityOutOfRange', `there is no room for another entity: the capacity is ${ecs.components.capacity}`)
  }
  if (ecs.journal.open) {
    const version = ecs.versions.of(entity)
    ecs.journal.record(() => {
      if (ecs.versions.of(entity) === version) removeEntity(ecs.world, entity)
    })
  }
  return entity
}

export function despawn(ecs: Ecs, entity: number): void {
  checkEntity(ecs, entity)
  if (isInGame(ecs, entity) && ecs.commands.despawn(entity)) chargeChange(ecs)
}

export function exists(ecs: Ecs, entity: number): number {
  return isInGame(ecs, entity) ? 1 : 0
}
