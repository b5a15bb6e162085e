import { removeComponent } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import { toScriptError } from '../../engine/trap.ts'
import { type ErrorContext, type ScriptError, withContext } from '../../errors.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Returns the error with the script it happened in. */
export function inScript(script: Script, error: unknown, context: ErrorContext = {}): ScriptError {
  return withContext(toScriptError(error), { ...context, script: script.name, scriptId: script.id })
}

/** Returns the error with the name of a source that was not loaded as a script. */
export function inSource(name: string, error: unknown): ScriptError {
  return withContext(toScriptError(error), { script: name })
}

/** Handles a fault as the script's `onFault` requires, charges its price, and reports it. Returns the reported error. */
export function reportFault(store: Store, script: Script, cause: unknown, context: ErrorContext): ScriptError {
  const fault = inScript(script, cause, context)
  const error = store.probations?.judge(store, script, fault) ?? fault
  store.faults++
  script.fuel -= PRICES.fault
  if (script.fuel < 0) script.isExhausted = true
  const { entity } = context
  if (script.options.onFault === 'detach' && entity !== undefined && !isGone(store.ecs)) {
    if (script.attachment.has(entity)) removeComponent(store.ecs.world, entity, script.attachment.tag)
  } else if (script.status === 'active') {
    script.status = 'faulted'
    script.fault = error
    // The fault may be that of a nested call, which a host function caught: the batch from which it was made stops all the same.
    if (store.ecs.batch !== undefined) store.ecs.batch.isInterrupted = true
  }
  store.emitter.queue('error', error)
  store.renewal?.renewInstance(store, script, entity)
  return error
}
