import { sameBytes } from '../bytes.ts'
import { toScriptError } from '../engine/trap.ts'
import { ScriptError } from '../errors.ts'

/** A file that may be written at this moment, and what is to be done with it. */
export interface Settling<Result> {
  /** What it holds; `undefined` where it cannot be read. */
  readonly read: () => Promise<Uint8Array | undefined>
  readonly wait: (milliseconds: number) => Promise<void>
  /** Whether this content was dealt with before. */
  readonly isKnown: (content: Uint8Array) => boolean
  /** Takes the content. Throws the mistake in it. */
  readonly take: (content: Uint8Array) => Promise<Result>
  /** Whether to give up. */
  readonly isClosed?: () => boolean
}

/** For this long, in milliseconds, a watcher may report no second change of a file: many are silent for 50. */
const SILENCE = 75

/**
 * Waits until a watcher would report another change of the file, and returns whether the file holds something new that the
 * watcher may have kept silent about.
 */
export async function changedAgain({ read, wait, isKnown }: Pick<Settling<unknown>, 'read' | 'wait' | 'isKnown'>): Promise<boolean> {
  await wait(SILENCE)
  const content = await read()
  return content !== undefined && content.length > 0 && !isKnown(content)
}

/** How a file came out of it. */
export type Settled<Result> =
  | { readonly state: 'taken'; readonly content: Uint8Array; readonly result: Result }
  /** `content` is what was tried last; `undefined` of a file that stayed empty. */
  | { readonly state: 'mistake'; readonly content: Uint8Array | undefined; readonly error: ScriptError }
  /** It held what it held before, was not there, or was given up. */
  | { readonly state: 'nothing' }

/** A file that cannot be read, is empty, or seems cut off is read again after each of these, in milliseconds. */
const PATIENCE: readonly number[] = [15, 30, 60, 120, 240]

/**
 * Reads a file until it stands still. An editor may empty a file before it writes it, write it in parts, or replace it by
 * renaming another; whether it is whole, the compiler has to judge.
 */
export async function settle<Result>(settling: Settling<Result>): Promise<Settled<Result>> {
  const { read, wait, isKnown, take, isClosed = () => false } = settling
  let tried: Uint8Array | undefined
  let mistake: ScriptError | undefined
  let isEmpty = false
  for (let attempt = 0; attempt <= PATIENCE.length && !isClosed(); attempt++) {
    if (attempt > 0) await wait(PATIENCE[attempt - 1] as number)
    const content = await read()
    isEmpty = content?.length === 0
    if (content === undefined || isEmpty) continue
    const standsStill = tried !== undefined && sameBytes(content, tried)
    if (mistake !== undefined && standsStill && !seemsCut(mistake, content)) break
    if (mistake !== undefined && standsStill) continue
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

/** Whether what is wrong with a text is at its end, as in one that is still being written; with a binary, one cannot tell. */
function seemsCut(mistake: ScriptError, content: Uint8Array): boolean {
  if (mistake.code === 'InvalidBinary') return true
  if (mistake.code !== 'InvalidText' || mistake.location === undefined) return false
  const lines = new TextDecoder().decode(content).trimEnd().split('\n')
  return mistake.location.line >= lines.length
}
