import { addEntity, createRelation, createWorld, type World } from 'bitecs'
import { type LoadOptions, type ScriptId, type ScriptSource, type TickReport, WasmScriptRuntime } from 'bitscript'
import type { Simulation, SimulationOptions } from 'bitscript/node'
import { ARENA, type Components, createComponents, SHAPES, SOUNDS } from './components.ts'
import { type InputChange, RECORDED_INPUT, type Wish } from './input.ts'

/** The scripts of the game, in the order in which they run. */
export const SCRIPTS = [
  'player',
  'dash',
  'hunter',
  'charger',
  'spitter',
  'boss',
  'spread',
  'mover',
  'gun',
  'shot',
  'collide',
  'pickup',
  'reaper',
  'spark',
  'waves',
  'score',
  'shield',
  'stars',
] as const
const FIRST_WAVE = 150
const FULL_HEALTH = 3
const LIVES = 3
const STARS = 200
/** Rows of the ground that the mod terrain makes, and the fuel that it has for them in a tick. */
const TERRAIN_ROWS = 240
const TERRAIN_FUEL = 1_000_000

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
  'Lives',
  'Dash',
  'Power',
  'Timer',
  'Pickup',
  'Autopilot',
  'Score',
]
/** Options for scripts that are not the game's own: they may import what the game's own scripts import, with a tenth of the fuel. */
export const FOREIGN: LoadOptions<keyof Components> = {
  grant: {
    read: NAMES,
    write: NAMES,
    change: NAMES,
    spawn: true,
    emit: ['hatch', 'charger', 'spitter', 'boss', 'spit', 'blast', 'hurt', 'killed', 'over', 'shoot', 'wave'],
    host: ['host', 'math', 'audio'],
  },
  limits: { fuel: 5_000_000, memoryPages: 16, spawnsPerTick: 3000, logsPerTick: 10 },
}

/** A running game: its world, and a method for the input of the player. */
export interface Game extends Simulation {
  readonly world: World
  readonly components: Components
  /** The player's entity. */
  readonly player: number
  /** Sets the input of the player. */
  input(wish: Wish): void
}

/** The name of a script of the game. */
export type ScriptName = (typeof SCRIPTS)[number]

/** Options of {@link createSimulation}. */
export interface GameOptions extends SimulationOptions {
  /** The source of each script. @default its file in scripts-wat/ */
  readonly scripts?: Readonly<Partial<Record<ScriptName, ScriptSource>>>
  /** Further scripts, with lower limits, by name. @default none */
  readonly added?: ReadonlyMap<string, ScriptSource>
  /** Names of scripts that are not the game's own, and run with lower limits. @default [] */
  readonly foreign?: readonly string[]
  /** Enemies of the first wave; the second has twice as many, the third four times. @default 150 */
  readonly swarm?: number
  /** Stars behind the game, which take much of the time of a tick. @default 200 */
  readonly stars?: number
  /** Recorded input of the player. @default RECORDED_INPUT */
  readonly recorded?: readonly InputChange[]
  /** Called with the name of each sound. */
  readonly onSound?: (sound: (typeof SOUNDS)[number]) => void
}

/** Creates a game with a player and stars. All behaviour is in the scripts in `scripts-wat/`. */
export async function createSimulation(options: GameOptions): Promise<Game> {
  const { seed, recorded = RECORDED_INPUT, onSound, scripts, added = new Map(), foreign = [], swarm = FIRST_WAVE, stars = STARS } = options
  const world = createWorld()
  const components = createComponents()
  const { Position, Velocity, Health, Look, Lives, Dash, Power, Score } = components
  const sounds = Object.fromEntries(SOUNDS.map((name) => [name, 0])) as Record<(typeof SOUNDS)[number], number>
  const runtime = await WasmScriptRuntime.create({
    world,
    components,
    // For squad.wat: a hunter follows at most one other.
    relations: { Follows: createRelation({ exclusive: true }) },
    seed,
    // For news.wat. A script reaches the hosts that it is granted, and those of the game are granted none.
    http: true,
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
  const player = addEntity(world, Position, Velocity, Health, components.Input, Look, components.Player, Lives, Dash, Power, Score)
  // `runtime.write` is recorded, and so can be replayed.
  const input = ({ x, y, fire, dash = false, aimX = 0, aimY = 0 }: Wish): void =>
    runtime.write(player, { Input: { x, y, fire: Number(fire), dash: Number(dash), aimX, aimY } })
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
      for (const [name, source] of added) await runtime.loadModule(source, { name, ...FOREIGN })
      const attach = (entity: number, script: ScriptName): void => runtime.attach(entity, ids.get(script) as ScriptId)
      Position.x[player] = ARENA.width / 2
      Position.y[player] = ARENA.height / 2
      Health.points[player] = FULL_HEALTH
      Lives.left[player] = LIVES
      Look.shape[player] = SHAPES.indexOf('player')
      Look.size[player] = 10
      Look.hue[player] = 180
      Score.points[player] = 0
      attach(player, 'player')
      attach(player, 'dash')
      attach(player, 'shield')
      for (let index = 0; index < stars; index++) attach(addStar(world, components, index), 'stars')
    },
    step(dt: number): TickReport {
      const change = recorded[played]
      if (change?.tick === ticks) {
        played++
        input(change)
      }
      ticks++
      return runtime.tick(dt)
    },
    useMods(mods) {
      const terrain = mods.get('terrain')
      if (terrain !== undefined) growTerrain(runtime, terrain.script)
    },
    summary() {
      return { score: Score.points[player] ?? 0, shots: sounds.shot, kills: sounds.kill }
    },
  }
}

/** Lets the mod that makes the ground do it a few rows a tick. */
function growTerrain(runtime: Pick<WasmScriptRuntime, 'job'>, terrain: ScriptId): void {
  const rows = Array.from({ length: TERRAIN_ROWS }, (_, row) => Uint8Array.of(row))
  runtime.job(terrain, rows, { fuelPerTick: TERRAIN_FUEL })
}

/** Adds a star. Multiples of two irrational numbers distribute the stars evenly. */
function addStar(world: World, { Position, Look }: Components, index: number): number {
  const star = addEntity(world, Position, Look)
  Position.x[star] = ((index * 0.6180339887498949) % 1) * ARENA.width
  Position.y[star] = ((index * 0.7548776662466927) % 1) * ARENA.height
  Look.shape[star] = SHAPES.indexOf('star')
  Look.size[star] = 1
  Look.hue[star] = 220
  return star
}
