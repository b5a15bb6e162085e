import type { AnyRelation } from '../../ecs/components/bitecs-internals.ts'
import { type Column, plainColumns } from '../../ecs/components/components.ts'
import { type Ecs, setField } from '../../ecs/entities/access.ts'
import { makePair, relateNamed, unrelateNamed } from '../../ecs/entities/relating.ts'
import { suggest } from '../../nearest-name.ts'
import { invalidOption, isRecord } from '../../options.ts'
import { recordInput } from '../api/input-log.ts'
import { runStep } from '../script/step.ts'
import type { Relationship, Store } from '../script/store.ts'
import { asHost, checkAlive } from './entity-changes.ts'

/** Adds a relation and writes its data. Throws `InvalidOptions`, `EntityOutOfRange`, before anything changes. */
export function relateEntities(store: Store, input: Relationship & { readonly data: Readonly<Record<string, number>> }): void {
  const ecs = asHost(store)
  const { entity, target, data } = input
  const relation = checkRelationship(ecs, input)
  const writes = checkData(ecs, relation, input)
  recordInput(store, () => ({ kind: 'relate', entity, relation: input.relation, target, data }))
  runStep(store, () => {
    relateNamed(ecs, relation)(entity, target)
    for (const [column, value] of writes) setField(ecs, column)(entity, value)
  })
}

/** Removes a relation, or queues its removal while a script runs. Throws `InvalidOptions`, `EntityOutOfRange`. */
export function unrelateEntities(store: Store, input: Relationship): void {
  const ecs = asHost(store)
  const relation = checkRelationship(ecs, input)
  recordInput(store, () => ({ kind: 'unrelate', ...input }))
  runStep(store, () => unrelateNamed(ecs, relation)(input.entity, input.target))
}

function checkRelationship(ecs: Ecs, { entity, relation, target }: Relationship): AnyRelation {
  const { byName } = ecs.components.relations
  const found = byName.get(relation)
  if (found === undefined) return invalidOption(`there is no relation '${relation}'${suggest(relation, [...byName.keys()])}`)
  checkAlive(ecs, entity)
  checkAlive(ecs, target)
  return found
}

function checkData(
  { world }: Ecs,
  relation: AnyRelation,
  { relation: name, target, data }: Relationship & { readonly data: unknown },
): readonly (readonly [Column, number])[] {
  if (!isRecord(data)) return invalidOption(`the data of ${name} must be an object of numbers`)
  const columns = plainColumns(name, makePair(world, relation, target))
  return Object.entries(data).map(([field, value]) => {
    const column = columns.get(field)
    if (column === undefined) return invalidOption(`the data of ${name} have no '${field}'${suggest(field, [...columns.keys()])}`)
    if (typeof value !== 'number') return invalidOption(`${name}.${field} must be a number, not ${typeof value}`)
    return [column, value]
  })
}
