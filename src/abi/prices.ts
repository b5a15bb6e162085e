/**
 * What fuel costs beyond one unit an instruction. Fuel bounds time: each price is near what the host does for it, at about
 * six nanoseconds a unit, so that 50,000,000 units take no more than about 0.3 seconds whatever a script spends them on.
 */
export const PRICES = {
  /** A call that reads or writes a number the host has at hand: a field, the clock, whether an entity is alive. */
  read: 12,
  /** A call of a function of `math`. */
  math: 60,
  /** A call that changes entities or components: bitECS updates its queries and calls observers. */
  change: 800,
  /** A call of a host function of the game, which may do anything. */
  hostCall: 60,
  /** Running a query, and each entity that it looks at; while a transaction is open, each costs eight times as much. */
  query: 60,
  scan: 1,
  /** A log line. */
  log: 400,
  /** An event in the queue, and each number that it carries or that a host function is given. */
  event: 120,
  argument: 8,
  /** An entry into a script: a call of `tick`, of a handler, or of `update` of an entity's own instance. */
  entry: 80,
  /** A fault that is reported: the host reads the stack and tells the listeners. */
  fault: 30_000,
  /** An instance made for an entity, and each element and each four bytes that its segments write. */
  instance: 8000,
  segmentElement: 4,
  /** An exception: the engine unwinds the stack. */
  throw: 400,
  /** `memory.grow` and `table.grow`. */
  grow: 256,
} as const

/** Elements that a bulk instruction of tables handles cost this many units each, as a shift. */
export const TABLE_ELEMENT_SHIFT = 2
/** Bytes that a bulk instruction of memories handles for one unit, as a shift. */
export const MEMORY_BYTES_SHIFT = 2
