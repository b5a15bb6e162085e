import type { ScriptError, SourceMistake } from '../../errors.ts'

/** What came of compiling a source, by `state`. */
export type Compiled =
  | {
      readonly state: 'compiled'
      /** The module, with debug information if the compiler writes it, or WAT text. */
      readonly module: Uint8Array
      /** The absolute paths of the other files that the module depends on. A file that is missing is one, too. */
      readonly dependencies: readonly string[]
      /** What the compiler warns of. @default none */
      readonly warnings?: readonly SourceMistake[]
      /** Whether `dependencies` are all of them, so that the same files give the same module. @default true */
      readonly isComplete?: boolean
    }
  /** The source has a mistake. `dependencies` are those that were found until then. */
  | { readonly state: 'failed'; readonly error: ScriptError; readonly dependencies: readonly string[] }

/** Compiles the source at an absolute path. Rejects with a `ScriptError` if it cannot begin, as without the compiler of its language. */
export type Compiler = (file: string) => Promise<Compiled>
