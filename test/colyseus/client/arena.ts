import type { Input } from '../../../src/colyseus/client/prediction.ts'
import type { ServerState, SyncedField } from '../../../src/colyseus/client/server-state.ts'
import { defineGame, type GameDefinition } from '../../../src/colyseus/game/define-game.ts'
import { type RunningGame, startGame } from '../../../src/colyseus/game/start-game.ts'

const FIELDS = ['Position.x', 'Position.y', 'Velocity.x', 'Velocity.y']
const ACCESS = FIELDS.map((field) => {
  const name = field.replace('.', '_')
  return `(import "ecs.get" "${field}" (func $${name} (param i32) (result f32)))
    (import "ecs.set" "${field}" (func $set_${name} (param i32 f32)))`
}).join('\n')

/** Moves what has a velocity. */
export const MOVER: string = `(module ${ACCESS}
  (func (export "update") (param $e i32) (param $dt f32)
    (call $set_Position_x (local.get $e) (f32.add (call $Position_x (local.get $e)) (f32.mul (call $Velocity_x (local.get $e)) (local.get $dt))))
    (call $set_Position_y (local.get $e) (f32.add (call $Position_y (local.get $e)) (f32.mul (call $Velocity_y (local.get $e)) (local.get $dt))))))`

/** Pushes a player as it is told; what it does not push slows down. */
export const PLAYER: string = `(module ${ACCESS}
  (func (export "on_input") (param $e i32) (param $x f32) (param $y f32)
    (call $set_Velocity_x (local.get $e) (f32.add (call $Velocity_x (local.get $e)) (f32.mul (f32.const 20) (local.get $x))))
    (call $set_Velocity_y (local.get $e) (f32.add (call $Velocity_y (local.get $e)) (f32.mul (f32.const 20) (local.get $y)))))
  (func (export "update") (param $e i32) (param $dt f32)
    (call $set_Velocity_x (local.get $e) (f32.mul (f32.const 0.9) (call $Velocity_x (local.get $e))))
    (call $set_Velocity_y (local.get $e) (f32.mul (f32.const 0.9) (call $Velocity_y (local.get $e))))))`

const components = { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } } as const
type Arena = typeof components

export const arena: GameDefinition<Arena> = defineGame({
  components,
  capacity: 4000,
  scripts: { player: PLAYER, mover: MOVER },
})

const COMPONENTS = ['Position', 'Velocity']

export const HZ = 20
const STEP = 1 / 16
export const SYNCED: readonly SyncedField[] = FIELDS.map((name) => {
  const [component, field] = name.split('.') as [string, string]
  return { component, field, step: STEP, ownStep: 0, isContinuous: true, isEntity: false }
})

/** A server with a player: its inputs come by {@link receive}, a frame of it is made after each tick. */
export class ArenaServer {
  readonly game: RunningGame<Arena>
  readonly own: number
  readonly entities: number[]
  readonly #inputs = new Map<number, Input>()
  #input: Input | undefined
  tick = 0
  missed = 0

  private constructor(game: RunningGame<Arena>) {
    this.game = game
    this.own = this.add(0, 0)
    game.runtime.attach(this.own, game.scripts.player as never)
    this.entities = [this.own]
  }

  static async start(): Promise<ArenaServer> {
    return new ArenaServer(await startGame(arena))
  }

  add(x: number, vx: number): number {
    const { runtime, scripts } = this.game
    const entity = runtime.spawn({ Position: { x }, Velocity: { x: vx } })
    runtime.attach(entity, scripts.mover as never)
    this.entities?.push(entity)
    return entity
  }

  remove(entity: number): void {
    this.game.runtime.despawn(entity)
    this.entities.splice(this.entities.indexOf(entity), 1)
  }

  receive({ tick, input }: { readonly tick: number; readonly input: Input }): void {
    if (tick > this.tick) this.#inputs.set(tick, input)
  }

  /** Runs a tick. Returns the frame. */
  step(): ServerState & { readonly waiting: number; readonly missed: number } {
    this.tick++
    const input = this.#inputs.get(this.tick)
    this.#inputs.delete(this.tick)
    if (input === undefined && this.#input !== undefined) this.missed++
    this.#input = input ?? this.#input
    if (this.#input !== undefined) applyInput(this.game.runtime as never, this.own, this.#input)
    this.game.runtime.tick(1 / HZ)
    const values = new Map(this.entities.map((entity) => [entity, this.#valuesOf(entity)]))
    return {
      fields: SYNCED,
      tick: this.tick,
      own: this.own,
      ids: [...values.keys()],
      size: values.size,
      waiting: this.#inputs.size,
      missed: this.missed,
      has: (id) => values.has(id),
      componentsOf: () => COMPONENTS,
      valuesOf: (id) => values.get(id) ?? [],
    }
  }

  #valuesOf(entity: number): number[] {
    const { Position, Velocity } = this.game.components
    const exact = [Position.x[entity], Position.y[entity], Velocity.x[entity], Velocity.y[entity]] as number[]
    return entity === this.own ? exact : exact.map((value) => Math.round(value / STEP) * STEP)
  }
}

export function applyInput(runtime: RunningGame['runtime'], entity: number, { x = 0, y = 0 }: Input): void {
  runtime.emit('input', entity, x, y)
}
