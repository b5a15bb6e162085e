import { EXPORT } from '../../abi/exports.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import { reportFault } from '../script/faults.ts'
import { allowance, invoke, makeInstance } from '../script/invoke.ts'
import { releasePages } from '../script/pages.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'

/** Returns the instance that runs on an entity. */
export function instanceFor(script: Script, entity: number): GuestInstance | undefined {
  const { running, options } = script
  return options.instances === 'entity' ? running?.entityInstances.get(entity) : running?.instance
}

/** Yields the instances that take part in ticks and events, each with its entity if it has one. */
export function* instances({ running, options, attachment }: Script): Generator<readonly [GuestInstance, number | undefined]> {
  if (running === undefined) return
  if (options.instances === 'shared') {
    yield [running.instance, undefined]
    return
  }
  for (const [entity, instance] of running.entityInstances) if (attachment.runsOn(entity)) yield [instance, entity]
}

/**
 * Creates the instance of an entity. It has fuel of its own, whatever the script has left; the fuel of all instances created
 * in one tick is limited, and entities past that limit wait for the next tick. Returns whether the instance was created.
 */
export function makeEntityInstance(store: Store, script: Script, entity: number): boolean {
  const { running, options } = script
  if (running === undefined || script.instanceFuel <= 0) return false
  const { generation, entityInstances } = running
  // A restore may have left one that was made for other code.
  dropEntityInstance(script, entity)
  const left = allowance(script)
  let started: GuestInstance | undefined
  try {
    const made = transact(store, script, generation.program.writtenAtStart, () => {
      const instance = makeInstance(store, generation, left)
      started = instance
      invoke(store, instance, left, () => instance.init(script.config))
      return instance
    })
    entityInstances.set(entity, made)
    return true
  } catch (error) {
    releasePages(generation.program, started)
    reportFault(store, script, error, { export: EXPORT.init, entity })
    return false
  } finally {
    script.instanceFuel -= generation.program.instancePrice + options.limits.fuel - left.fuel
  }
}

/** Drops the instance of an entity, if there is one. */
export function dropEntityInstance({ running }: Script, entity: number): void {
  if (running === undefined) return
  releasePages(running.generation.program, running.entityInstances.get(entity))
  running.entityInstances.delete(entity)
}
