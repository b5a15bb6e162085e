const KEY = 'bitscript-swarm-best'

/** Returns the best score in this browser; 0 if its storage is not available. */
export function bestScore(): number {
  try {
    return Number(localStorage.getItem(KEY) ?? 0) || 0
  } catch {
    return 0
  }
}

/** Saves a score if it is the best. Returns the best score. */
export function keepScore(score: number): number {
  const best = Math.max(score, bestScore())
  try {
    localStorage.setItem(KEY, String(best))
  } catch {
    // The storage of the browser is full or not available.
  }
  return best
}
