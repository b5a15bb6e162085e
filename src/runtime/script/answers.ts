import type { LateAnswer } from '../../guest/guest.ts'
import { recordInput } from '../api/input-log.ts'
import { inScript, reportFault } from './faults.ts'
import type { Script } from './script.ts'
import type { Answers, Store } from './store.ts'

/**
 * Takes the answers that have come from workers, for the tick that is about to begin, and records them. Their order depends on the calls
 * alone: the tick of the call, the order of the scripts, the number of the call.
 */
function receiveAnswers(store: Store): void {
  const came: { readonly name: string; readonly place: number; readonly tick: number; readonly answer: LateAnswer }[] = []
  for (let place = 0; place < store.scripts.length; place++) {
    const { name, running } = store.scripts[place] as Script
    const late = running?.instance.late
    if (late !== undefined) for (const { tick, ...answer } of late.take()) came.push({ name, place, tick, answer })
  }
  if (came.length === 0) return
  came.sort((one, other) => one.tick - other.tick || one.place - other.place || one.answer.call - other.answer.call)
  for (const { name, answer } of came) receiveAnswer(store, name, answer)
}

/** Takes one answer for the next tick, and records it. */
export function receiveAnswer(store: Store, script: string, answer: LateAnswer): void {
  recordInput(store, () => ({ kind: 'answer', script, ...answer }))
  // A replay may play an answer to a script that is gone.
  store.workerAnswers = ANSWERS
  store.answers.push({ script, answer })
}

/** Applies the answers that were taken. An error that is a fault stops its script. */
function applyAnswers(store: Store): void {
  for (const { script: name, answer } of store.answers.splice(0)) {
    const script = store.scripts.find((each) => each.name === name)
    script?.running?.instance.late?.apply(answer, (error, isFault) =>
      isFault ? reportFault(store, script, error, {}) : inScript(script, error),
    )
  }
}

export const ANSWERS: Answers = { receive: receiveAnswers, apply: applyAnswers }
