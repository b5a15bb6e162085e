import { setImmediate } from 'node:timers/promises'

/** One of several implementations that are compared. */
export interface Side {
  readonly name: string
  /** Does the work a number of times. */
  run(times: number): void | Promise<void>
}

export interface Effort {
  /** Milliseconds of warm-up for each side, until its code is optimized. */
  readonly warmUpMs: number
  /** Approximate milliseconds of one round of a side. */
  readonly roundMs: number
  /** Approximate milliseconds of all rounds of a side. */
  readonly budgetMs: number
  readonly leastRounds: number
}

/** Nanoseconds of one run of a side. */
export interface Timing {
  readonly name: string
  readonly median: number
  /** The quartiles. */
  readonly lower: number
  readonly upper: number
  readonly fastest: number
  readonly rounds: number
}

/** Measures all sides in turn, round by round, so that disturbances of the machine affect them alike. */
export async function measure(sides: readonly Side[], effort: Effort): Promise<readonly Timing[]> {
  // Twice, since a side may deoptimize code that it shares with sides warmed up before it.
  for (const side of sides) await warmUp(side, effort.warmUpMs / 2, effort.roundMs)
  const racers: { side: Side; times: number; spent: number; samples: number[] }[] = []
  for (const side of sides) {
    const times = await warmUp(side, effort.warmUpMs / 2, effort.roundMs)
    racers.push({ side, times, spent: 0, samples: [] })
  }
  globalThis.gc?.()
  for (let round = 0; ; round++) {
    const waiting = racers.filter(({ spent, samples }) => samples.length < effort.leastRounds || spent < effort.budgetMs)
    if (waiting.length === 0) break
    for (let index = 0; index < waiting.length; index++) {
      const racer = waiting[(index + round) % waiting.length]
      if (racer === undefined) continue
      const elapsed = await timeOf(racer.side, racer.times)
      racer.spent += elapsed
      racer.samples.push((elapsed * 1e6) / racer.times)
    }
    await setImmediate()
  }
  return racers.map(({ side, samples }) => ({
    name: side.name,
    median: median(samples),
    lower: quantile(samples, 0.25),
    upper: quantile(samples, 0.75),
    fastest: quantile(samples, 0),
    rounds: samples.length,
  }))
}

/** Returns a quantile of the values; NaN if there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Returns the median of the values; NaN if there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** Returns the milliseconds of a number of runs. */
export async function timeOf(side: Side, times: number): Promise<number> {
  const start = performance.now()
  const work = side.run(times)
  if (work !== undefined) await work
  return performance.now() - start
}

const LEAST_BATCHES = 4

/** Warms up a side, and returns the number of runs in one round. */
async function warmUp(side: Side, forMs: number, roundMs: number): Promise<number> {
  let times = 1
  let spent = 0
  let fastest = Number.POSITIVE_INFINITY
  // More than one batch, since other work on the machine may have interrupted it.
  for (let batch = 0; spent < forMs || batch < LEAST_BATCHES; batch++) {
    const elapsed = await timeOf(side, times)
    spent += elapsed
    fastest = Math.min(fastest, elapsed / times)
    if (elapsed < roundMs / 2) times *= 2
    // Code that was compiled in the background is installed between tasks.
    await setImmediate()
  }
  return Math.max(1, Math.round(roundMs / fastest))
}
