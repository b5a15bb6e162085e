import { contextOf } from '../../ecs/components/bitecs-internals.ts'
import type { Store } from '../../runtime/script/store.ts'

/** Returns copies of all columns by their names, such as `Health.points`, up to the greatest entity. */
export function columnsOf({ ecs }: Store): ReadonlyMap<string, ArrayLike<number>> {
  const { maxId } = contextOf(ecs.world).entityIndex
  const copies = new Map<string, ArrayLike<number>>()
  for (const { name, columns } of ecs.components.byName.values())
    for (const [field, column] of columns) copies.set(`${name}.${field}`, column.array().slice(0, maxId + 1))
  return copies
}

/** Returns the column of a field, such as `Health.points`; `undefined` if there is no such field. */
export function columnOf({ ecs }: Store, field: string): ArrayLike<number> | undefined {
  const [component = '', name = ''] = field.split('.')
  return ecs.components.byName.get(component)?.columns.get(name)?.array()
}

/** Returns the value of a field of an entity now; `undefined` if there is no such field. */
export function fieldValue(store: Store, field: string, entity: number): number | undefined {
  return columnOf(store, field)?.[entity]
}

/** Returns whether there is a field of that name. */
export function hasField({ ecs }: Store, field: string): boolean {
  const [component = '', name = ''] = field.split('.')
  return ecs.components.byName.get(component)?.columns.has(name) === true
}
