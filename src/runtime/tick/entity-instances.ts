import { EXPORT } from '../../abi/exports.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import { reportFault } from '../script/faults.ts'
import { allowance, invoke, makeInstance } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'

/** The instance that runs on an entity. */
export function instanceFor(script: Script, entity: number): GuestInstance | undefined {
  const { running, options } = script
  return options.instances === 'entity' ? running?.entityInstances.get(entity) : running?.instance
}

/** The instances that take part in ticks and events, each with its entity if it has one. */
export function* instances({ running, options, attachment }: Script): Generator<readonly [GuestInstance, number | undefined]> {
  if (running === undefined) return
  if (options.instances === 'shared') {
    yield [running.instance, undefined]
    return
  }
  for (const [entity, instance] of running.entityInstances) if (attachment.runsOn(entity)) yield [instance, entity]
}

/**
 * Makes the instance of an entity, with fuel of its own, however little its script has left. What all that are made in a tick
 * spend together is bounded; others wait for the next. Returns whether it was made.
 */
export function makeEntityInstance(store: Store, script: Script, entity: number): boolean {
  const { running, options } = script
  if (running === undefined || script.instanceFuel <= 0) return false
  const { generation, entityInstances } = running
  const left = allowance(script)
  try {
    const made = transact(store, script, generation.program.written, () => {
      const instance = makeInstance(store, generation, left)
      invoke(store, instance, left, () => instance.init(options.config))
      return instance
    })
    entityInstances.set(entity, made)
    return true
  } catch (error) {
    reportFault(store, script, error, { export: EXPORT.init, entity })
    return false
  } finally {
    script.instanceFuel -= generation.program.instancePrice + options.limits.fuel - left.fuel
  }
}
