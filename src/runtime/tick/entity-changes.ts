import { entityExists, hasComponent } from 'bitecs'
import type { Column, NamedComponent } from '../../ecs/components/components.ts'
import { addNamed, despawn, type Ecs, removeNamed, setField, spawn } from '../../ecs/entities/access.ts'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { recordInput, type ComponentChanges, type ComponentValues } from '../api/input-log.ts'
import { type Store, runStep } from '../script/store.ts'

/** What becomes of one component, its names and values checked. */
interface Change {
  readonly component: NamedComponent
  readonly isRemoval: boolean
  readonly writes: readonly (readonly [Column, number])[]
}

/** Adds an entity with these components. Gives it. Throws `InvalidOptions`, `EntityOutOfRange`; then nothing was done. */
export function spawnEntity(store: Store, components: ComponentValues): number {
  const { ecs } = store
  const changes = checkChanges(ecs, components)
  recordInput(store, () => ({ kind: 'spawn', components }))
  return step(store, () => {
    const entity = spawn(ecs)
    apply(ecs, entity, changes)
    return entity
  })
}

/** Writes, adds and takes away components of an entity. Throws `InvalidOptions`, `EntityOutOfRange`; then nothing was done. */
export function writeEntity(store: Store, entity: number, components: ComponentChanges): void {
  const changes = checkChanges(store.ecs, components)
  checkAlive(store.ecs, entity)
  recordInput(store, () => ({ kind: 'write', entity, components }))
  step(store, () => apply(store.ecs, entity, changes))
}

/** Removes an entity; while scripts run, when the run of the one that runs ends. Throws `EntityOutOfRange`. */
export function despawnEntity(store: Store, entity: number): void {
  checkAlive(store.ecs, entity)
  recordInput(store, () => ({ kind: 'despawn', entity }))
  step(store, () => despawn(store.ecs, entity))
}

function apply(ecs: Ecs, entity: number, changes: readonly Change[]): void {
  for (const { component: named, isRemoval, writes } of changes) {
    if (isRemoval) removeNamed(ecs, named.component)(entity)
    else addNamed(ecs, named.component)(entity)
    for (const [column, value] of writes) setField(ecs, column)(entity, value)
  }
}

/** The mistake of a host is thrown at the host, and not left for the script that may be running. */
function step<Result>(store: Store, work: () => Result): Result {
  const { ecs } = store
  const { raised } = ecs
  try {
    return runStep(store, work)
  } catch (error) {
    ecs.raised = raised
    throw error
  }
}

function checkAlive(ecs: Ecs, entity: number): void {
  if (!Number.isInteger(entity) || !entityExists(ecs.world, entity)) {
    throw new ScriptError('EntityOutOfRange', `the entity ${String(entity)} does not exist`)
  }
  if (entity >= ecs.components.capacity) {
    throw new ScriptError('EntityOutOfRange', `the entity ${entity} is not below the capacity of ${ecs.components.capacity}`)
  }
  if (hasComponent(ecs.world, entity, ScriptState)) {
    throw new ScriptError('EntityOutOfRange', `the entity ${entity} is that of a script, which the game has no part in`)
  }
}

function checkChanges({ components }: Ecs, changes: ComponentChanges): Change[] {
  if (!isRecord(changes)) invalid('components must be an object, such as { Position: { x: 1 } }')
  return Object.entries(changes).map(([name, values]) => {
    const component = components.byName.get(name)
    if (component === undefined) return invalid(`there is no component '${name}'${suggest(name, [...components.byName.keys()])}`)
    if (values === null) return { component, isRemoval: true, writes: [] }
    if (!isRecord(values)) invalid(`${name} must be an object of fields, {} for a tag, or null`)
    return { component, isRemoval: false, writes: Object.entries(values).map(([field, value]) => checkWrite(component, field, value)) }
  })
}

function checkWrite({ name, columns }: NamedComponent, field: string, value: unknown): readonly [Column, number] {
  const column = columns.get(field)
  if (column === undefined) return invalid(`${name} has no field '${field}'${suggest(field, [...columns.keys()])}`)
  if (typeof value !== 'number') return invalid(`${name}.${field} must be a number, not ${typeof value}`)
  return [column, value]
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(detail: string): never {
  throw new ScriptError('InvalidOptions', detail)
}
