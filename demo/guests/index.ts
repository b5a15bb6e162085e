import { createSimulation as createGame, type Game, type GameOptions, GUESTS } from '../sim/index.ts'

/** Creates the game with another kind of module in the place of each script in `GUESTS`: `npm run sim -- --guests`. */
export function createSimulation(options: GameOptions): Promise<Game> {
  const guests = Object.fromEntries(GUESTS.map((name) => [name, new URL(`./${name}.wasm`, import.meta.url)]))
  return createGame({ ...options, scripts: { ...guests, ...options.scripts } })
}
