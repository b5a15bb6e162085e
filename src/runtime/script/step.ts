import { needHeadroom } from '../../ecs/entities/access.ts'
import { checkLife, isGone } from '../../ecs/entities/world-life.ts'
import { describeThrown, ScriptError } from '../../errors.ts'
import type { Store } from './store.ts'

/** Calls into scripts that may be nested, by way of host functions. */
const MAX_NESTED_CALLS = 64

/**
 * Runs a step in which scripts may run. When the outermost step ends, commands are executed and reports are delivered. Throws
 * `HostError` if the world was reset or deleted.
 */
export function runStep<Result>(store: Store, step: () => Result): Result
/** Runs a step with an argument. What runs often needs no closure in this way. */
export function runStep<Argument, Result>(store: Store, step: (store: Store, argument: Argument) => Result, argument: Argument): Result
export function runStep<Result>(store: Store, step: (store: Store, argument: unknown) => Result, argument?: unknown): Result {
  checkLife(store.ecs)
  if (store.running) return runNested(store, step, argument)
  store.running = true
  try {
    return step(store, argument)
  } finally {
    flushCommands(store)
    store.running = false
    if (store.waiting.length > 0) for (const work of store.waiting.splice(0)) work()
    store.emitter.flush()
  }
}

function runNested<Result>(store: Store, step: (store: Store, argument: unknown) => Result, argument: unknown): Result {
  const { ecs } = store
  needHeadroom(ecs)
  if (ecs.nested === MAX_NESTED_CALLS)
    throw new ScriptError('StackOverflow', 'calls into scripts are nested too deeply, by way of the host')
  ecs.nested++
  try {
    return step(store, argument)
  } finally {
    ecs.nested--
  }
}

/** Runs `work` now or, if scripts are running, when they have returned: they may still use what it disposes of. */
export function afterStep(store: Store, work: () => void): void {
  if (store.running) store.waiting.push(work)
  else work()
}

/** Executes the commands that scripts queued. An error thrown by an observer of the world is reported as `HostError`. */
export function flushCommands(store: Store): void {
  const { commands } = store.ecs
  if (isGone(store.ecs)) commands.clear()
  else if (!commands.isEmpty) commands.flush((cause) => reportObserver(store, cause))
}

/** Reports what an observer of the world threw: the host's error, which must not end what the runtime is doing. */
export function reportObserver({ emitter }: Store, cause: unknown): void {
  emitter.queue('error', new ScriptError('HostError', `an observer of the world threw ${describeThrown(cause)}`, { cause }))
}
