import type { Game } from '../sim/index.ts'

/** What happens to the player. */
export interface MatchEvents {
  readonly onHurt: () => void
  /** All health is gone; this many lives are left. */
  readonly onDown: (lives: number) => void
  readonly onWave: (wave: number) => void
}

/** A match: how many lives the player has, and how far it got. The game itself knows no end. */
export interface Match {
  readonly score: number
  readonly wave: number
  readonly kills: number
  readonly health: number
  readonly lives: number
}

const LIVES = 3

/** Follows a game from its beginning. */
export function followMatch({ runtime, components, player }: Game, events: MatchEvents): Match {
  const { Health, Score } = components
  let [wave, kills, lives] = [0, 0, LIVES]
  let health = Health.points[player] as number
  /** What scripts know of a time that the game was put back to. */
  function lookAgain(): void {
    for (const name of ['score', 'waves']) {
      const script = runtime.find(name)
      const state = (script === undefined ? undefined : runtime.readState(script.id)) as { kills?: number; wave?: number } | undefined
      kills = state?.kills ?? kills
      wave = state?.wave ?? wave
    }
  }
  runtime.on('event', ({ name, args }) => {
    if (name === 'wave') {
      wave = Number(args[0])
      events.onWave(wave)
    } else if (name === 'killed') kills++
  })
  let last = 0
  runtime.on('tick', ({ tick }) => {
    const now = Health.points[player] as number
    // Where time went back, what health was is of another time.
    const isNext = tick === last + 1
    last = tick
    if (!isNext) lookAgain()
    if (isNext && now !== health) events.onHurt()
    // The script gives a player that is down its health back.
    if (isNext && now > health) events.onDown(--lives)
    health = now
  })
  return {
    get score() {
      return Score.points[player] ?? 0
    },
    get wave() {
      return wave
    },
    get kills() {
      return kills
    },
    get health() {
      return health
    },
    get lives() {
      return lives
    },
  }
}
