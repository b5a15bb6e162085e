import leven from 'leven'

/** The name that was probably meant: the nearest of `candidates`, if one is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase(), { maxDistance: least })
    if (distance >= least) continue
    least = distance
    nearest = candidate
  }
  return nearest
}

/** `; did you mean 'x'?`, or what there is if nothing is near. */
export function suggest(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates)
  if (nearest !== undefined) return `; did you mean '${nearest}'?`
  if (candidates.length === 0) return '; there are none'
  const shown = candidates.slice(0, 8).join(', ')
  return `; there are ${shown}${candidates.length > 8 ? ', …' : ''}`
}
