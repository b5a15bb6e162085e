import type { ScriptError, SourceLocation } from '../../index.ts'

/** A place in the source of a script, which the inspector asks the game to open. */
export interface SourcePlace {
  /** The name of the script. */
  readonly script: string
  /** The file, the line and the column. */
  readonly location: SourceLocation
  /** The fault that happened there; left out if none is shown. */
  readonly fault?: ScriptError
}

/** Opens a place in an editor. */
export type OpenSource = (place: SourcePlace) => void
