/** How `update` runs on several entities at once, or what prevents it. */
export type Vectorization = GroupedUpdate | CodeObstacle

/** How `update` runs on several entities at once. */
export interface GroupedUpdate {
  /** Why groups of entities are left. Empty if none ever is: then the order of entities does not matter. */
  readonly leaves: ReadonlySet<string>
  /** Where it reads who has a component, for each that it asks about: see `ComponentHolders`. */
  readonly asked: readonly number[]
}

/** What prevents a function from running on several entities at once, and the offset of the instruction. */
export interface CodeObstacle {
  readonly why: string
  readonly at: number
}
