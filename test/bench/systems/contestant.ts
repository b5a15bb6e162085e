import type { Program } from './program.ts'
import type { Stage } from './stage.ts'

/** A program that is ready to run in a world. */
export interface Performance {
  /** Runs one tick. */
  readonly tick: () => void
  readonly dispose: () => void | Promise<void>
}

/** A way to run scripts. */
export interface Contestant {
  readonly name: string
  /** Whether it computes with f32, as wasm does, with identical results. Lua and QuickJS compute with f64. */
  readonly exact: boolean
  prepare(program: Program, stage: Stage): Promise<Performance>
}
