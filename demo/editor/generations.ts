/** A value, and the generation of the script that has it. */
export interface Generation<Value> {
  readonly generation: number
  readonly value: Value
}

/** What the game runs of a script, and what it ran before, the oldest first: a rollback restores one of those. */
export interface Generations<Value> {
  readonly running: Generation<Value>
  readonly former: readonly Generation<Value>[]
}

/** What the report of a reload says of the generation. */
export interface Accepted {
  readonly generation: number
  /** Whether the code is the same, so that the generation goes on. */
  readonly unchanged: boolean
}

/** Generations before the running one that a runtime can go back to. */
const MAX_FORMER = 8

/** Returns the generations of a script that was loaded, and not reloaded since. */
export function firstGeneration<Value>(value: Value): Generations<Value> {
  return { running: { generation: 1, value }, former: [] }
}

/** Adds what the game accepted. Another game counts from 1 again: what ran last is then the generation before. */
export function accept<Value>(
  { running, former }: Generations<Value>,
  value: Value,
  { generation, unchanged }: Accepted,
): Generations<Value> {
  const last = { ...running, generation: Math.min(running.generation, generation - 1) }
  const before = (limit: number): readonly Generation<Value>[] => former.filter((each) => each.generation < limit)
  return {
    running: { generation, value },
    former: unchanged ? before(generation) : [...before(last.generation), last].slice(-MAX_FORMER),
  }
}

/** Adds what the game runs from now on without a report of it: a file that was saved, or a text for the next game. */
export function replaceRunning<Value>(generations: Generations<Value>, value: Value): Generations<Value> {
  return accept(generations, value, { generation: generations.running.generation + 1, unchanged: false })
}

/** Goes back to a generation. */
export function rollBack<Value>(generations: Generations<Value>, generation: number): Generations<Value> {
  const { running, former } = generations
  // Several faults of one step tell of the same rollback.
  if (running.generation === generation) return generations
  const { value } = former.findLast((each) => each.generation <= generation) ?? running
  return { running: { generation, value }, former: former.filter((each) => each.generation < generation) }
}

/** Returns the generations with every value replaced by `map(value)`. */
export function mapGenerations<Value>({ running, former }: Generations<Value>, map: (value: Value) => Value): Generations<Value> {
  const mapped = ({ generation, value }: Generation<Value>): Generation<Value> => ({ generation, value: map(value) })
  return { running: mapped(running), former: former.map(mapped) }
}
