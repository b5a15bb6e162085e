import * as v from 'valibot'
import { checkOptions, isRecord, positive, wholeNumber } from '../../options.ts'
import type { JoinRequest } from '../sync/room-messages.ts'

/** What a room may use. */
export interface RoomQuota {
  /**
   * Fuel that all scripts of the room together may spend in a tick. A script without `limits.fuel` of its own may spend an equal part of what the others
   * leave; past that it ends with `OutOfFuel`.
   * @default as much as each script's limits allow
   */
  readonly fuel?: number
  /** Bytes that a client may get in a second. What finds no room waits, the nearest first. @default no limit */
  readonly bytes?: number
}

const roomOptions = v.looseObject({
  game: v.custom<object>((value) => isRecord(value) && typeof value.version === 'string', 'what defineGame() returned'),
  sync: v.custom<object>((value) => isRecord(value) && typeof value.open === 'function', 'what columns() or inputs() returned'),
  hz: wholeNumber(1, 240),
  patchEvery: wholeNumber(1, 240),
  seatSeconds: v.custom<number>((value) => typeof value === 'number' && value >= 0, 'a number of seconds'),
  quota: v.strictObject({ fuel: v.optional(wholeNumber(1)), bytes: v.optional(positive) }, 'an object with fuel, bytes'),
})

/** Checks what a subclass says of its room. Throws `InvalidOptions`. */
export function checkRoom(options: object): void {
  checkOptions(roomOptions, options, 'ScriptRoom')
}

const MAX_TICKET = 256
const MAX_VERSION = 64

/** Reads what a client joins with, which may be anything. */
export function readJoin(options: unknown): Partial<JoinRequest> {
  if (!isRecord(options)) return {}
  const { version, ticket } = options
  return {
    ...(typeof version === 'string' && { version: version.slice(0, MAX_VERSION) }),
    ...(typeof ticket === 'string' && ticket !== '' && ticket.length <= MAX_TICKET && { ticket }),
  }
}
