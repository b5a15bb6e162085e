import { hasComponent } from 'bitecs'
import type { Game } from '../sim/index.ts'

/** The callbacks of {@link followMatch}. */
export interface MatchEvents {
  readonly onHurt?: () => void
  /** Called when the player has lost a life, with the number of lives left. With none the match is over. */
  readonly onDown?: (lives: number) => void
  readonly onWave?: (wave: number) => void
}

/** What a player has reached. The game itself never ends. */
export interface Match {
  readonly score: number
  /** The points that were made while somebody steered: those of the autopilot do not count. */
  readonly earned: number
  readonly wave: number
  readonly kills: number
  readonly health: number
  readonly lives: number
  /** Whether the player steers itself. */
  readonly isIdle: boolean
}

/** Follows a new game. */
export function followMatch({ runtime, components, player, world }: Game, events: MatchEvents = {}): Match {
  const { Health, Lives, Score, Autopilot } = components
  const pointsNow = (): number => Score.points[player] ?? 0
  const isIdle = (): boolean => hasComponent(world, player, Autopilot)
  let [wave, kills, earned, points] = [0, 0, 0, pointsNow()]
  let [health, lives] = [Health.points[player] as number, Lives.left[player] as number]
  /** Reads kills and wave from the scripts after the game was restored to another tick. */
  function readCounts(): void {
    for (const name of ['score', 'waves']) {
      const script = runtime.find(name)
      const state = (script === undefined ? undefined : runtime.readState(script.id)) as { kills?: number; wave?: number } | undefined
      kills = state?.kills ?? kills
      wave = state?.wave ?? wave
    }
    earned = Math.min(earned, pointsNow())
  }
  runtime.on('event', ({ name, args }) => {
    if (name === 'wave') {
      wave = Number(args[0])
      events.onWave?.(wave)
    } else if (name === 'killed') kills++
  })
  let last = 0
  runtime.on('tick', ({ tick }) => {
    const before = { health, lives, points }
    health = Health.points[player] as number
    lives = Lives.left[player] as number
    points = pointsNow()
    // After a restore, the values of the last tick are not the previous ones.
    const isNext = tick === last + 1
    last = tick
    if (!isNext) return readCounts()
    if (!isIdle()) earned += points - before.points
    if (lives < before.lives) events.onDown?.(lives)
    if (health < before.health || lives < before.lives) events.onHurt?.()
  })
  return {
    get score() {
      return pointsNow()
    },
    get earned() {
      return earned
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
    get isIdle() {
      return isIdle()
    },
  }
}
