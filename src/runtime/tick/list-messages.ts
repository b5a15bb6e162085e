import { copyJson } from '../../json.ts'
import type { ScriptId } from '../api/script-info.ts'
import { findScript } from '../script/find-script.ts'
import { storeOf } from '../script/store.ts'

/** A message that waits for a script, or the reply to one of its own. */
export interface WaitingMessage {
  /** The name of the script that sent it; `null` for the game. */
  readonly from: string | null
  /** Its topic; left out in a reply. */
  readonly topic?: string
  /** A copy of its data. */
  readonly data: unknown
  /** The number of the request; left out if the sender wants no reply. */
  readonly id?: number
}

/**
 * Returns the messages and replies that wait for a script, in the order in which they were sent. A script gets them in the next tick; an actor
 * without `handle_message` when its `process` is called.
 *
 * @throws {ScriptError} ScriptNotFound; InvalidOptions if the first argument is not a runtime
 * @example
 * for (const { from, topic, data } of listMessages(runtime, doors)) console.log(from, topic, data)
 */
export function listMessages(runtime: object, id: ScriptId): readonly WaitingMessage[] {
  const store = storeOf(runtime)
  const { name } = findScript(store, id)
  const waiting = store.messages.save().waiting.filter(({ to }) => to === name)
  return waiting.map(({ to: _, kind: __, data, ...rest }) => ({ ...rest, data: copyJson(data) }))
}
