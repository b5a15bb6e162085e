import type { ReloadReport, ScriptError } from 'bitscript'

/** A script that can be edited. */
export interface EditedScript {
  readonly name: string
  /** The file's own text. */
  readonly text: string
}

/** The running game, as far as the editor knows it. */
export interface EditorHost {
  /** In the order of the list. */
  readonly scripts: readonly EditedScript[]
  /** Puts a text in the place of a script of the running game. Rejects with a `ScriptError` that has location and frame. */
  apply(name: string, text: string): Promise<ReloadReport>
  /** Calls `listener` with faults of scripts while the game runs, such as traps, until the function that is returned is called. */
  onFault(listener: (error: ScriptError) => void): () => void
}
