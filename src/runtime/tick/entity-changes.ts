import { entityExists, hasComponent } from 'bitecs'
import type { Column, NamedComponent } from '../../ecs/components/components.ts'
import {
  addNamed,
  clearFields,
  despawn,
  type Ecs,
  entityOutOfRange,
  hasNamed,
  removeNamed,
  setField,
  spawn,
} from '../../ecs/entities/access.ts'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { invalidOption, isRecord } from '../../options.ts'
import type { ComponentChanges, ComponentValues } from '../api/component-types.ts'
import { recordInput } from '../api/input-log.ts'
import { runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'

/** A checked change of one component. */
export interface Change {
  readonly component: NamedComponent
  readonly isRemoval: boolean
  readonly writes: readonly (readonly [Column, number])[]
}

/** Adds an entity with components and returns it. Throws `InvalidOptions`, `EntityOutOfRange`, before anything changes. */
export function spawnEntity(store: Store, components: ComponentValues): number {
  const ecs = asHost(store)
  const changes = checkChanges(ecs, components)
  recordInput(store, () => ({ kind: 'spawn', components }))
  return runStep(store, () => {
    const entity = spawn(ecs)
    applyChanges(ecs, entity, changes)
    return entity
  })
}

/** Writes, adds and removes components of an entity. Throws `InvalidOptions`, `EntityOutOfRange`, before anything changes. */
export function writeEntity(store: Store, entity: number, components: ComponentChanges): void {
  const changes = checkChanges(store.ecs, components)
  checkAlive(store.ecs, entity)
  recordInput(store, () => ({ kind: 'write', entity, components }))
  runStep(store, () => applyChanges(asHost(store), entity, changes))
}

/** Removes an entity, or queues its removal while a script runs. Throws `EntityOutOfRange`. */
export function despawnEntity(store: Store, entity: number): void {
  checkAlive(store.ecs, entity)
  recordInput(store, () => ({ kind: 'despawn', entity }))
  runStep(store, () => despawn(asHost(store), entity))
}

/** Writes, adds and removes components of an entity, as they were checked. */
export function applyChanges(ecs: Ecs, entity: number, changes: readonly Change[]): void {
  for (const { component: named, isRemoval, writes } of changes) {
    const { component, columns } = named
    const write = (): void => {
      for (const [column, value] of writes) setField(ecs, column)(entity, value)
    }
    if (isRemoval) removeNamed(ecs, component)(entity)
    else if (hasNamed(ecs, component)(entity) === 1) write()
    else {
      const clear = clearFields(ecs, columns.values())
      const fill = (): void => {
        clear(entity)
        write()
      }
      addNamed(ecs, component, fill)(entity)
    }
  }
}

/** Returns the ECS for calls by the host: errors are thrown to the host, and no fuel is charged to a running script. */
export function asHost({ ecs }: Store): Ecs {
  return { ...ecs, refuse: rethrow, charge: ignore, fuelLeft: unlimited }
}

function ignore(): void {}

function unlimited(): number {
  return Number.POSITIVE_INFINITY
}

function rethrow(error: ScriptError): never {
  throw error
}

export function checkAlive(ecs: Ecs, entity: number): void {
  if (!Number.isInteger(entity) || !entityExists(ecs.world, entity)) {
    throw new ScriptError('EntityOutOfRange', `the entity ${String(entity)} does not exist`)
  }
  if (entity >= ecs.components.capacity) {
    throw entityOutOfRange(ecs, entity, ecs.components.capacity)
  }
  if (hasComponent(ecs.world, entity, ScriptState)) {
    throw new ScriptError('EntityOutOfRange', `the entity ${entity} belongs to a script and cannot be changed`)
  }
}

/** Checks components with their fields, by name. Throws `InvalidOptions`. */
export function checkChanges({ components }: Ecs, changes: ComponentChanges): Change[] {
  if (!isRecord(changes)) invalidOption('components must be an object, such as { Position: { x: 1 } }')
  return Object.entries(changes).map(([name, values]) => {
    const component = components.byName.get(name)
    if (component === undefined) return invalidOption(`there is no component '${name}'${suggest(name, [...components.byName.keys()])}`)
    if (values === null) return { component, isRemoval: true, writes: [] }
    if (!isRecord(values)) invalidOption(`${name} must be an object of fields, {} for a tag, or null`)
    return { component, isRemoval: false, writes: Object.entries(values).map(([field, value]) => checkWrite(component, field, value)) }
  })
}

function checkWrite({ name, columns }: NamedComponent, field: string, value: unknown): readonly [Column, number] {
  const column = columns.get(field)
  if (column === undefined) return invalidOption(`${name} has no field '${field}'${suggest(field, [...columns.keys()])}`)
  if (typeof value !== 'number') return invalidOption(`${name}.${field} must be a number, not ${typeof value}`)
  return [column, value]
}
