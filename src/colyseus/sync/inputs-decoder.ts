import type { GameInput } from '../../index.ts'
import { FrameReader, refuseFrame } from './frame-bytes.ts'
import { decodeRecord, tickAfter } from './input-records.ts'
import { FRESH, FULL, HAS_HASH, HAS_MISSED, HAS_NAMES, HAS_OWN } from './inputs-flags.ts'
import type { InputsFrame } from './sync.ts'

const MAX_INPUTS = 65_536
const MAX_NAMES = 4096
const MAX_NAME_BYTES = 256
const fromUtf8 = new TextDecoder('utf-8', { fatal: true })

/** What a decoder knows between two frames. */
interface Progress {
  readonly tick: number
  /** The tick beside the next input. */
  readonly at: number
  readonly own: number
  readonly missed: number
  readonly names: readonly string[]
  /** The inputs of the last patch, as bytes. */
  readonly before: readonly Uint8Array[]
}

/** Reads the frames of `inputs()`. A frame that cannot be read changes nothing. */
export class InputsDecoder {
  #progress: Progress | undefined

  /**
   * Reads a frame.
   *
   * @throws {ScriptError} StateRejected for bytes that are no frame of this room, or do not follow the frames before; nothing is changed then
   */
  read(bytes: Uint8Array): InputsFrame {
    const reader = new FrameReader(bytes)
    const flags = reader.byte()
    if (flags === FULL) return this.#readFull(reader)
    if ((flags & FULL) !== 0 || flags > 63) refuseFrame('it is of no known kind')
    return this.#readPatch(reader, flags)
  }

  #readFull(reader: FrameReader): InputsFrame {
    const tick = reader.unsigned()
    const own = reader.unsigned()
    const waiting = reader.unsigned()
    const missed = reader.unsigned()
    const codes = readCodes(reader)
    const snapshot = new Uint8Array(reader.view(reader.left))
    this.#progress = { tick, at: 0, own, missed, names: [], before: [] }
    return { kind: 'full', tick, own, waiting, missed, codes, snapshot }
  }

  #readPatch(reader: FrameReader, flags: number): InputsFrame {
    const progress = this.#progress
    if (progress === undefined) return refuseFrame('it comes before a full state')
    const isFresh = (flags & FRESH) !== 0
    let { tick, at, names } = progress
    if (isFresh) {
      tick = reader.unsigned()
      at = reader.unsigned()
      names = readNames(reader, [])
    }
    if ((flags & HAS_NAMES) !== 0) names = readNames(reader, names)
    const own = (flags & HAS_OWN) === 0 ? progress.own : reader.unsigned()
    const waiting = reader.unsigned()
    const missed = (flags & HAS_MISSED) === 0 ? progress.missed : reader.unsigned()
    const hash = (flags & HAS_HASH) === 0 ? undefined : readHash(reader)
    const records = readRecords(reader, isFresh ? [] : progress.before)
    reader.end()
    const inputs = records.map((record): GameInput => {
      const input = decodeRecord(record, at, names)
      at = tickAfter(input)
      if (input.kind === 'tick') tick++
      return input
    })
    this.#progress = { tick, at, own, missed, names, before: records }
    return { kind: 'patch', tick, own, waiting, missed, inputs, hash }
  }
}

function readNames(reader: FrameReader, before: readonly string[]): readonly string[] {
  const count = reader.count()
  if (before.length + count > MAX_NAMES) refuseFrame('events have too many names')
  const names = [...before]
  for (let left = count; left > 0; left--) names.push(readName(reader))
  return names
}

function readName(reader: FrameReader): string {
  const length = reader.unsigned()
  if (length > MAX_NAME_BYTES) refuseFrame('a name is too long')
  const bytes = reader.view(length)
  try {
    return fromUtf8.decode(bytes)
  } catch {
    return refuseFrame('a name is no text')
  }
}

function readCodes(reader: FrameReader): ReadonlyMap<string, Uint8Array> {
  const codes = new Map<string, Uint8Array>()
  for (let left = reader.count(); left > 0; left--) codes.set(readName(reader), new Uint8Array(reader.view(reader.unsigned())))
  return codes
}

function readHash(reader: FrameReader): string {
  return Array.from(reader.view(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function readRecords(reader: FrameReader, before: readonly Uint8Array[]): Uint8Array[] {
  const count = reader.unsigned()
  if (count > MAX_INPUTS) refuseFrame('it has too many inputs')
  const bits = reader.view(Math.ceil(count / 8))
  if (count % 8 !== 0 && (bits.at(-1) as number) >>> (count % 8) !== 0) refuseFrame('it has an input too many')
  const records: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const isSame = (((bits[index >>> 3] as number) >>> (index & 7)) & 1) === 1
    const record = isSame ? before[index] : new Uint8Array(reader.view(reader.unsigned()))
    records.push(record ?? refuseFrame('an input is the same as none'))
  }
  return records
}
