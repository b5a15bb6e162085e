import type { SourceLocation } from '../../errors.ts'

/** Where the game called a method of the runtime. `file` is what the engine names it: of a page, the file as it was served. In a recording, it is the path from a folder. */
export interface HostCaller extends SourceLocation {
  /** The name of the function; left out if it has none. */
  readonly function?: string
}
