import { createWorld } from 'bitecs'
import { type DefinedComponents, defineComponents, type ScriptSource, WasmScriptRuntime } from 'bitscript'
import type { Simulation, SimulationOptions } from 'bitscript/node'

const SCHEMA = { Position: { x: 'f32', y: 'f32' }, Health: { points: 'i32' }, Shield: { up: 'i32' } } as const

/** A game of a few entities, in which something goes wrong. */
export interface PlantedGame extends Simulation {
  readonly components: DefinedComponents<typeof SCHEMA>
  /** The player's entity. */
  readonly player: number
  /** Resolves when the reloads that `step` began are done. A game that is stepped without waiting gets them in a later tick. */
  settle(): Promise<unknown>
}

/** What a game is made of. */
export interface GameParts extends SimulationOptions {
  /** The scripts by name, in the order in which they run. */
  readonly scripts: Readonly<Record<string, ScriptSource>>
  /** The points of the player at the start. */
  readonly points: number
  /** What the game does before a tick, `tick` being the number in its report. A promise is waited for by `settle`. */
  readonly before?: (tick: number, game: PlantedGame) => Promise<unknown> | undefined
}

/** The first entity that a game adds is the player. */
export const PLAYER = 1

/** Makes a game: its player and four others, on which all scripts run. */
export async function createPlantedGame({ seed, scripts, points, before }: GameParts): Promise<PlantedGame> {
  const components = defineComponents(SCHEMA, { capacity: 64 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, seed })
  let began: Promise<unknown> | undefined
  let ticks = 0
  // Before the scripts, which have entities, too.
  const player = runtime.spawn({ Position: { x: 10 }, Health: { points }, Shield: {} })
  const game: PlantedGame = {
    ...{ runtime, components, player },
    async load() {
      const others = [20, 30, 40, 50].map((x) => runtime.spawn({ Position: { x }, Health: { points: 1000 }, Shield: {} }))
      for (const [name, source] of Object.entries(scripts)) {
        const id = await runtime.loadModule(source, { name })
        for (const entity of [player, ...others]) runtime.attach(entity, id)
      }
    },
    step(dt) {
      ticks++
      began = before?.(ticks, game) ?? began
      return runtime.tick(dt)
    },
    settle: async () => began,
  }
  return game
}
