import { sameBytes } from '../bytes.ts'
import { toScriptError } from '../engine/trap.ts'
import { type ErrorCode, ScriptError } from '../errors.ts'

/** A file that an editor may still be writing, and what to do with its content. */
export interface Settling<Result> {
  /** The file, as the locations of mistakes name it. */
  readonly file: string
  /** Resolves with the content of the file; `undefined` if it cannot be read. Rejects with a `ScriptError` if it may not be read. */
  readonly read: () => Promise<Uint8Array | undefined>
  readonly wait: (milliseconds: number) => Promise<void>
  /** Returns whether this content has already been processed. */
  readonly isKnown: (content: Uint8Array) => boolean
  /** Processes the content. Rejects with the mistake in it. */
  readonly take: (content: Uint8Array) => Promise<Result>
  /** Returns whether to give up. */
  readonly isClosed?: () => boolean
}

/** Milliseconds after a change in which a watcher may not report another: many watchers drop changes for 50. */
const SILENCE = 75

/** Waits until watchers report changes again, and resolves with whether the file changed in the meantime. */
export async function changedAgain({ read, wait, isKnown }: Pick<Settling<unknown>, 'read' | 'wait' | 'isKnown'>): Promise<boolean> {
  await wait(SILENCE)
  const content = await read().catch(() => undefined)
  return content !== undefined && content.length > 0 && !isKnown(content)
}

/** The result of {@link settle}. */
export type Settled<Result> =
  | { readonly state: 'taken'; readonly content: Uint8Array; readonly result: Result }
  /** `content` is the content that was tried last; `undefined` if the file stayed empty or may not be read. */
  | { readonly state: 'mistake'; readonly content: Uint8Array | undefined; readonly error: ScriptError }
  /** The content was known, the file could not be read, or `isClosed` returned `true`. */
  | { readonly state: 'nothing' }

/** Milliseconds to wait before each further attempt to read a file that is unreadable, empty or seemingly incomplete. */
const RETRY_DELAYS: readonly number[] = [15, 30, 60, 120, 240]

/**
 * Reads a file until its content no longer changes, and processes it. An editor may empty a file before writing it, write it
 * in parts, or replace it by renaming another; whether it is complete shows only when it compiles.
 */
export async function settle<Result>(settling: Settling<Result>): Promise<Settled<Result>> {
  const { file, read, wait, isKnown, take, isClosed = () => false } = settling
  let tried: Uint8Array | undefined
  let mistake: ScriptError | undefined
  let isEmpty = false
  for (let attempt = 0; attempt <= RETRY_DELAYS.length && !isClosed(); attempt++) {
    if (attempt > 0) await wait(RETRY_DELAYS[attempt - 1] as number)
    let content: Uint8Array | undefined
    try {
      content = await read()
    } catch (error) {
      if (isClosed()) break
      return { state: 'mistake', content: undefined, error: toScriptError(error) }
    }
    isEmpty = content?.length === 0
    if (content === undefined || isEmpty) continue
    const isSame = tried !== undefined && sameBytes(content, tried)
    if (mistake !== undefined && isSame && !seemsIncomplete(mistake, content, file)) break
    if (mistake !== undefined && isSame) continue
    if (isKnown(content)) return { state: 'nothing' }
    tried = content
    try {
      return { state: 'taken', content, result: await take(content) }
    } catch (error) {
      mistake = toScriptError(error)
    }
  }
  if (isEmpty) mistake = new ScriptError('InvalidText', 'the file is empty')
  if (mistake === undefined || isClosed()) return { state: 'nothing' }
  return { state: 'mistake', content: tried, error: mistake }
}

/** Mistakes that any part of a binary or a manifest may give while it is being written, or before the files that it names are there. */
const INCOMPLETE: readonly ErrorCode[] = ['InvalidBinary', 'InvalidManifest', 'LoadFailed']

/** Returns whether a mistake may be that of a file that is still being written: in a text, on the last line. */
function seemsIncomplete(mistake: ScriptError, content: Uint8Array, file: string): boolean {
  if (INCOMPLETE.includes(mistake.code)) return true
  const isOfText = mistake.code === 'InvalidText' || (mistake.code === 'InvalidSource' && mistake.location?.file === file)
  if (!isOfText || mistake.location === undefined) return false
  const lines = new TextDecoder().decode(content).trimEnd().split('\n')
  return mistake.location.line >= lines.length
}
