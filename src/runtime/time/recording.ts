import { ScriptError } from '../../errors.ts'
import type { HostInput, ScriptContent } from '../api/input-log.ts'
import type { LoadOptions } from '../api/load-options.ts'
import { decode, encode } from '../image/codec.ts'
import { type EnvelopeKind, openEnvelope, wrap } from '../image/envelope.ts'

/** A script that was loaded when a recording began. */
export interface RecordedScript {
  /** The name of the script. */
  readonly name: string
  /** Its WAT text, or its binary if it had no text. */
  readonly content: ScriptContent
  /** The options that it was loaded with. */
  readonly options: LoadOptions
  /** A checksum of its module. */
  readonly module: string
}

/** One or more consecutive ticks of the same length, or another action of the host. */
export type RecordedInput = Exclude<HostInput, { kind: 'tick' }> | { readonly kind: 'tick'; readonly dt: number; readonly times: number }

/** The content of a {@link Recording}. */
export interface RecordingContent {
  /** The seed of the runtime. */
  readonly seed: number
  /** The game when the recording began: the bytes of a `Snapshot`. */
  readonly start: Uint8Array
  /** The scripts that were loaded when the recording began. */
  readonly scripts: readonly RecordedScript[]
  /** What the host did, in order. */
  readonly inputs: readonly RecordedInput[]
  /**
   * Results of `hashWorld`, each with the number of ticks before it. Each was taken just before the next tick; the last one
   * at the end of the recording.
   */
  readonly hashes: readonly (readonly [ticks: number, hash: string])[]
  /** The notes that were passed to `Recorder`, such as the path of the game. */
  readonly notes: Readonly<Record<string, string>>
}

const KIND: EnvelopeKind = { name: 'recording', magic: 'bitsrec\n', version: 1 }

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

  /** Creates a recording from its content. `Recorder.stop` and `fromBytes` do so. */
  constructor(content: RecordingContent) {
    this.content = content
    this.ticks = content.inputs.reduce((sum, input) => sum + (input.kind === 'tick' ? input.times : 0), 0)
  }

  /** The result of `hashWorld` at the end of the recording. */
  get hash(): string {
    return this.content.hashes.at(-1)?.[1] ?? ''
  }

  /**
   * Encodes the recording as bytes with a version and a checksum, for saving to a file.
   *
   * @example
   * await writeFile('game.rec', recording.toBytes())
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    return wrap(encode(this.content), KIND)
  }

  /**
   * Decodes a recording that `toBytes` encoded.
   *
   * @throws {ScriptError} LoadFailed for bytes that are not a recording, and for a truncated or damaged one
   * @example
   * const recording = Recording.fromBytes(await readFile('game.rec'))
   */
  static fromBytes(bytes: Uint8Array): Recording {
    const content = decode(openEnvelope(bytes, KIND)) as Partial<RecordingContent> | null
    const isWhole = [content?.scripts, content?.inputs, content?.hashes].every(Array.isArray) && content?.start instanceof Uint8Array
    if (!isWhole) throw new ScriptError('LoadFailed', 'the recording is incomplete')
    return new Recording(content as RecordingContent)
  }
}
