import { createWorld, type World } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import type { Simulation, SimulationOptions } from 'bitscript/node'
import { type Components, createComponents, MEADOW } from './components.ts'
import { drift, fireflies, lantern } from './scripts.ts'

const FIREFLIES = 40
/** Where the lantern goes as long as nobody points, a second and a half to each place. */
const WALK = [
  { x: 240, y: 160 },
  { x: 720, y: 220 },
  { x: 480, y: 430 },
  { x: 150, y: 380 },
  { x: 800, y: 400 },
] as const
const WALK_TICKS = 90

/** A game: what `bitscript run` and `dev` need, and what the page needs. */
export interface Game extends Simulation {
  readonly world: World
  readonly components: Components
  /** The entity of the lantern. */
  readonly lantern: number
  /** Says where the player points. */
  point(x: number, y: number): void
}

/** Creates the game. It runs in a page, in Node and in tests: whatever draws is elsewhere, and all behaviour is in the scripts. */
export async function createSimulation({ seed }: SimulationOptions): Promise<Game> {
  const world = createWorld()
  const components = createComponents()
  const runtime = await WasmScriptRuntime.create({ world, components, seed })
  const entity = runtime.spawn({ Position: center(), Velocity: {}, Pointer: center(), Lantern: {} })
  let isPointed = false
  let tick = 0

  return {
    world,
    components,
    runtime,
    lantern: entity,
    point(x, y) {
      isPointed = true
      // A recording has what is written in this way, so that a replay is the same.
      runtime.write(entity, { Pointer: { x, y } })
    },
    async load() {
      // They run in this order.
      const lanterns = await runtime.loadModule(lantern, { order: 1 })
      const swarm = await runtime.loadModule(fireflies, { order: 2 })
      const everything = await runtime.loadModule(drift, { order: 3 })
      runtime.attach(entity, lanterns)
      runtime.attach(entity, everything)
      for (let index = 0; index < FIREFLIES; index++) {
        const firefly = runtime.spawn({
          Position: { x: spread(index, 0.618) * MEADOW.width, y: spread(index, 0.755) * MEADOW.height },
          Velocity: {},
          Glow: { size: 2 + 3 * spread(index, 0.57), hue: 52 + 36 * spread(index, 0.431) },
        })
        runtime.attach(firefly, swarm)
        runtime.attach(firefly, everything)
      }
    },
    step(dt) {
      const place = WALK[Math.floor(tick / WALK_TICKS) % WALK.length]
      if (place !== undefined && tick % WALK_TICKS === 0 && !isPointed) runtime.write(entity, { Pointer: place })
      const report = runtime.tick(dt)
      tick = report.tick
      return report
    },
  }
}

function center(): { x: number; y: number } {
  return { x: MEADOW.width / 2, y: MEADOW.height / 2 }
}

/** Returns the fraction of a multiple: such numbers are spread evenly from 0 to 1, and are the same in every game. */
function spread(index: number, step: number): number {
  return (index * step) % 1
}
