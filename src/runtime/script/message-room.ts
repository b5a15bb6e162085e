import type { Limits } from '../../abi/limits.ts'
import { writeJson } from '../../json.ts'
import type { Message } from './message-queue.ts'
import type { Store } from './store.ts'

/*
 * What others send must not fault a script. So it gets no message of more than half of its `limits.jsonBytes`, and the messages of scripts
 * that wait for it have no more together: the context of an actor holds all of them.
 */

const sizes = new WeakMap<Message, number>()

/** Returns the bytes of a message as JSON, as deep as it is in the context of an actor. */
function messageBytes(message: Message): number {
  const { kind: _, to: __, ...content } = message
  const size = sizes.get(message) ?? new TextEncoder().encode(writeJson([[content]])).length
  sizes.set(message, size)
  return size
}

/** Returns whether a script with these limits can get a message. */
export function messageFits(message: Message, { jsonBytes }: Pick<Limits, 'jsonBytes'>): boolean {
  try {
    return messageBytes(message) <= jsonBytes / 2
  } catch {
    // It is no JSON, or nests too deeply.
    return false
  }
}

/** Returns whether there is room for a message of a script among those that wait for its receiver. */
export function hasRoom({ scripts, messages }: Store, message: Message): boolean {
  const { to } = message
  const limits = scripts.find(({ name }) => name === to)?.options.limits
  if (limits === undefined || messages.waitingFor(to) >= limits.messages || !messageFits(message, limits)) return false
  const waiting = messages.save().waiting.filter((each) => each.to === to && each.from !== null)
  return [...waiting, message].reduce((sum, each) => sum + messageBytes(each), 0) <= limits.jsonBytes / 2
}
