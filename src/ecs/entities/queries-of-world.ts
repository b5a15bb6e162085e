import { $internal, type World } from 'bitecs'

/** How many queries were run in a world: every change of an entity is compared with each. */
export function countQueries(world: World): number {
  return (world as unknown as Record<typeof $internal, { readonly queries: ReadonlySet<object> }>)[$internal].queries.size
}
