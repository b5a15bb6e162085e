import leven from 'leven'
import { abbreviate, MAX_NAME } from './printable.ts'

/** Returns the candidate that was probably meant, by edit distance; `undefined` if none is close. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  // The distance takes time in proportion to the product of the lengths. No typo is that long.
  if (name.length > MAX_NAME) return undefined
  let nearest: string | undefined
  // Of a name of three characters, two others are another name.
  let limit = (name.length <= 3 ? 1 : Math.max(2, Math.ceil(name.length / 3))) + 1
  for (const candidate of candidates) {
    if (candidate.length >= name.length + limit) continue
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
  const shown = candidates
    .slice(0, 8)
    .map((candidate) => abbreviate(candidate))
    .join(', ')
  return `; there are ${shown}${candidates.length > 8 ? ', …' : ''}`
}
