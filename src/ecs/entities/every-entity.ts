import { Not, type QueryTerm } from 'bitecs'
import type { Query } from '../components/bitecs-internals.ts'

/** A component that no entity has. */
const Never = {}

/** A query term that every entity matches: its observers see every entity that is added or removed. */
export const EVERY_ENTITY: QueryTerm = Not(Never)

/** Returns whether a query is that of {@link EVERY_ENTITY}. Nothing depends on the order of its members. */
export function matchesEveryEntity({ notComponents }: Query): boolean {
  return notComponents.includes(Never)
}
