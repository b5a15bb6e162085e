import * as v from 'valibot'
import { ScriptError } from '../../index.ts'
import { parseJson, writeJson } from '../../json.ts'
import { anything, findMistake, string, wholeNumber } from '../../options.ts'

/** What a room gives to `RoomClaim.save`, as bytes. */
export interface RoomSave {
  /** The bytes of a `Snapshot`. */
  readonly snapshot: Uint8Array
  /** The code of scripts that are not as the game defines them, by name: reload these before the snapshot is restored. */
  readonly codes: ReadonlyMap<string, Uint8Array>
  /** What the room knows beside its game, such as seats: JSON. Check it. */
  readonly notes: unknown
}

const FORMAT = 1
const HEADER_BYTES = 4
const length = wholeNumber(0)
const header = v.strictObject({
  format: v.literal(FORMAT),
  snapshot: length,
  codes: v.array(v.strictObject({ name: string('a text'), length })),
  notes: anything,
})

/** Encodes what a room saves: a header in JSON, the snapshot, the codes. */
export function encodeRoomSave({ snapshot, codes, notes }: RoomSave): Uint8Array {
  const described = [...codes].map(([name, { length }]) => ({ name, length }))
  const text = new TextEncoder().encode(writeJson({ format: FORMAT, snapshot: snapshot.length, codes: described, notes }))
  const parts = [text, snapshot, ...codes.values()]
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, HEADER_BYTES))
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  let at = HEADER_BYTES
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Decodes the result of {@link encodeRoomSave}. Anyone may have written it. Throws `StateRejected` for anything else. */
export function decodeRoomSave(given: Uint8Array): RoomSave {
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length)
  const fail = (what: string, cause?: unknown): never => {
    throw new ScriptError('StateRejected', `what was saved of the room is damaged: ${what}`, { cause })
  }
  if (bytes.length < HEADER_BYTES) return fail('it has no header')
  let at = HEADER_BYTES
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.length) return fail('it is cut')
    at += size
    return bytes.slice(at - size, at)
  }
  const text = take(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true))
  let read: unknown
  try {
    read = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (cause) {
    return fail('its header is no JSON', cause)
  }
  const mistake = findMistake(header, read)
  if (mistake !== undefined) return fail(mistake)
  const { snapshot: size, codes: described, notes } = read as v.InferOutput<typeof header>
  const snapshot = take(size)
  const codes = new Map(described.map(({ name, length }) => [name, take(length)]))
  if (at !== bytes.length || codes.size !== described.length) return fail('it has more than its header names')
  return { snapshot, codes, notes }
}
