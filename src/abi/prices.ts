/**
 * Units of fuel that a script pays beside one unit for each instruction. Each price is close to the time that the host
 * needs, at about six nanoseconds a unit, so that 50,000,000 units are meant to take 0.3 seconds. docs/fuel.md has what they take at worst.
 */
export const PRICES = {
  /** Reading or writing a field of a component made with `defineComponents`, or reading a query result. */
  column: 0,
  /** Reading or writing a field of any other component. */
  plainField: 14,
  /** Reading a number that the host has at hand, or testing whether an entity exists. */
  read: 12,
  /** Testing whether an entity has a component. */
  has: 20,
  /** A random number. */
  random: 30,
  /** A call that may change entities or components, whether or not it does. */
  ask: 30,
  /** A change of an entity or a component: bitECS updates its masks and calls observers. */
  change: 500,
  /** A change, for each query of the world: bitECS compares the entity with all of them. */
  changePerQuery: 32,
  /** A new or removed entity, for each 31 components of the world, from 8 times 31 on: bitECS makes three for each target of a relation. */
  changePerMask: 16,
  /** Adding or removing a relation between two entities: up to six components. */
  relation: 2000,
  /** Each component of an entity among which bitECS looks for its relations. */
  relationStep: 2,
  /** Each entity of the world, where bitECS looks for the members of a hierarchy. */
  relationScan: 16,
  /** Running a query whose result may have changed. An unchanged result costs the call alone. */
  query: 20,
  /** Running a query, for each of its terms. */
  queryTerm: 60,
  /** Running a query, for each entity found. */
  scan: 2,
  /** Running a query inside a transaction, for each entity found and each term. */
  scanTerm: 6,
  /** Calling a host function of the game. */
  hostCall: 40,
  /** Calling a host function of the game, for each parameter and result. */
  argument: 10,
  /** Each byte of text that crosses between a script and the host. */
  textByte: 1,
  /** Each byte of JSON that a host function reads. */
  jsonByte: 6,
  /** A log line, beside its text. */
  log: 100,
  /** Queueing an event. */
  event: 120,
  /** Each number of a queued event. */
  eventNumber: 40,
  /** Each number that a handler takes. */
  handlerNumber: 10,
  /** Calling a handler, `on_attach` or `on_detach`, and `tick` or `update` of an instance that serves a single entity. */
  entry: 250,
  /** Writing a metric. */
  metric: 20,
  /** A call of `storage`, beside the bytes that it reads and writes. */
  storage: 150,
  /** A request by HTTP, beside its JSON: the host checks it, and opens a connection. */
  http: 20_000,
  /** A fault: the host reads the stack and calls the listeners. */
  fault: 100_000,
  /** Making an instance for an entity. What its segments write is priced as in `memory.init` and `table.init`. */
  instance: 8000,
  /** Making an instance, for each of its memories. */
  instanceMemory: 25_000,
  /** Making an instance, for each page of its memories. */
  instancePage: 5000,
  /** Making an instance, for each import and export. */
  instanceName: 520,
  /** Making an instance, for each global. */
  instanceGlobal: 270,
  /** Making an instance, for each data segment and element segment. */
  instanceSegment: 60,
  /** Making an instance, for each global of type v128. */
  instanceVector: 1000,
  /** Keeping the state of an instance that cannot run again after a trap, for each page of its memories: each tick copies them. */
  keptPage: 2000,
  /** Throwing an exception. Unwinding costs more: see {@link FRAME_SHIFT}. */
  throw: 400,
  /** Each catch clause of a block. */
  catchClause: 20,
  /** `memory.grow` and `table.grow`. */
  grow: 800,
  /** `memory.grow`, for each page: the system hands pages out when they are first used. */
  growPage: 5000,
  /** `memory.fill`, beside its size. */
  fill: 30,
  /** Changing a table, beside the size of the change. */
  table: 30,
} as const

/** Log2 of the bytes that a bulk memory instruction handles for one unit. */
export const MEMORY_BYTES_SHIFT = 2
/** Log2 of the units for each element that a bulk table instruction handles. */
export const TABLE_ELEMENT_SHIFT = 6
/** Log2 of the units for each element of a table when it grows, since growing copies the table. */
export const TABLE_GROW_SHIFT = 2
/** Log2 of the units for each unit of stack that an exception may unwind. */
export const FRAME_SHIFT = 5
/** Locals that are zeroed, or operands that a branch carries, for one unit. */
export const MOVES_PER_UNIT = 8
/** Operands and results of a call, for one unit. */
export const PASSED_PER_UNIT = 4
/** From so many on, a call pays one unit for {@link MANY_PASSED_PER_UNIT} operands and results. */
export const MANY_PASSED = 32
export const MANY_PASSED_PER_UNIT = 2
/** A function with so many locals pays one unit for each. */
export const MANY_LOCALS = 256

/** Units of a call of each function of `math`, measured with its slowest arguments. */
export const MATH_PRICES = {
  sin: 240,
  cos: 240,
  tan: 240,
  asin: 20,
  acos: 20,
  atan: 20,
  exp: 45,
  log: 45,
  atan2: 22,
  pow: 160,
  hypot: 72,
} as const
