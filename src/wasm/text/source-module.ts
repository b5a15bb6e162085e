import type { instructionFinder } from './wat.ts'

/** A script's module and its source. */
export interface SourceModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The file name in locations. */
  readonly file: string
  /** The WAT text from which the module was assembled; left out if it was loaded as a binary. */
  readonly text?: string
  /** Finds the instructions of the module in the text; left out with the text. */
  readonly instructionFinder?: typeof instructionFinder
}
