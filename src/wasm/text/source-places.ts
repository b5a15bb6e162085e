import type { ErrorContext, ScriptFrame, SourceLocation } from '../../errors.ts'

/** The text of a script. */
export interface SourceText {
  /** The file name in locations. */
  readonly file: string
  /** The WAT text from which the module was assembled; left out if it was loaded as a binary. */
  readonly text?: string
}

/** Leads from the instructions of a module to its source. */
export interface SourcePlaces {
  /**
   * Returns the frames at an offset in a function of the module: first those of functions that were inlined there, the innermost first, at last its
   * own, which has the name that is given. A frame whose place is unknown has none.
   */
  framesAt(functionIndex: number, offset: number | undefined, name: string): readonly ScriptFrame[]
  /** Returns the text around a place; `undefined` if it is not at hand. */
  codeFrame(location: SourceLocation): string | undefined
  /** Returns whether the author of the script wrote a file, and not that of a library. */
  isOwn(file: string): boolean
  /** Returns what an error says of its frames, and shows at most `count` of them. */
  summarize(found: readonly PlacedFrame[], count: number): TraceSummary
}

/** A frame, and what found its place. */
export interface PlacedFrame {
  readonly frame: ScriptFrame
  readonly places: SourcePlaces | undefined
}

/** What an error says of the frames in which it happened. */
export type TraceSummary = Pick<ErrorContext, 'location' | 'frame' | 'trace'>
