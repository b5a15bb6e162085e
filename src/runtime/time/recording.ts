import { describeThrown, ScriptError } from '../../errors.ts'
import { findMistake } from '../../options.ts'
import { decode, encode } from '../image/codec.ts'
import { type EnvelopeKind, HEADER_BYTES, openEnvelope, seal } from '../image/envelope.ts'
import type { RecordingContent } from './recording-content.ts'
import { recordingSchema, ticksOf } from './recording-schema.ts'

const KIND: EnvelopeKind = { name: 'recording', magic: 'bitsrec\n', version: 2, bytewise: 1 }

/**
 * The state of a game at one moment, and everything that the host did from then on. `Replay` plays it.
 *
 * @example
 * const recording = Recording.fromBytes(await readFile('game.rec'))
 */
export class Recording {
  /** The number of recorded ticks. */
  readonly ticks: number
  /** The recorded data. */
  readonly content: RecordingContent

  /**
   * Creates a recording from its content. `Recorder.stop` and `fromBytes` do so.
   *
   * @throws {ScriptError} LoadFailed for a content that no game can have recorded
   */
  constructor(content: RecordingContent) {
    const mistake = findMistake(recordingSchema, content)
    if (mistake !== undefined) throw new ScriptError('LoadFailed', `no game can have recorded this: ${mistake}`)
    this.content = content
    this.ticks = ticksOf(content.inputs)
  }

  /** The result of `hashWorld` at the end of the recording. */
  get hash(): string {
    return this.content.hashes.at(-1)?.[1] ?? ''
  }

  /**
   * Encodes the recording as bytes with a version and a checksum, for saving to a file.
   *
   * @throws {ScriptError} InvalidOptions for an input that holds what bytes cannot hold, such as an instance of a class
   * @example
   * await writeFile('game.rec', recording.toBytes())
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    try {
      return seal(encode(this.content, HEADER_BYTES), KIND)
    } catch (cause) {
      throw new ScriptError('InvalidOptions', `the recording holds a value that cannot be encoded: ${describeThrown(cause)}`, { cause })
    }
  }

  /**
   * Decodes a recording that `toBytes` encoded. The bytes may come from anyone: all of them are checked, in time in proportion to their
   * length. But a recording holds code: see `ReplayOptions.load`.
   *
   * @throws {ScriptError} LoadFailed for bytes that are not a recording, for a truncated or damaged one, and for a content that no
   * game can have recorded
   * @example
   * const recording = Recording.fromBytes(await readFile('game.rec'))
   */
  static fromBytes(bytes: Uint8Array): Recording {
    return new Recording(decode(openEnvelope(bytes, KIND)) as RecordingContent)
  }
}
