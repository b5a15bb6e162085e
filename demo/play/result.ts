import { bestResults, keepResult } from './best.ts'
import type { Match } from './match.ts'

/** A match that is over. */
export interface EndedMatch extends Pick<Match, 'score' | 'earned' | 'wave'> {
  readonly seed: number
  /** Whether scripts were edited: whoever changes the rules plays another game. */
  readonly isEdited: boolean
}

/** Keeps the result of a match if it counts. Returns what to say of it. */
export function sayResult({ score, earned, wave, seed, isEdited }: EndedMatch): string {
  const result = { score: earned, wave, seed }
  const best = isEdited ? bestResults() : keepResult(result)
  const lines = [`Score ${earned} in wave ${wave}.`]
  if (isEdited) lines.push('With edited scripts it is not among the best.')
  else
    lines.push(...sayPlace(best.findIndex((each) => each.score === earned && each.wave === wave && each.seed === seed) + 1, best[0]?.score))
  if (earned < score) lines.push(`The autopilot made ${score - earned} more, which do not count.`)
  return [...lines, `This was game ${seed}.`].join(' ')
}

function sayPlace(place: number, first: number | undefined): string[] {
  if (place === 0) return []
  return [place === 1 ? 'That is your best.' : `That is number ${place} of your best; the first is ${first}.`]
}
