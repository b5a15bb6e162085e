import type { DecodedModule } from '../format/module.ts'
import type { InlineCalls } from './inline-call.ts'
import type { MeteredCode } from './metered-code.ts'
import type { AppendedFunction } from './sections.ts'
import type { Vectorization } from './vectorization.ts'

/** The code that the host adds to a module with which it shares its memory. */
export interface Inlining {
  /** The calls of imports that are replaced by code. */
  readonly calls: InlineCalls
  /** Returns functions to append. `catches` is whether the module may catch the errors of imports, `firstIndex` the index of the first. */
  readonly append: (module: DecodedModule, read: CodeReader, catches: boolean, firstIndex: number) => Appended
}

/** What is appended to a module. */
export interface Appended {
  readonly functions: readonly AppendedFunction[]
  /** Whether `update` runs on several entities at once; left out if that was not tried. */
  readonly vector?: Vectorization | undefined
  /** The code to write in the place of that of functions of the module, by index. @default none */
  readonly replaced?: ReadonlyMap<number, MeteredCode>
  /** How many loops over query results run on several entities at once. @default 0 */
  readonly loops?: number
}

/** Returns the code of a function of the module by index. */
export type CodeReader = (functionIndex: number) => MeteredCode
