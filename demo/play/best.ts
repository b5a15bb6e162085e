const KEY = 'bitscript-swarm-scores'
const MAX_SCORES = 5

/** What somebody reached in a game. The points of the autopilot are not in it. */
export interface Result {
  readonly score: number
  readonly wave: number
  readonly seed: number
}

/** Returns the best results in this browser, the best first; none if its storage is not available. */
export function bestResults(): readonly Result[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isResult) : []
  } catch {
    return []
  }
}

/** Keeps a result if it is one of the best. Returns the best results, the best first. */
export function keepResult(result: Result): readonly Result[] {
  if (result.score === 0) return bestResults()
  const best = [...bestResults(), result].sort((one, other) => other.score - one.score).slice(0, MAX_SCORES)
  try {
    localStorage.setItem(KEY, JSON.stringify(best))
  } catch {
    // The storage of the browser is full or not available.
  }
  return best
}

function isResult(value: unknown): value is Result {
  const { score, wave, seed } = (value ?? {}) as Partial<Record<keyof Result, unknown>>
  return [score, wave, seed].every((each) => Number.isSafeInteger(each))
}
