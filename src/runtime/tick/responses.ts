import { EXPORT } from '../../abi/exports.ts'
import type { HttpAnswer } from '../../host/services/http-requests.ts'
import { recordInput } from '../api/input-log.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { enter } from './enter.ts'
import { instances } from './entity-instances.ts'

/** Takes the answers by HTTP that have come, for the tick that is about to begin, and records them. */
export function receiveResponses(store: Store): void {
  for (const { name, services } of store.scripts) for (const answer of services?.http.come() ?? []) receiveResponse(store, name, answer)
}

/** Takes one answer for the next tick, and records it. */
export function receiveResponse(store: Store, script: string, answer: HttpAnswer): void {
  recordInput(store, () => ({ kind: 'response', script, ...answer }))
  store.scripts.find(({ name }) => name === script)?.services?.http.receive(answer)
}

/** Calls `on_response` for the answers that were taken, as far as the fuel of the script goes. */
export function deliverResponses(store: Store, script: Script): void {
  for (;;) {
    if (script.status !== 'active' || script.isExhausted || script.fuel < 0) return
    const answer = script.services?.http.take()
    if (answer === undefined) return
    for (const [instance, entity] of instances(script)) {
      const { onResponse } = instance.roles
      if (onResponse !== undefined && script.status === 'active')
        enter(store, script, instance, EXPORT.onResponse, entity, () => onResponse(answer))
    }
  }
}
