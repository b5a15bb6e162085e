/** How `update` runs on several entities at once, or what prevents it. */
export type Vectorization = GroupedUpdate | CodeObstacle

/** How `update` runs on several entities at once. */
export interface GroupedUpdate {
  /** Why groups of entities are left. Empty if none ever is: then the order of entities does not matter. */
  readonly leaves: ReadonlySet<string>
  /** Where it reads who has a component, for each that it asks about: see `ComponentHolders`. */
  readonly asked: readonly number[]
  /** The number of `br_table` at which entities may part. */
  readonly tables: number
  /** The fuel that every entity spends. */
  readonly base: number
  /** The most that an entity spends, if its group does not leave. */
  readonly maxCost: number
  /** About how long the code of a group takes, in units of fuel one by one: of one of four, and of others. */
  readonly work: { readonly full: number; readonly masked: number }
}

/** What prevents a function from running on several entities at once, and the offset of the instruction. */
export interface CodeObstacle {
  readonly why: string
  readonly at: number
}
