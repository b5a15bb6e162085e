import { hashWorld, type WasmScriptRuntime } from 'bitscript'
import { defineGame, type GameDefinition, type RunningGame, startGame } from 'bitscript/colyseus'
import type { ClusterRoom } from '../../src/colyseus/room/live-rooms.ts'
import type { ScriptNotice } from '../../src/colyseus/sync/room-messages.ts'

/** Moves what it runs on by `speed` a tick, and traps on an entity that is past `limit`. */
export const mover = (speed: number, limit?: number): string => `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "update") (param $e i32) (param f32)
    ${limit === undefined ? '' : `(if (f32.gt (call $x (local.get $e)) (f32.const ${limit})) (then unreachable))`}
    (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (f32.const ${speed})))))`

export const GAME: GameDefinition = defineGame({
  components: { Position: { x: 'f32' } },
  scripts: { mover: mover(1) },
  capacity: 100,
  reserve: 65_536,
})

/** A room without clients: it ticks when it is told to. */
export class FixtureRoom implements ClusterRoom {
  readonly roomId: string
  readonly game: GameDefinition
  readonly notices: ScriptNotice[] = []
  readonly #running: RunningGame
  #work: { readonly tick: number; readonly work: () => Promise<void> }[] = []
  #held: Promise<void> | undefined
  #entity = 0
  tick = 0

  private constructor(roomId: string, game: GameDefinition, running: RunningGame) {
    this.roomId = roomId
    this.game = game
    this.#running = running
  }

  /** Creates a room with an entity that moves from `x`. */
  static async create(
    roomId: string,
    { game = GAME, x = 0 }: { readonly game?: GameDefinition; readonly x?: number } = {},
  ): Promise<FixtureRoom> {
    const running = await startGame(game)
    const room = new FixtureRoom(roomId, game, running)
    const { runtime, scripts } = running
    runtime.on('error', () => undefined)
    room.#entity = runtime.spawn({ Position: { x } })
    runtime.attach(room.#entity, scripts.mover as never)
    return room
  }

  get runtime(): WasmScriptRuntime {
    return this.#running.runtime as unknown as WasmScriptRuntime
  }

  get hash(): string {
    return hashWorld(this.runtime.world, this.runtime.components)
  }

  /** The position of the entity. */
  get x(): number {
    return (this.#running.components as { Position: { x: Float32Array } }).Position.x[this.#entity] ?? Number.NaN
  }

  /** Runs a tick, unless work that must be done before is not. */
  step(): void {
    if (this.#held !== undefined) return
    this.runtime.tick(1 / 20)
    this.tick++
    this.#next()
  }

  afterTick(tick: number, work: () => Promise<void>): void {
    this.#work.push({ tick, work })
    this.#next()
  }

  tell(notice: ScriptNotice): void {
    this.notices.push(notice)
  }

  #next(): void {
    if (this.#held !== undefined) return
    const due = this.#work.find(({ tick }) => tick <= this.tick)
    if (due === undefined) return
    this.#work = this.#work.filter((each) => each !== due)
    this.#held = due.work().finally(() => {
      this.#held = undefined
      this.#next()
    })
  }
}
