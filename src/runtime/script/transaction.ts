import type { Column } from '../../ecs/components/components.ts'
import { keepColumns } from '../../ecs/entities/access.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/**
 * Runs a step of a script as a transaction. If it throws, its changes to the world, its events, its commands, its random numbers and
 * what it did by services are rolled back. `written` are the columns that inlined stores may write.
 */
export function transact<Result>(store: Store, script: Script, written: readonly Column[], step: () => Result): Result {
  const random = script.random.save()
  const events = store.events.length
  const messages = store.messages.length
  const reports = store.emitter.queued
  const waiting = store.scripts.map(({ hooks }) => [hooks, hooks?.length ?? 0] as const)
  const undo = store.scripts.map(({ services }) => services?.mark())
  const { spawned, isInTransaction } = script
  script.isInTransaction = true
  try {
    return store.ecs.journal.transaction(() => {
      keepColumns(store.ecs, written)
      return step()
    })
  } catch (error) {
    script.random.restore(random)
    store.events.truncate(events)
    store.messages.truncate(messages)
    for (const each of undo) each?.()
    for (const [hooks, length] of waiting) hooks?.truncate(length)
    store.emitter.retractEvents(reports)
    script.spawned = spawned
    throw error
  } finally {
    script.isInTransaction = isInTransaction
  }
}

/** Returns the result of a step and rolls back all its effects, as {@link transact} does. Nothing is logged. */
export function dryRun<Result>(store: Store, script: Script, written: readonly Column[], step: () => Result): Result {
  let result: { readonly value: Result } | undefined
  try {
    transact(store, script, written, () => {
      result = { value: script.log.mute(step) }
      throw DONE
    })
  } catch (error) {
    if (error !== DONE) throw error
  }
  return (result as { readonly value: Result }).value
}

/** Ends a dry run. */
const DONE: unique symbol = Symbol('done')
