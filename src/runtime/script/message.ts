import type { Limits } from '../../abi/limits.ts'
import { writeJson } from '../../json.ts'

/** A message to a script, or the reply to one. */
export type Message = {
  /** The name of the script that gets it. */
  readonly to: string
  /** The name of the script that sent it; `null` for the host. */
  readonly from: string | null
  readonly data: unknown
} & (
  | {
      readonly kind: 'message'
      readonly topic: string
      /** The number under which the sender wants a reply; left out if it wants none. */
      readonly id?: number
    }
  | { readonly kind: 'reply'; readonly id: number }
)

const sizes = new WeakMap<Message, number>()

/** Returns the bytes of a message as JSON, as deep as it is in the context of an actor. */
export function messageBytes(message: Message): number {
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
