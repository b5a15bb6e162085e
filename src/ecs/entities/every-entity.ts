import { Not, type QueryTerm } from 'bitecs'
import type { Query } from '../components/bitecs-internals.ts'

/** A component that no entity has. */
const Never = {}

/** A query term that every entity matches: its observers see every birth and every death. */
export const EVERY_ENTITY: QueryTerm = Not(Never)

/** Whether a query of bitECS is the one of {@link EVERY_ENTITY}. Its members are the ids in use, and nothing reads their order. */
export function matchesEveryEntity({ notComponents }: Query): boolean {
  return notComponents.includes(Never)
}
