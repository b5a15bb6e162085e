import type { Limits } from '../../abi/limits.ts'
import { type Message, messageBytes } from './message.ts'
import type { MessageQueue } from './message-queue.ts'
import type { Store } from './store.ts'

/*
 * What others send must not fault a script. So it gets no message of more than half of its `limits.jsonBytes`, and the messages that wait for
 * it have no more together: the context of an actor holds all of them.
 */

/** Returns whether there is room for a message among those that wait for its receiver. */
export function hasRoom({ scripts, messages }: Store, message: Message): boolean {
  const limits = scripts.find(({ name }) => name === message.to)?.options.limits
  return limits !== undefined && hasRoomIn(messages, message, limits)
}

/** Returns whether a queue has room for a message to a script with these limits. Has none for what is not JSON, or nests too deeply. */
export function hasRoomIn(queue: MessageQueue, message: Message, { messages, jsonBytes }: Limits): boolean {
  const { to } = message
  if (queue.waitingFor(to) >= messages) return false
  try {
    return queue.bytesFor(to) + messageBytes(message) <= jsonBytes / 2
  } catch {
    return false
  }
}
