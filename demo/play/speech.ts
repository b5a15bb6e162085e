import type { Match } from './match.ts'

/** Milliseconds between two lines. */
const INTERVAL = 12_000

/** Says for a screen reader how a game stands. */
export interface Speech {
  /** Says score, wave and lives if they are others than said last, and the last line is a while ago. */
  follow(match: Pick<Match, 'score' | 'wave' | 'lives' | 'health'>, now: number): void
}

/** Lets an element with `aria-live="polite"` say how a game stands. */
export function createSpeech(element: HTMLElement): Speech {
  let last = Number.NEGATIVE_INFINITY
  return {
    follow({ score, wave, lives, health }, now) {
      if (now - last < INTERVAL) return
      const line = `Score ${score}, wave ${wave}, ${lives} ${lives === 1 ? 'life' : 'lives'}, health ${health}`
      if (element.textContent === line) return
      last = now
      element.textContent = line
    },
  }
}
