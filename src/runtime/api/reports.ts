/** The result of `tick`. */
export interface TickReport {
  /** Ticks completed, including this one. */
  readonly tick: number
  /** Seconds simulated, including this tick. */
  readonly time: number
  /** Seconds that this tick simulated. */
  readonly dt: number
  /** Entities that scripts ran on. An entity with three scripts counts three times. */
  readonly entities: number
  /** Units of fuel that scripts spent. */
  readonly fuel: number
  /** The number of faults. */
  readonly faults: number
  /** Milliseconds that the tick took. */
  readonly ms: number
}

/** The result of `reloadModule`. */
export interface ReloadReport {
  /** The name of the script. */
  readonly script: string
  /** The generation that runs now. */
  readonly generation: number
  /** Whether only the text changed, such as a comment, and the code is the same: the generation then continues to run. */
  readonly unchanged: boolean
  /**
   * What became of the state. `restored`: passed from `get_state` to `set_state`, or as the block of `state` and `state_size`. `preserved`: carried over by the runtime, or
   * the code is unchanged. `reset`: started from the initial state.
   */
  readonly state: 'restored' | 'preserved' | 'reset'
  /** What the runtime carried over, such as `global count`, or `state, 64 bytes`. */
  readonly carried: readonly string[]
  /** What the runtime could not carry over, and why. */
  readonly dropped: readonly string[]
  /** What ran again because the state began anew: `init`, or `init of 3 entities`. */
  readonly ran: readonly string[]
  /**
   * What a person would want to know, though the reload succeeded: exports that the runtime called and that are gone, a state
   * that did not fit, entities that `init` spawned once more, and the warnings of `ScriptInfo.warnings`.
   */
  readonly warnings: readonly string[]
  /**
   * Milliseconds: `compile` for reading, assembling and compiling, `link` for checking, linking and rewriting, `state` for
   * creating the new instances and passing on the state, and `total` for the whole reload, including waiting.
   */
  readonly ms: { readonly compile: number; readonly link: number; readonly state: number; readonly total: number }
}
