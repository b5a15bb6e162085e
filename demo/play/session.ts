import { hashWorld, type ScriptSource } from 'bitscript'
import { createSimulation, type Game, type GameOptions, SCRIPTS, type ScriptName } from '../sim/index.ts'
import { Motion } from '../view/motion.ts'
import type { Wish } from './controls.ts'
import { TICK_SECONDS } from './loop.ts'

/** A game with the input of a player. */
export interface Session {
  readonly game: Game
  readonly motion: Motion
  /** Runs one tick with this input. */
  step(wish: Wish): void
}

const IDLE: Wish = { x: 0, y: 0, fire: false }

/** The scripts of the game, as the page imports them. */
export const ASSETS: Readonly<Record<ScriptName, ScriptSource>> = scriptAssets()

/** Creates a game and loads its scripts. */
export async function startSession(options: Omit<GameOptions, 'recorded'>): Promise<Session> {
  const game = await createSimulation({ scripts: ASSETS, ...options, recorded: [] })
  await game.load()
  const motion = new Motion(game)
  let last = IDLE
  return {
    game,
    motion,
    step(wish) {
      if (wish.x !== last.x || wish.y !== last.y || wish.fire !== last.fire) game.input(wish.x, wish.y, wish.fire)
      last = wish
      motion.remember()
      game.step(TICK_SECONDS)
    },
  }
}

/** Resolves with the hash of the world after a number of ticks of the recorded input. It is the same in Node. */
export async function hashAfter(ticks: number, seed: number): Promise<string> {
  const game = await createSimulation({ seed, scripts: ASSETS })
  await game.load()
  for (let tick = 0; tick < ticks; tick++) game.step(TICK_SECONDS)
  const hash = hashWorld(game.world, game.components)
  game.runtime.dispose()
  return hash
}

function scriptAssets(): Record<ScriptName, ScriptSource> {
  const modules = import.meta.glob<ScriptSource>('../../scripts-wat/*.wat', { query: '?script', import: 'default', eager: true })
  const named = Object.entries(modules).map(([path, asset]) => [/([^/]+)\.wat$/.exec(path)?.[1], asset] as const)
  const assets = Object.fromEntries(named)
  for (const name of SCRIPTS) if (assets[name] === undefined) throw new Error(`the script ${name} is missing`)
  return assets
}
