import type { Effort } from './measure.ts'
import type { Table } from './table.ts'

/** The scale of the measurements. */
export interface Scale {
  readonly quick: boolean
  /** Entities in the worlds of `systems`. */
  readonly entities: readonly number[]
  readonly effort: Effort
  /** Contestants that take longer than this for one tick are left out. */
  readonly tickLimitMs: number
}

export interface SuiteContext {
  readonly scale: Scale
  /** Shows what is being measured. */
  readonly progress: (what: string) => void
}

export interface SuiteResult {
  readonly tables: readonly Table[]
  /** Tables for a README. */
  readonly markdown?: readonly Table[]
  /** The numbers behind the tables. */
  readonly data: unknown
}

export interface Suite {
  readonly name: string
  readonly about: string
  run(context: SuiteContext): Promise<SuiteResult>
}
