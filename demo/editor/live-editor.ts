import type { ScriptError } from 'bitscript'

/** An editor for the scripts of a running game. Methods that take a name throw a `RangeError` for an unknown script. */
export interface LiveEditor {
  readonly element: HTMLElement
  /** Shows the text of a script. */
  open(name: string): void
  /** Returns the texts that differ from the files, including those with mistakes. */
  changed(): ReadonlyMap<string, string>
  /** Returns the running texts that differ from the files, for another game to start with. */
  running(): ReadonlyMap<string, string>
  /** Replaces the text of a script as one undo step, without running it. Adds a script of a new name. */
  setText(name: string, text: string): void
  /** Replaces the text of a script by one that the game runs already. Adds a script of a new name. */
  setRunning(name: string, text: string): void
  /** Takes the text of the file again, which the game runs; removes a script that has no file. */
  reset(name: string): void
  /** Keeps the texts, but as texts that the game does not run: it runs the files. */
  stop(): void
  /** Shows a fault at its place in the running text of its script, and opens that script. */
  showFault(error: ScriptError): void
  /** Shows a line of the running text of a script. */
  showLine(script: string, line: number): void
  /** Takes the text of a file that was saved. A text that was edited stays; one that was not follows the file, which the game runs. */
  setFile(name: string, text: string): void
  /** Runs the current text of a script, as the button does. */
  run(name: string): Promise<void>
  dispose(): void
}
