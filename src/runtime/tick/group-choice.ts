import type { EntityGroups } from '../../ecs/entities/entity-groups.ts'
import type { GroupedUpdate } from '../../wasm/rewrite/vectorization.ts'

/** How the entities of a script run: one by one; in groups, all of them as if they were not full; or in groups, full ones by code of their own. */
export type GroupChoice = 'one by one' | 'masked' | 'full and masked'

/** What a choice depends on: the groups, what their code takes, and the fuel that an entity spent in the last tick. */
export interface ChoiceInput {
  readonly groups: Pick<EntityGroups, 'count' | 'occupied' | 'full'>
  readonly update: Pick<GroupedUpdate, 'work' | 'tables' | 'base' | 'maxCost'>
  readonly fuel: number
}

/**
 * Below so many entities in a group on average, they run one by one: there, fuel says too little about the time of an entity, since engines compute
 * some of what it pays for once for all.
 */
const MIN_ENTITIES = 2.5
/** The time of a group beside its code, and what masks add to it. */
const GROUP = 10
const MASKS = 18
/** The time of a branch that the processor predicts wrongly. */
const MISPREDICTED = 90
/** Where entities take different branches, one by one takes longer than its fuel says, by so many times the fuel by which they differ. */
const PARTING = 2
/** A `br_table` is predicted wrongly about every other time, one by one. */
const TABLE = MISPREDICTED / 2

/**
 * Returns how the entities run in the least time. The unit is the time of a unit of fuel one by one, about 0.045 ns. The constants are measured: they fit the ten updates of
 * `test/bench/vectors/updates.ts`, on Node 20 and 24.
 */
export function chooseGroups({
  groups: { count, occupied, full },
  update: { work, tables, base, maxCost },
  fuel,
}: ChoiceInput): GroupChoice {
  if (count < MIN_ENTITIES * occupied) return 'one by one'
  const partial = occupied - full
  const oneByOne = count * (fuel + TABLE * tables + PARTING * Math.max(0, Math.min(fuel - base, maxCost - fuel)))
  const masked = occupied * (GROUP + MASKS + work.masked)
  const both = full * (GROUP + work.full) + partial * (GROUP + MASKS + work.masked) + MISPREDICTED * Math.min(full, partial)
  if (oneByOne < Math.min(masked, both)) return 'one by one'
  return masked < both ? 'masked' : 'full and masked'
}
