/** What one tick did. */
export interface TickReport {
  /** Ticks completed, this one among them. */
  readonly tick: number
  /** Seconds simulated, this tick's among them. */
  readonly time: number
  readonly dt: number
  /** Entities that scripts were run on; one with three scripts counts three times. */
  readonly entities: number
  /** Instructions that scripts spent. */
  readonly fuel: number
  /** Faults of scripts. */
  readonly faults: number
  readonly ms: number
}

/** What one reload did. */
export interface ReloadReport {
  /** The script's name. */
  readonly script: string
  readonly generation: number
  /** The text is another and the code the same, as after an edit of comments: the generation went on, and nothing was carried. */
  readonly unchanged: boolean
  /** `restored` through `set_state`; `preserved` by the runtime, or by going on unchanged; `reset` to a fresh start. */
  readonly state: 'restored' | 'preserved' | 'reset'
  /** What was carried over where the state is `preserved`, such as `global count`. */
  readonly carried: readonly string[]
  /** What could not be, and why. */
  readonly dropped: readonly string[]
  readonly ms: { readonly compile: number; readonly link: number; readonly state: number; readonly total: number }
}
