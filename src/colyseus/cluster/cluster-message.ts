import * as v from 'valibot'
import { ERROR_SENTENCES, type ErrorCode } from '../../index.ts'
import { parseJson } from '../../json.ts'
import { string, wholeNumber } from '../../options.ts'
import type { PublishedState } from './publish-report.ts'

/** Of which publication a message is, and which process sent it. */
interface Sent {
  readonly id: string
  readonly process: string
}

/** A room in a message, and the tick after which it reloads. */
export interface NamedRoom {
  readonly roomId: string
  readonly tick: number
}

/**
 * What processes of a cluster say to each other about a publication. `begin`: each room reloads a script so many ticks from now. `joined`: these rooms of a
 * process will; `over` is the hash of the script in their game. `result`: what became of it in some rooms. `veto`: it must be taken back everywhere. `accept`: all rooms passed, so it stays.
 */
export type ClusterMessage =
  | (Sent & { readonly kind: 'begin'; readonly script: string; readonly sha256: string; readonly inTicks: number })
  | (Sent & { readonly kind: 'joined'; readonly rooms: readonly (NamedRoom & { readonly over: string })[] })
  | (Sent & { readonly kind: 'result'; readonly rooms: readonly (NamedRoom & { readonly state: PublishedState })[] })
  | (Sent & { readonly kind: 'veto'; readonly roomId?: string | undefined; readonly code: ErrorCode; readonly message: string })
  | (Sent & { readonly kind: 'accept' })

const text = string('a text')
const count = wholeNumber(0)
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const code = v.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(ERROR_SENTENCES, value), 'the code of an error')
const state = v.picklist(['passed', 'reverted', 'trapped', 'refused', 'gone'])
const sent = { id: text, process: text }
const room = { roomId: text, tick: count }

const clusterMessage: v.GenericSchema<unknown, ClusterMessage> = v.variant('kind', [
  v.strictObject({ kind: v.literal('begin'), ...sent, script: text, sha256, inTicks: count }),
  v.strictObject({ kind: v.literal('joined'), ...sent, rooms: v.array(v.strictObject({ ...room, over: sha256 })) }),
  v.strictObject({ kind: v.literal('result'), ...sent, rooms: v.array(v.strictObject({ ...room, state })) }),
  v.strictObject({ kind: v.literal('veto'), ...sent, roomId: v.optional(text), code, message: text }),
  v.strictObject({ kind: v.literal('accept'), ...sent }),
])

/** Reads a message that anyone may have sent. Returns `undefined` if it is not valid. */
export function readMessage(json: string): ClusterMessage | undefined {
  try {
    const { success, output } = v.safeParse(clusterMessage, parseJson(json))
    return success ? output : undefined
  } catch {
    return undefined
  }
}
