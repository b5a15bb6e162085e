import type { DecodedModule } from '../../format/module.ts'
import type { InlineCalls } from '../inline-call.ts'
import type { CodeReader } from '../inlining.ts'

/** What `Walk` needs to know of a module. */
export interface WalkedModule {
  readonly module: DecodedModule
  readonly calls: InlineCalls
  /** The imports that test an entity for a component, with the address of the bytes that say who has it. */
  readonly asked: ReadonlyMap<number, number>
  readonly read: CodeReader
  /** The index of the shared memory. */
  readonly memory: number
  /** By how much the indices of the module's own globals shift. */
  readonly globalShift: number
  /** Whether the engine supports relaxed SIMD. */
  readonly isRelaxed: boolean
}
