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

/** What a restore did with one script. */
export interface ScriptRestore {
  /** The name of the script. */
  readonly script: string
  /**
   * `restored`: it has the state of the snapshot. `converted`: it was reloaded since, and its state was passed from
   * `get_state` of the old code to `set_state` of the current code. `kept`: it was reloaded since, and keeps its current
   * state. `new`: it was loaded since, and is attached to no entity. `missing`: it was unloaded since.
   */
  readonly state: 'restored' | 'converted' | 'kept' | 'new' | 'missing'
  /** What could not be restored, and why; left out if everything was. */
  readonly detail?: string
}

/** The result of `restore`: the moment that the game is at, and what could not be restored. */
export interface RestoreReport {
  /** Ticks completed at the restored moment. */
  readonly tick: number
  /** Seconds simulated at the restored moment. */
  readonly time: number
  /** What the restore did with each script. */
  readonly scripts: readonly ScriptRestore[]
  /** Fields that keep their current values because those cannot be copied, such as functions: `Sprite.mesh`. */
  readonly kept: readonly string[]
}
