import type { DecodedModule } from '../format/module.ts'
import type { InlineCalls } from './inline-call.ts'
import type { MeteredCode } from './metered-body.ts'
import type { AppendedFunction } from './sections.ts'

/** What a host writes into a module that it shares its memory with. */
export interface Inlining {
  readonly calls: InlineCalls
  /** Functions that are written behind the module's own. `catches` says that the module may catch what its imports throw. */
  readonly append: (module: DecodedModule, read: CodeReader, catches: boolean) => readonly AppendedFunction[]
}

/** Reads the code of a function of the module, by its index. */
export type CodeReader = (functionIndex: number) => MeteredCode
