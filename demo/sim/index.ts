import { addEntity, createWorld, type World } from 'bitecs'
import { type LoadOptions, type ScriptId, type ScriptSource, type TickReport, WasmScriptRuntime } from 'bitscript'
import type { Simulation, SimulationOptions } from 'bitscript/node'
import { ARENA, type Components, createComponents, SHAPES, SOUNDS } from './components.ts'
import { type InputChange, RECORDED_INPUT } from './input.ts'

/** The scripts of the game, in the order they run. */
export const SCRIPTS = ['player', 'hunter', 'mover', 'gun', 'collide', 'reaper', 'spark', 'waves', 'score', 'shield', 'stars'] as const
const FIRST_WAVE = 2400
const STARS = 200

const NAMES: readonly (keyof Components)[] = [
  'Position',
  'Velocity',
  'Health',
  'Life',
  'Input',
  'Look',
  'Player',
  'Hunter',
  'Bullet',
  'Stunned',
  'Shielded',
  'Dead',
  'Score',
]
/** What the game's own scripts do, and a tenth of the fuel. */
const FOREIGN: LoadOptions<keyof Components> = {
  grant: {
    read: NAMES,
    write: NAMES,
    change: NAMES,
    spawn: true,
    emit: ['hatch', 'hurt', 'killed', 'shoot', 'wave'],
    host: ['host', 'math', 'audio'],
  },
  limits: { fuel: 5_000_000, memoryPages: 16, spawnsPerTick: 3000, logsPerTick: 10 },
}

/** A game in play: the world that scripts act in, and the door for a player's input. */
export interface Game extends Simulation {
  readonly world: World
  readonly components: Components
  /** The player's entity. */
  readonly player: number
  /** What the player holds down from now on. */
  input(x: number, y: number, fire: boolean): void
}

export type ScriptName = (typeof SCRIPTS)[number]

export interface GameOptions extends SimulationOptions {
  /** Where each script comes from. @default its file in scripts-wat/ */
  readonly scripts?: Readonly<Record<ScriptName, ScriptSource>>
  /** Scripts that someone else wrote: they may use what the game's own do, and less of it. */
  readonly foreign?: readonly string[]
  /** Hunters of the first wave. @default 2400 */
  readonly swarm?: number
  /** Input to play back. @default a few recorded seconds */
  readonly recorded?: readonly InputChange[]
  /** Called with the name of each sound. */
  readonly onSound?: (sound: (typeof SOUNDS)[number]) => void
}

/** A player, a sky, and the scripts that make a game of them. The behaviour is in `scripts-wat/`. */
export async function createSimulation(options: GameOptions): Promise<Game> {
  const { seed, recorded = RECORDED_INPUT, onSound, scripts, foreign = [], swarm = FIRST_WAVE } = options
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
  const folder = new URL(/* @vite-ignore */ '../../scripts-wat/', import.meta.url)
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
      const ids = new Map<string, ScriptId>()
      for (const [order, name] of SCRIPTS.entries()) {
        const config = name === 'waves' ? { size: swarm } : null
        const source = scripts?.[name] ?? new URL(`${name}.wat`, folder)
        ids.set(name, await runtime.loadModule(source, { name, order, config, ...(foreign.includes(name) && FOREIGN) }))
      }
      const attach = (entity: number, script: ScriptName): void => runtime.attach(entity, ids.get(script) as ScriptId)
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
