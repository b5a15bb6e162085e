import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import type { Batch } from '../../ecs/entities/batch.ts'
import type { GuestInstance, RoleFunction } from '../../guest/guest.ts'
import { reportFault } from '../script/faults.ts'
import { invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Bytes of an entity in a list. */
const ENTITY_BYTES = 4
/** Interruptions of a batch in one tick, each of which filters the rest of the list. */
const MAX_INTERRUPTIONS = 8

/** Runs `update` of a script for each entity that the script is attached to. */
export function updateEntities(store: Store, script: Script, dt: number): void {
  const { running, attachment, options } = script
  const roles = running?.instance.roles
  if (roles?.update === undefined) return
  const count = attachment.entities()
  if (count === 0) return
  if (options.instances === 'entity') updateEach(store, script, count, dt)
  else if (roles.driver !== undefined && attachment.list.address !== undefined && attachment.isBelowCapacity) {
    const { fuel } = script
    const done = roles.groups === undefined ? 0 : (store.updates?.updateGroups(store, script, count, dt) ?? 0)
    updateBatch(store, script, done, count, dt)
    script.entityFuel = (fuel - script.fuel) / count
  } else updateAll(store, script, 0, count, dt)
}

/** Runs `update` for the entities of a range of the list, with one call from JavaScript for each. The reference for batches. */
function updateAll(store: Store, script: Script, from: number, to: number, dt: number): void {
  const { attachment, stats } = script
  const list = attachment.list.array
  let index = from
  let calls = 0
  const run = ({ meter }: GuestInstance, update: RoleFunction): void => {
    while (index < to && script.status === 'active') {
      const entity = list[index++] as number
      if (!attachment.stillRunsOn(entity)) continue
      calls++
      meter.enter()
      update(entity, dt)
      // A refused call of an import is a fault even if the script caught the error.
      if (meter.refused !== undefined) return
    }
  }
  while (index < to && script.status === 'active' && !script.isExhausted) {
    calls = 0
    // A fault may have replaced the instance.
    const instance = script.running?.instance
    const update = instance?.roles.update
    if (instance === undefined || update === undefined) return
    try {
      invoke(store, instance, script, () => run(instance, update))
    } catch (error) {
      reportFault(store, script, error, { export: EXPORT.update, entity: list[index - 1] as number })
    }
    stats.entities += calls
    stats.calls += calls
  }
}

/**
 * Runs `update` for the entities of a range of the list in one call: the script itself iterates over the list, which is in the host memory. The call
 * ends at the end of the list, on a trap, and when a call was refused or an entity was detached. The rest of the list is then
 * filtered; after {@link MAX_INTERRUPTIONS}, the remaining entities are updated one by one.
 */
function updateBatch(store: Store, script: Script, from: number, to: number, dt: number): void {
  const { attachment, stats } = script
  const batch = store.ecs.batch as Batch
  const address = attachment.list.address as number
  let end = from > 0 && from < to && batch.isInterrupted ? attachment.keepRunning(from, to) : to
  let at = from
  let interruptions = 0
  let hasReturned = false
  const run = ({ meter }: GuestInstance, driver: RoleFunction): void => {
    meter.enter()
    driver(0, dt)
    hasReturned = true
  }
  while (at < end && script.status === 'active' && !script.isExhausted) {
    batch.at = address + at * ENTITY_BYTES
    batch.end = address + end * ENTITY_BYTES
    batch.isInterrupted = false
    hasReturned = false
    let error: unknown
    // A fault may have replaced the instance.
    const instance = script.running?.instance
    const driver = instance?.roles.driver
    if (instance === undefined || driver === undefined) return
    try {
      invoke(store, instance, script, () => run(instance, driver))
    } catch (thrown) {
      error = thrown
    }
    // A driver that returned has advanced past the current entity; one that trapped has not.
    const next = (batch.at - address) / ENTITY_BYTES + (hasReturned ? 0 : 1)
    stats.entities += next - at
    stats.calls += next - at
    at = next
    if (error !== undefined) {
      reportFault(store, script, error, { export: EXPORT.update, entity: attachment.list.array[at - 1] as number })
    }
    if (!batch.isInterrupted) continue
    if (++interruptions > MAX_INTERRUPTIONS) {
      updateAll(store, script, at, end, dt)
      return
    }
    end = attachment.keepRunning(at, end)
  }
}

function updateEach(store: Store, script: Script, count: number, dt: number): void {
  const { attachment, stats, running } = script
  const list = attachment.list.array
  for (let index = 0; index < count && script.status === 'active' && !script.isExhausted; index++) {
    const entity = list[index] as number
    const instance = running?.entityInstances.get(entity)
    const update = instance?.roles.update
    if (instance === undefined || update === undefined || !attachment.stillRunsOn(entity)) continue
    stats.entities++
    stats.calls++
    script.fuel -= PRICES.entry
    try {
      invoke(store, instance, script, () => {
        instance.meter.enter()
        update(entity, dt)
      })
    } catch (error) {
      reportFault(store, script, error, { export: EXPORT.update, entity })
    }
  }
}
