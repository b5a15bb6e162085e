import { hashBytes } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'

/** What a file holds: eight characters that it begins with, and the version of what follows. */
export interface SealedKind {
  /** In messages. */
  readonly name: string
  readonly magic: string
  readonly version: number
}

const HEADER_BYTES = 24

/** A payload behind a header with its kind, version, length and checksum. */
export function seal(payload: Uint8Array, { magic, version }: SealedKind): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length)
  bytes.set(new TextEncoder().encode(magic))
  bytes.set(payload, HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(8, version, true)
  view.setUint32(12, payload.length, true)
  const [low, high] = hashBytes(payload)
  view.setUint32(16, low, true)
  view.setUint32(20, high, true)
  return bytes
}

/** The payload of what {@link seal} made. Throws `LoadFailed` for bytes of another kind or version, or not whole. */
export function openSealed(bytes: Uint8Array, { name, magic, version }: SealedKind): Uint8Array {
  const fail = (what: string): never => {
    throw new ScriptError('LoadFailed', what)
  }
  const isKind = bytes instanceof Uint8Array && bytes.length >= HEADER_BYTES
  if (!isKind || ![...magic].every((character, index) => bytes[index] === character.charCodeAt(0))) fail(`these bytes are no ${name}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const given = view.getUint32(8, true)
  if (given !== version) fail(`the ${name} is of version ${given}, and this is version ${version}`)
  const payload = bytes.subarray(HEADER_BYTES)
  const [low, high] = hashBytes(payload)
  if (payload.length !== view.getUint32(12, true)) fail(`the ${name} is cut off`)
  if (low !== view.getUint32(16, true) || high !== view.getUint32(20, true)) fail(`the ${name} is damaged: its checksum is another`)
  return payload
}

/** Returns a hash of bytes as text. It is no protection against malice. */
export function checksum(bytes: Uint8Array): string {
  return hashBytes(bytes).join()
}
