/**
 * What fuel costs beyond one unit an instruction. Fuel bounds time: each price is near what the host does for it, at about
 * six nanoseconds a unit, so that 50,000,000 units take no more than about 0.3 seconds whatever a script spends them on.
 * docs/fuel.md explains them.
 */
export const PRICES = {
  /** Reading or writing a field of a component of `defineComponents`, or reading the result of a query. */
  column: 0,
  /** Reading or writing a field of any other component. */
  plainField: 14,
  /** Whether an entity is alive; a number that the host has at hand. */
  read: 8,
  /** Whether an entity has a component. */
  has: 20,
  /** A random number. */
  random: 14,
  /** A call that may change entities or components. */
  ask: 30,
  /** A change: bitECS updates masks and calls observers; and each query of the world that it has to look at. */
  change: 500,
  changePerQuery: 32,
  /** Running a query, each of its terms, and each entity that it finds; where nothing has changed since, only the call. */
  query: 20,
  queryTerm: 60,
  scan: 2,
  /** Each term that an entity is compared with while a transaction is open. */
  scanTerm: 6,
  /** A call of a host function of the game, and each number that it takes or returns. */
  hostCall: 12,
  argument: 4,
  /** Each byte of text that the host reads or writes, and of JSON. */
  textByte: 1,
  jsonByte: 6,
  /** A log line. Its text costs as any other. */
  log: 12,
  /** An event in the queue, and each number that it carries. */
  event: 40,
  eventNumber: 40,
  /** Each number that a handler takes. */
  handlerNumber: 10,
  /** An entry into an entity's own instance: a call of `tick`, `update` or a handler. */
  entry: 100,
  /** A fault that is reported: the host reads the stack and calls the listeners. */
  fault: 40_000,
  /**
   * An instance made for an entity; and each of its memories, pages, imports and exports, global variables and data segments. What its
   * segments write costs as `memory.init` and `table.init` do.
   */
  instance: 8000,
  instanceMemory: 25_000,
  instancePage: 64,
  instanceName: 250,
  instanceGlobal: 60,
  instanceSegment: 60,
  instanceVector: 1000,
  /** An exception, and each clause that may catch it. Frames cost as {@link FRAME_SHIFT} says. */
  throw: 200,
  catchClause: 4,
  /** `memory.grow` and `table.grow`; and `memory.fill` and a change of a table, beside their size. */
  grow: 256,
  fill: 30,
  table: 12,
} as const

/** Bytes that a bulk instruction of memories handles for one unit, as a shift. */
export const MEMORY_BYTES_SHIFT = 2
/** Units of an element that a bulk instruction of tables handles, as a shift. */
export const TABLE_ELEMENT_SHIFT = 6
/** Units of an element that a table has when it grows, and so is copied, as a shift. */
export const TABLE_GROW_SHIFT = 2
/** Units of a unit of stack that an exception may unwind, as a shift. */
export const FRAME_SHIFT = 3
/** Local variables that are zeroed, and operands that a branch carries, for one unit; operands and results of a call; and the same of a call that
 * passes many. Each local of a function with very many costs a unit. */
export const MOVES_PER_UNIT = 8
export const PASSED_PER_UNIT = 4
export const MANY_PASSED = 32
export const MANY_PASSED_PER_UNIT = 2
export const MANY_LOCALS = 256

/** Units of a call of a function of `math`, by what its worst arguments take. */
export const MATH_PRICES = {
  sin: 128,
  cos: 128,
  tan: 128,
  asin: 20,
  acos: 20,
  atan: 20,
  exp: 45,
  log: 45,
  atan2: 22,
  pow: 160,
  hypot: 72,
} as const
