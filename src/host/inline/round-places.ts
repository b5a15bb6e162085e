import type { RoundCode } from '../../wasm/rewrite/vector/find-rounds.ts'
import type { RoundsCode } from '../../wasm/rewrite/vector/vectorize-round.ts'

/** A loop and the function that runs its rounds. */
export interface DrivenLoop {
  readonly rounds: RoundCode
  readonly code: RoundsCode
  /** The index of the function. */
  readonly index: number
}

/** The places of words and numbers in a batch: see `Batch`. */
export const WAIT: number = 12 * 4
export const LONGEST_WAIT: number = 13 * 4
const LOCALS = 16 * 4
const LOCAL_BYTES = 8
export const MAX_LOCALS = 16

/** Returns the address at which a local is passed to a driver. */
export function localAddress(batch: number, place: number): number {
  return batch + LOCALS + LOCAL_BYTES * place
}
