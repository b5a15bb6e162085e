import { needHeadroom } from '../../ecs/entities/access.ts'
import { describeThrown, ScriptError } from '../../errors.ts'
import type { Store } from './store.ts'

/** Calls into scripts that may be under way inside each other. */
const MAX_NESTED_CALLS = 64

/** Runs a step in which scripts may run. Once the outermost ends, commands are carried out and reports are delivered. */
export function runStep<Result>(store: Store, step: () => Result): Result {
  if (store.running) return runNested(store, step)
  store.running = true
  try {
    return step()
  } finally {
    flushCommands(store)
    store.running = false
    for (const work of store.waiting.splice(0)) work()
    store.emitter.flush()
  }
}

function runNested<Result>({ ecs }: Store, step: () => Result): Result {
  needHeadroom(ecs)
  if (ecs.nested === MAX_NESTED_CALLS)
    throw new ScriptError('StackOverflow', 'calls into scripts are nested too deeply, by way of the host')
  ecs.nested++
  try {
    return step()
  } finally {
    ecs.nested--
  }
}

/** Does something now, or when the scripts that are running have returned: what they use must stay until then. */
export function afterStep(store: Store, work: () => void): void {
  if (store.running) store.waiting.push(work)
  else work()
}

/** Carries out the commands of scripts. */
export function flushCommands(store: Store): void {
  if (!store.ecs.commands.isEmpty) store.ecs.commands.flush((cause) => reportObserver(store, cause))
}

/** Reports what an observer of the world threw: the host's error, which must not end what the runtime is doing. */
export function reportObserver({ emitter }: Store, cause: unknown): void {
  emitter.queue('error', new ScriptError('HostError', `an observer of the world threw ${describeThrown(cause)}`, { cause }))
}
