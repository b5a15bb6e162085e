import type { ReloadReport, ScriptError } from 'bitscript'
import type { Draft, Drafts } from './drafts.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A script that can be edited. */
export interface EditedScript {
  readonly name: string
  /** The text of its file. */
  readonly text: string
  /** Why it cannot be edited, as a script that has no text; its text is then shown, and stays as it is. @default it can be edited */
  readonly locked?: string
  /** Edits of an earlier visit. */
  readonly draft?: Draft
}

/** The running game, as the editor uses it. */
export interface EditorHost {
  /** The scripts in the order of the list. */
  readonly scripts: readonly EditedScript[]
  /** Reloads a script of the running game from a text. Rejects with a `ScriptError` that has a location and a frame. */
  apply(name: string, text: string): Promise<ReloadReport>
  /** Keeps the drafts instead of those before. Returns whether it could. @default drafts are not kept */
  keep?(drafts: Drafts): boolean
  /** Returns what scripts of the running game can name. @default only instructions are known */
  words?(): Vocabulary
  /** Calls `listener` with every fault of a script. Returns a function that stops this. */
  onFault(listener: (error: ScriptError) => void): () => void
}
