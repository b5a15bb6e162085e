import type { DecodedModule } from '../format/module.ts'
import type { InlineCalls } from './inline-call.ts'
import type { MeteredCode } from './metered-body.ts'
import type { AppendedFunction } from './sections.ts'

/** The code that the host adds to a module with which it shares its memory. */
export interface Inlining {
  /** The calls of imports that are replaced by code. */
  readonly calls: InlineCalls
  /** Returns functions to append. `catches` is whether the module may catch the errors of imports. */
  readonly append: (module: DecodedModule, read: CodeReader, catches: boolean) => readonly AppendedFunction[]
}

/** Returns the code of a function of the module by index. */
export type CodeReader = (functionIndex: number) => MeteredCode
