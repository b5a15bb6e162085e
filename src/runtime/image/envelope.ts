import { hashBytes, hashWords } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'

/** A kind of file: the eight characters that it begins with, and the version of its payload. */
export interface EnvelopeKind {
  /** The name in messages. */
  readonly name: string
  /** Eight ASCII characters. */
  readonly magic: string
  readonly version: number
  /** The version whose checksum is made of single bytes. It has the same payload. */
  readonly bytewise: number
}

export const HEADER_BYTES = 24

/** Writes a header with the kind, the version, the length and a checksum before a payload, which begins after {@link HEADER_BYTES}. Returns the bytes. */
export function seal(bytes: Uint8Array<ArrayBuffer>, kind: EnvelopeKind): Uint8Array<ArrayBuffer> {
  const { magic, version } = kind
  const payload = bytes.subarray(HEADER_BYTES)
  bytes.set(new TextEncoder().encode(magic))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setUint32(8, version, true)
  view.setUint32(12, payload.length, true)
  const [low, high] = hashOf(payload, version, kind)
  view.setUint32(16, low, true)
  view.setUint32(20, high, true)
  return bytes
}

/**
 * Returns the payload of an envelope. Throws `LoadFailed` for bytes of another kind or version, and if the envelope is
 * truncated or its checksum differs.
 */
export function openEnvelope(bytes: Uint8Array, kind: EnvelopeKind): Uint8Array {
  const { name, magic, version, bytewise } = kind
  const fail = (what: string): never => {
    throw new ScriptError('LoadFailed', what)
  }
  const isKind = bytes instanceof Uint8Array && bytes.length >= HEADER_BYTES
  if (!isKind || ![...magic].every((character, index) => bytes[index] === character.charCodeAt(0))) fail(`these bytes are not a ${name}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const given = view.getUint32(8, true)
  if (given !== version && given !== bytewise) fail(`the ${name} has version ${given}, and this bitscript reads version ${version}`)
  const payload = bytes.subarray(HEADER_BYTES)
  const [low, high] = hashOf(payload, given, kind)
  if (payload.length !== view.getUint32(12, true)) fail(`the ${name} is truncated`)
  if (low !== view.getUint32(16, true) || high !== view.getUint32(20, true)) fail(`the ${name} is damaged: its checksum differs`)
  return payload
}

function hashOf(payload: Uint8Array, version: number, { bytewise }: EnvelopeKind): readonly [number, number] {
  return version === bytewise ? hashBytes(payload) : hashWords(payload)
}

/** Returns a hash of bytes as text. It does not protect against forgery. */
export function checksum(bytes: Uint8Array): string {
  return hashBytes(bytes).join()
}
