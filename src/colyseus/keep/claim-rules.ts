import { ScriptError } from '../../index.ts'
import type { KeptRoom } from './keeper.ts'

/** The error of a claim that is lost. */
export function claimLost(roomId: string): ScriptError {
  return new ScriptError('Disposed', `another process runs the room '${roomId}', or its claim was ended`)
}

/** Counts what a room may append and save. */
export class TickOrder {
  #last: number | undefined

  constructor(kept: KeptRoom | undefined) {
    this.#last = kept === undefined ? undefined : (kept.ticks.at(-1)?.tick ?? kept.snapshot.tick)
  }

  /** Throws `InvalidOptions` for a tick that is not the next. */
  append(tick: number): void {
    if (this.#last === undefined) throw new ScriptError('InvalidOptions', 'save a new room before its first tick is appended')
    if (tick !== this.#last + 1) throw new ScriptError('InvalidOptions', `tick ${this.#last + 1} must be appended next, not ${tick}`)
    this.#last = tick
  }

  /** Throws `InvalidOptions` for a snapshot of a tick that was not the last one. */
  save(tick: number): void {
    if (!Number.isSafeInteger(tick) || tick < 0)
      throw new ScriptError('InvalidOptions', `a tick must be a whole number, 0 or more, not ${tick}`)
    if (this.#last !== undefined && tick !== this.#last)
      throw new ScriptError('InvalidOptions', `the last tick that was appended is ${this.#last}: save that, not ${tick}`)
    this.#last = tick
  }
}
