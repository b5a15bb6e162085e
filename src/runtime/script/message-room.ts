import { type Message, messageBytes, messageFits } from './message.ts'
import type { Store } from './store.ts'

/*
 * What others send must not fault a script. So it gets no message of more than half of its `limits.jsonBytes`, and the messages that wait for
 * it have no more together: the context of an actor holds all of them.
 */

/** Returns whether there is room for a message among those that wait for its receiver. */
export function hasRoom({ scripts, messages }: Store, message: Message): boolean {
  const { to } = message
  const limits = scripts.find(({ name }) => name === to)?.options.limits
  if (limits === undefined || messages.waitingFor(to) >= limits.messages || !messageFits(message, limits)) return false
  return messages.bytesFor(to) + messageBytes(message) <= limits.jsonBytes / 2
}
