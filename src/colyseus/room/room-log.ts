import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { decodeInputs, encodeInputs, type GameInput } from '../../index.ts'
import { parseJson, writeJson } from '../../json.ts'
import { nonEmptyString, wholeNumber } from '../../options.ts'
import { decodeRoomSave, encodeRoomSave } from '../keep/room-save.ts'
import { FrameReader, FrameWriter } from '../sync/frame-bytes.ts'
import type { KeptSeat } from './seats.ts'

// What a keeper keeps of a room: who sits where, as JSON, and the game as bytes.

const MAX_SEATS = 10_000
const seats = v.pipe(
  v.array(v.strictObject({ index: wholeNumber(0, MAX_SEATS), ticket: nonEmptyString, entity: wholeNumber(0, 2 ** 32 - 1) })),
  v.maxLength(MAX_SEATS),
)
const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true })

/** What was kept of a tick. */
export interface LoggedTick {
  /** The seats, if they changed. */
  readonly seats: readonly KeptSeat[] | undefined
  readonly inputs: readonly GameInput[]
}

/** What was kept of a room. */
export interface SavedRoom {
  readonly seats: readonly KeptSeat[]
  /** The code of scripts that are not as the game defines them, by name: they are reloaded before the snapshot is restored. */
  readonly codes: ReadonlyMap<string, Uint8Array>
  readonly snapshot: Uint8Array
}

/** Returns a tick as bytes: its inputs, and the seats if they changed. */
export function encodeTick({ seats, inputs }: LoggedTick): Uint8Array {
  return pack(seats === undefined ? '' : writeJson(seats), encodeInputs(inputs))
}

/** Returns what {@link encodeTick} encoded. Throws `StateRejected` or `LoadFailed` for other bytes. */
export function decodeTick(bytes: Uint8Array): LoggedTick {
  const { text, rest } = unpack(bytes)
  return { seats: text === '' ? undefined : readSeats(text), inputs: decodeInputs(rest) }
}

/** Returns a room as bytes. */
export function encodeRoom({ seats, codes, snapshot }: SavedRoom): Uint8Array {
  return encodeRoomSave({ snapshot, codes, notes: seats })
}

/** Returns what {@link encodeRoom} encoded. Throws `StateRejected` for other bytes; the snapshot is not looked at. */
export function decodeRoom(bytes: Uint8Array): SavedRoom {
  const { snapshot, codes, notes } = decodeRoomSave(bytes)
  return { seats: checkSeats(notes), codes, snapshot }
}

function pack(text: string, rest: Uint8Array): Uint8Array {
  const encoded = utf8.encode(text)
  const out = new FrameWriter(encoded.length + rest.length + 5)
  out.unsigned(encoded.length)
  out.copy(encoded)
  out.copy(rest)
  return out.finish()
}

function unpack(bytes: Uint8Array): { readonly text: string; readonly rest: Uint8Array } {
  const reader = new FrameReader(bytes)
  const length = reader.unsigned()
  try {
    const text = fromUtf8.decode(reader.view(length))
    return { text, rest: reader.view(reader.left) }
  } catch (cause) {
    throw damaged(cause)
  }
}

function readSeats(text: string): readonly KeptSeat[] {
  try {
    return checkSeats(parseJson(text))
  } catch (cause) {
    throw damaged(cause)
  }
}

function checkSeats(parsed: unknown): readonly KeptSeat[] {
  const { success, output } = v.safeParse(seats, parsed)
  const indices = new Set(success ? output.map(({ index }) => index) : [])
  if (!success || indices.size !== output.length) throw damaged()
  return output
}

function damaged(cause?: unknown): ScriptError {
  return new ScriptError('StateRejected', 'what was kept of the room is damaged', { cause })
}
