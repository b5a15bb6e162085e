import type { Game } from '../sim/index.ts'

/** The callbacks of {@link followMatch}. */
export interface MatchEvents {
  readonly onHurt: () => void
  /** Called when the player has lost all health, with the number of lives left. */
  readonly onDown: (lives: number) => void
  readonly onWave: (wave: number) => void
}

/** The lives and the score of the player. The game itself never ends. */
export interface Match {
  readonly score: number
  readonly wave: number
  readonly kills: number
  readonly health: number
  readonly lives: number
}

const LIVES = 3

/** Follows a new game. */
export function followMatch({ runtime, components, player }: Game, events: MatchEvents): Match {
  const { Health, Score } = components
  let [wave, kills, lives] = [0, 0, LIVES]
  let health = Health.points[player] as number
  /** Reads kills and wave from the scripts after the game was restored to another tick. */
  function readCounts(): void {
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
    // After a restore, the health of the last tick is not the previous health.
    const isNext = tick === last + 1
    last = tick
    if (!isNext) readCounts()
    if (isNext && now !== health) events.onHurt()
    // When the health reaches 0, the script resets it.
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
