import { ScriptError } from '../../errors.ts'
import type { HostInput, ScriptContent } from '../api/input-log.ts'
import type { LoadOptions } from '../api/load-options.ts'
import { pack, unpack } from '../image/codec.ts'
import { openSealed, type SealedKind, seal } from '../image/envelope.ts'

/** A script as it was when a recording began. */
export interface RecordedScript {
  readonly name: string
  readonly content: ScriptContent
  readonly options: LoadOptions
  /** Tells its module from others. */
  readonly module: string
}

/** What the host did, in its order. Ticks of one length behind each other are one entry. */
export type RecordedInput = Exclude<HostInput, { kind: 'tick' }> | { readonly kind: 'tick'; readonly dt: number; readonly times: number }

export interface RecordingContent {
  readonly seed: number
  /** The game when the recording began: bytes of a `Snapshot`. */
  readonly start: Uint8Array
  readonly scripts: readonly RecordedScript[]
  readonly inputs: readonly RecordedInput[]
  /** `hashWorld` after so many ticks and what was done before the next; the last is of the end. */
  readonly hashes: readonly (readonly [ticks: number, hash: string])[]
  /** What the maker of the recording noted, such as where the game is. */
  readonly notes: Readonly<Record<string, string>>
}

const KIND: SealedKind = { name: 'recording', magic: 'bitsrec\n', version: 1 }

/** A game from one moment on: how it stood, and everything that the host did since. A `Replay` plays it again. */
export class Recording {
  /** Ticks that were recorded. */
  readonly ticks: number
  readonly content: RecordingContent

  constructor(content: RecordingContent) {
    this.content = content
    this.ticks = content.inputs.reduce((sum, input) => sum + (input.kind === 'tick' ? input.times : 0), 0)
  }

  /** `hashWorld` of the game at the end. */
  get hash(): string {
    return this.content.hashes.at(-1)?.[1] ?? ''
  }

  /** The recording as bytes, with a version and a checksum: for saving to a file. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return seal(pack(this.content), KIND)
  }

  /** A recording that `toBytes` wrote. Throws `LoadFailed` for bytes that are no recording, or a cut or damaged one. */
  static fromBytes(bytes: Uint8Array): Recording {
    const content = unpack(openSealed(bytes, KIND)) as Partial<RecordingContent> | null
    const isWhole = [content?.scripts, content?.inputs, content?.hashes].every(Array.isArray) && content?.start instanceof Uint8Array
    if (!isWhole) throw new ScriptError('LoadFailed', 'the recording lacks a part of it')
    return new Recording(content as RecordingContent)
  }
}
