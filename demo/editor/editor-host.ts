import type { ReloadReport, ScriptError } from 'bitscript'
import type { EditorDebugging } from './debugging/editor-debugging.ts'
import type { Draft, Drafts } from './drafts.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A script that can be edited. */
export interface EditedScript {
  readonly name: string
  /** The text of its file. */
  readonly text: string
  /** The language of the text. @default 'wat' */
  readonly language?: 'wat' | 'assemblyscript'
  /** Whether it has no file, because it was written in the editor; `text` is empty then. @default false */
  readonly isNew?: boolean
  /** Why it cannot be edited, as a script that has no text; its text is then shown, and stays as it is. @default it can be edited */
  readonly locked?: string
  /** Edits of an earlier visit. */
  readonly draft?: Draft
}

/** The running game, as the editor uses it. */
export interface EditorHost {
  /** The scripts in the order of the list. */
  readonly scripts: readonly EditedScript[]
  /**
   * Reloads a script of the running game from a text. Rejects with a `ScriptError` that has a location and a frame. Calls `onProgress` with what it
   * waits for, and which part of that is done, from 0 to 1. Rejects if `abandoned` is aborted before the game takes the text.
   */
  apply(name: string, text: string, onProgress: (what: string, part: number) => void, abandoned: AbortSignal): Promise<ReloadReport>
  /** Returns which text the game runs for a script, if it has several. @default the one of the same name */
  textOf?(script: string): string
  /** Stops a script that was written in the editor, and forgets it. */
  remove?(name: string): void
  /** Called with the name of each text that is shown. */
  onOpen?(name: string): void
  /** Resolves with the file from which scripts in AssemblyScript import what the game offers. @default an empty file */
  bindings?(): Promise<string>
  /** The debugger of the game. @default lines can have breakpoints, which do nothing */
  readonly debugging?: EditorDebugging
  /** Keeps the drafts instead of those before. Returns whether it could. @default drafts are not kept */
  keep?(drafts: Drafts): boolean
  /** Returns what scripts of the running game can name. @default only instructions are known */
  words?(): Vocabulary
  /** Calls `listener` with every fault of a script. Returns a function that stops this. */
  onFault(listener: (error: ScriptError) => void): () => void
}
