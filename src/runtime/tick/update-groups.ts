import { EXPORT } from '../../abi/exports.ts'
import type { Batch } from '../../ecs/entities/batch.ts'
import { EntityGroups } from '../../ecs/entities/entity-groups.ts'
import { GroupBatch, type GroupRange } from '../../ecs/entities/group-batch.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import type { GuestInstance, RoleFunction } from '../../guest/guest.ts'
import { reportFault } from '../script/faults.ts'
import { invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { chooseGroups } from './group-choice.ts'

/** If more of the groups leave than one in so many, the script does without for {@link PAUSE} ticks. */
const MAX_LEFT = 16
const PAUSE = 64
/**
 * Where groups leave, a script learns who has a component for so many groups ahead: few after a group has left, and twice as many after each time
 * that none did.
 */
const MIN_AHEAD = 32
const MAX_AHEAD = 1024

/** What runs on groups in a tick. */
interface GroupRun {
  readonly store: Store
  readonly script: Script
  readonly instance: GuestInstance
  readonly driver: RoleFunction
  readonly batch: GroupBatch
  readonly groups: EntityGroups
  readonly dt: number
  /** Whether full groups run like the others. */
  readonly isMasked: boolean
  /** The groups that left. */
  left: number
}

/** See `Updates`. `choose` decides how they run. */
export function updateGroups(store: Store, script: Script, count: number, dt: number, choose: typeof chooseGroups = chooseGroups): number {
  const { attachment, running } = script
  const instance = running?.instance
  const driver = instance?.roles.groups
  if (running === undefined || instance === undefined || driver === undefined) return 0
  if (store.clock.tick < script.vectorsAgainAt) return 0
  // Where groups leave, scripts see in which order entities run.
  const { vector } = running.generation.program
  if (vector === undefined || 'why' in vector) return 0
  const { asked, leaves } = vector
  const keepsOrder = leaves.size > 0
  if (keepsOrder && !attachment.isAscending) return 0
  const groups = attachment.groups(EntityGroups.in)
  if (groups === undefined) return 0
  const choice = choose({ groups, update: vector, fuel: script.entityFuel })
  if (choice === 'one by one') return 0
  const batch = new GroupBatch(store.ecs.batch as Batch)
  const run: GroupRun = { store, script, instance, driver, batch, groups, dt, isMasked: choice === 'masked', left: 0 }
  let error: unknown
  let hasTrapped = false
  try {
    if (asked.length === 0 || !keepsOrder) runGroups(run, asked, { from: 0, to: groups.end })
    else runAhead(run, asked)
  } catch (thrown) {
    error = thrown
    hasTrapped = true
  }
  const done = doneOf(run, count, hasTrapped)
  if (!hasTrapped && run.left * MAX_LEFT > groups.occupied) script.vectorsAgainAt = store.clock.tick + PAUSE
  script.stats.entities += done
  script.stats.calls += done
  if (hasTrapped) reportFault(store, script, error, { export: EXPORT.update, entity: batch.entity })
  return done
}

/** Runs a range of groups, until all are done, or one has left that may have changed who has a component. */
function runGroups(run: GroupRun, asked: readonly number[], range: GroupRange): void {
  const { store, script, instance, driver, batch, groups, dt, isMasked } = run
  store.ecs.holders?.update(store.ecs.world, asked, range.from, range.to)
  batch.start(groups, range, script.attachment.list.array[0] as number, isMasked)
  invoke(store, instance, script, () => {
    instance.meter.enter()
    driver(0, dt)
  })
  run.left += batch.left
}

/** Runs all groups of a script that asks who has a component. The bytes that tell it are written anew after a group has left. */
function runAhead(run: GroupRun, asked: readonly number[]): void {
  const { store, batch, groups } = run
  let ahead = MAX_AHEAD
  let from = 0
  do {
    const { left } = run
    runGroups(run, asked, { from, to: Math.min(groups.end, from + ahead) })
    const hasLeft = run.left > left
    // It stopped before an entity, to be interrupted or for lack of fuel.
    if (!batch.isDone && !hasLeft) return
    from = batch.group
    ahead = hasLeft ? MIN_AHEAD : Math.min(MAX_AHEAD, 2 * ahead)
  } while (from < groups.end && run.left * MAX_LEFT <= groups.occupied && !isGone(store.ecs))
}

/** Returns how many entities of the list are done. */
function doneOf({ script: { attachment }, batch, groups }: GroupRun, count: number, hasTrapped: boolean): number {
  if (!hasTrapped && batch.group >= groups.end) return count
  const next = hasTrapped ? batch.entity + 1 : batch.entity
  return next === 0 ? 0 : placeOf(attachment.list.array, count, next)
}

/** Returns the place of the first entity of an ascending list that is not below another. */
function placeOf(list: Uint32Array, count: number, entity: number): number {
  let low = 0
  for (let high = count; low < high; ) {
    const middle = (low + high) >> 1
    if ((list[middle] as number) < entity) low = middle + 1
    else high = middle
  }
  return low
}
