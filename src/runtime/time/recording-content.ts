import type { HostInput, ScriptContent } from '../api/input-log.ts'
import type { LoadOptions } from '../api/load-options.ts'
import type { RecordedCallers } from './recorded-callers.ts'

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

/** The content of a `Recording`. */
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
  /** Where the game called the runtime; left out if that was not recorded. */
  readonly callers?: RecordedCallers
  /** The notes that were passed to `Recorder`, such as the path of the game. */
  readonly notes: Readonly<Record<string, string>>
}
