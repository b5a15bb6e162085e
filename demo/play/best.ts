const KEY = 'bitscript-swarm-best'

/** The best score of this browser; 0 where nothing may be kept. */
export function bestScore(): number {
  try {
    return Number(localStorage.getItem(KEY) ?? 0) || 0
  } catch {
    return 0
  }
}

/** Keeps a score that is better. Gives the best. */
export function keepScore(score: number): number {
  const best = Math.max(score, bestScore())
  try {
    localStorage.setItem(KEY, String(best))
  } catch {
    // A browser that keeps nothing.
  }
  return best
}
