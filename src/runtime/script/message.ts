import { encodeText } from '../../bytes.ts'
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
  const known = sizes.get(message)
  if (known !== undefined) return known
  const { kind: _, to: __, ...content } = message
  const size = encodeText(writeJson([[content]])).length
  sizes.set(message, size)
  return size
}
