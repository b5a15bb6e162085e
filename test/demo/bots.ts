import { query } from 'bitecs'
import { followMatch, type Match } from '../../demo/play/match.ts'
import { SHAPES } from '../../demo/sim/components.ts'
import { createSimulation, type Game } from '../../demo/sim/index.ts'
import type { Direction, Wish } from '../../demo/sim/input.ts'

/** Plays a game: returns what to press from this tick on, `undefined` for the same as before. */
export type Bot = (game: Game, tick: number) => Wish | undefined

const DIRECTIONS = ([-1, 0, 1] as const).flatMap((x) => ([-1, 0, 1] as const).map((y) => [x, y] as const))
const PLAYER_SPEED = 180
/** Ticks between two decisions, as of a person who reacts in a quarter of a second. */
const REACTION = 15
const SIGHT = 110

/** Touches nothing. */
export const handsOff: Bot = () => undefined

/** Fires and never moves. */
export const standStill: Bot = (_, tick) => (tick === 0 ? { x: 0, y: 0, fire: true } : undefined)

/** Runs in a circle, whatever comes. */
export const runInCircles: Bot = (_, tick) => {
  if (tick % 20 !== 0) return undefined
  const angle = (tick / 20) * 0.35
  const step = (part: number): Direction => (Math.abs(part) < 0.38 ? 0 : (Math.sign(part) as Direction))
  return { x: step(Math.cos(angle)), y: step(Math.sin(angle)), fire: true }
}

/** Looks around four times a second, goes where the least is near, picks up what lies there, and dashes out of a crowd. */
export const takeCare: Bot = ({ world, components: { Position, Velocity, Look, Pickup }, player }, tick) => {
  if (tick % REACTION !== 0) return undefined
  const [atX, atY] = [Position.x[player] as number, Position.y[player] as number]
  const enemies: { x: number; y: number; right: number; down: number; size: number }[] = []
  for (const each of query(world, [Look, Velocity])) {
    const shape = SHAPES[Look.shape[each] as number]
    if (shape === 'player' || shape === 'bullet' || shape === 'spark') continue
    const [x, y] = [(Position.x[each] as number) - atX, (Position.y[each] as number) - atY]
    if (x * x + y * y > SIGHT * SIGHT) continue
    enemies.push({
      ...{ x, y, right: Velocity.x[each] as number, down: Velocity.y[each] as number },
      size: (Look.size[each] as number) + 4,
    })
  }
  const pickups = [...query(world, [Pickup])]
  let best: { readonly x: Direction; readonly y: Direction; readonly worth: number } | undefined
  for (const [x, y] of DIRECTIONS) {
    const length = Math.hypot(x, y) || 1
    const [right, down] = [x / length, y / length]
    const [thereX, thereY] = [atX + right * 90, atY + down * 90]
    let worth = -Math.hypot(thereX - 800, thereY - 600) / 670
    const edge = Math.min(thereX, 1600 - thereX, thereY, 1200 - thereY)
    if (edge < 120) worth -= (120 - edge) / 60
    for (const pickup of pickups) {
      const far = Math.hypot((Position.x[pickup] as number) - thereX, (Position.y[pickup] as number) - thereY)
      worth += Math.max(0, (1.5 * (250 - far)) / 250)
    }
    for (const enemy of enemies) {
      for (const seconds of [0.12, 0.3, 0.5]) {
        const offX = enemy.x + (enemy.right - right * PLAYER_SPEED) * seconds
        const offY = enemy.y + (enemy.down - down * PLAYER_SPEED) * seconds
        worth -= 400 / Math.max(1, Math.hypot(offX, offY) - enemy.size) ** 2
      }
    }
    if (best === undefined || worth > best.worth) best = { x, y, worth }
  }
  const near = enemies.filter(({ x, y }) => x * x + y * y < 32 * 32).length
  return { x: best?.x ?? 0, y: best?.y ?? 0, fire: true, dash: near >= 2 }
}

/** What a bot reached. */
export interface Outcome extends Pick<Match, 'wave' | 'score' | 'earned' | 'lives'> {
  readonly seconds: number
}

interface Plan {
  readonly seed?: number
  readonly seconds?: number
  readonly untilWave?: number
}

/** Lets a bot play until it has lost all lives, has reached a wave, or the time is over. */
export async function letPlay(bot: Bot, { seed = 2, seconds = 300, untilWave = Number.POSITIVE_INFINITY }: Plan = {}): Promise<Outcome> {
  const game = await createSimulation({ seed, recorded: [], stars: 0 })
  game.runtime.on('log', () => undefined)
  game.runtime.on('error', (error) => {
    throw error
  })
  await game.load()
  const match = followMatch(game)
  let tick = 0
  for (; tick < seconds * 60 && match.lives > 0 && match.wave < untilWave; tick++) {
    const wish = bot(game, tick)
    if (wish !== undefined) game.input(wish)
    game.step(1 / 60)
  }
  game.runtime.dispose()
  return { seconds: tick / 60, wave: match.wave, score: match.score, earned: match.earned, lives: match.lives }
}
