import type { Debugger } from 'bitscript/devtools'

/** The debugger of the running game, as the editor uses it. */
export interface EditorDebugging {
  /** Returns the debugger of the game that runs now; `undefined` if none does. */
  current(): Debugger | undefined
  /** Calls `listener` after every change of it, and when another game has one of its own. Returns a function that stops this. */
  onChange(listener: () => void): () => void
  /** Returns the name of the script that a text is for. */
  scriptOf(text: string): string
  /** Returns which text the game runs for a script. */
  textOf(script: string): string
}
