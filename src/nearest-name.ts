import leven from 'leven'

/** Returns the candidate that was probably meant, by edit distance; `undefined` if none is close. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let limit = Math.max(2, Math.ceil(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase(), { maxDistance: limit })
    if (distance >= limit) continue
    limit = distance
    nearest = candidate
  }
  return nearest
}

/** Returns the end of an error message: `; did you mean 'x'?`, or a list of the candidates if none is close. */
export function suggest(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates)
  if (nearest !== undefined) return `; did you mean '${nearest}'?`
  if (candidates.length === 0) return '; there are none'
  const shown = candidates.slice(0, 8).join(', ')
  return `; there are ${shown}${candidates.length > 8 ? ', …' : ''}`
}
