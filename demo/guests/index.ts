import { createSimulation as createGame, type Game, type GameOptions, type ScriptName } from '../sim/index.ts'

/** The modules of other kinds that can take a script's place, each made of the source beside it. */
const GUESTS: Readonly<Partial<Record<ScriptName, string>>> = {
  score: './score.wasm',
  spark: './components/spark.wasm',
  stars: './components/stars.wasm',
}

/** Creates the game with another kind of module in the place of some scripts: `npm run sim -- --guests`. */
export function createSimulation(options: GameOptions): Promise<Game> {
  const guests = Object.fromEntries(Object.entries(GUESTS).map(([name, file]) => [name, new URL(file, import.meta.url)]))
  return createGame({ ...options, scripts: { ...guests, ...options.scripts } })
}
