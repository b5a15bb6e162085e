import { addEntity, createWorld, type World } from 'bitecs'
import { type TickReport, WasmScriptRuntime } from 'bitscript'
import type { Simulation, SimulationOptions } from 'bitscript/node'
import { ARENA, type Components, createComponents, SHAPES, SOUNDS } from './components.ts'
import { type InputChange, RECORDED_INPUT } from './input.ts'

/** The scripts of the game, in the order they run. */
const SCRIPTS = ['player', 'hunter', 'mover', 'gun', 'collide', 'reaper', 'spark', 'waves', 'score', 'shield', 'stars'] as const
const FIRST_WAVE = 2400
const STARS = 200

/** A game in play: the world that scripts act in, and the door for a player's input. */
export interface Game extends Simulation {
  readonly world: World
  readonly components: Components
  /** The player's entity. */
  readonly player: number
  /** What the player holds down from now on. */
  input(x: number, y: number, fire: boolean): void
}

export interface GameOptions extends SimulationOptions {
  /** Input to play back. @default a few recorded seconds */
  readonly recorded?: readonly InputChange[]
  /** Called with the name of each sound. */
  readonly onSound?: (sound: (typeof SOUNDS)[number]) => void
}

/** A player, a sky, and the scripts that make a game of them. The behaviour is in `scripts-wat/`. */
export async function createSimulation({ seed, recorded = RECORDED_INPUT, onSound }: GameOptions): Promise<Game> {
  const world = createWorld()
  const components = createComponents()
  const { Position, Velocity, Health, Look, Score } = components
  const sounds = { shot: 0, kill: 0, hurt: 0 }
  const runtime = await WasmScriptRuntime.create({
    world,
    components,
    seed,
    host: {
      audio: {
        play(_, index: number) {
          const sound = SOUNDS[index]
          if (sound === undefined) return
          sounds[sound]++
          onSound?.(sound)
        },
      },
    },
  })
  const folder = new URL('../../scripts-wat/', import.meta.url)
  const player = addEntity(world, Position, Velocity, Health, components.Input, Look, components.Player, Score)
  // What is written in this way can be recorded and replayed.
  const input = (x: number, y: number, fire: boolean): void => runtime.write(player, { Input: { x, y, fire: Number(fire) } })
  let ticks = 0
  let played = 0

  return {
    world,
    components,
    player,
    runtime,
    folder,
    input,
    async load() {
      const ids = new Map<string, number>()
      for (const [order, name] of SCRIPTS.entries()) {
        const config = name === 'waves' ? { size: FIRST_WAVE } : null
        ids.set(name, await runtime.loadModule(new URL(`${name}.wat`, folder), { order, config }))
      }
      const attach = (entity: number, script: (typeof SCRIPTS)[number]): void => runtime.attach(entity, ids.get(script) as number)
      Position.x[player] = ARENA.width / 2
      Position.y[player] = ARENA.height / 2
      Health.points[player] = 5
      Look.shape[player] = SHAPES.indexOf('player')
      Look.size[player] = 10
      Look.hue[player] = 180
      Score.points[player] = 0
      attach(player, 'player')
      attach(player, 'shield')
      for (let index = 0; index < STARS; index++) attach(addStar(world, components, index), 'stars')
    },
    step(dt: number): TickReport {
      const change = recorded[played]
      if (change?.tick === ticks) {
        played++
        input(change.x, change.y, change.fire)
      }
      ticks++
      return runtime.tick(dt)
    },
    summary() {
      return { score: Score.points[player] ?? 0, shots: sounds.shot, kills: sounds.kill }
    },
  }
}

/** Stars lie evenly: the fractions of two irrational steps never meet. */
function addStar(world: World, { Position, Look }: Components, index: number): number {
  const star = addEntity(world, Position, Look)
  Position.x[star] = ((index * 0.6180339887498949) % 1) * ARENA.width
  Position.y[star] = ((index * 0.7548776662466927) % 1) * ARENA.height
  Look.shape[star] = SHAPES.indexOf('star')
  Look.size[star] = 1
  Look.hue[star] = 220
  return star
}
