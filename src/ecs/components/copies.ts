import { createRelation, IsA } from 'bitecs'
import type { FieldType } from '../../abi/types.ts'
import { isTypedArray } from '../../bytes.ts'
import { type AnyRelation, isRelation, relationDataOf } from './bitecs-internals.ts'
import { type ComponentLayout, defineComponents, layoutOf } from './columns.ts'

/**
 * Returns components of the same fields for another world, without values: those of `defineComponents` in memories of their own. `more` bytes are
 * reserved behind the columns of each. Fields that are no arrays stay the same values.
 */
export function copyComponents(components: Readonly<Record<string, object>>, more: number): Readonly<Record<string, object>> {
  const copies: Record<string, object> = {}
  const defined = new Map<WebAssembly.Memory, [string, ComponentLayout][]>()
  for (const [name, component] of Object.entries(components)) {
    const layout = layoutOf(component)
    if (layout === undefined) {
      copies[name] = copyPlain(component)
      continue
    }
    const same = defined.get(layout.memory) ?? []
    defined.set(layout.memory, same)
    same.push([name, layout])
    // Keeps the order of the components.
    copies[name] = component
  }
  for (const same of defined.values()) {
    const [, { capacity, reserve }] = same[0] as [string, ComponentLayout]
    const schemas = same.map(([, { fields }], index) => {
      const schema = Object.fromEntries([...fields].map(([field, { type }]) => [field, type])) as Record<string, FieldType>
      return [`c${index}`, schema] as const
    })
    const made = defineComponents(Object.fromEntries(schemas), { capacity, reserve: reserve.bytes + more })
    for (const [index, [name]] of same.entries()) copies[name] = made[`c${index}`] as object
  }
  return copies
}

function copyPlain(component: object): object {
  if (Array.isArray(component)) return []
  const copied = Object.entries(component).map(([field, value]) => {
    if (Array.isArray(value)) return [field, []]
    return [field, isTypedArray(value) ? new (value.constructor as new (length: number) => object)(value.length) : value]
  })
  return Object.fromEntries(copied) as object
}

/** Returns relations that behave as the given ones, with data of their own. */
export function copyRelations(relations: Readonly<Record<string, unknown>>): Readonly<Record<string, AnyRelation>> {
  return Object.fromEntries(
    Object.entries(relations).flatMap(([name, relation]) => (isRelation(relation) ? [[name, copyRelation(relation)]] : [])),
  )
}

function copyRelation(relation: AnyRelation): AnyRelation {
  if (relation === IsA) return relation
  const { initStore, exclusiveRelation, autoRemoveSubject } = relationDataOf(relation)
  return createRelation({
    exclusive: exclusiveRelation,
    autoRemoveSubject,
    ...(initStore !== undefined && { store: initStore as () => Record<string, unknown> }),
  }) as AnyRelation
}
