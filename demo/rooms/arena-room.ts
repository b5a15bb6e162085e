import { schema, t } from '@colyseus/schema'
import type { ScriptId } from 'bitscript'
import { columns, type Keeper, q, type RoomSeat, ScriptRoom } from 'bitscript/colyseus'
import { ARENA, type Arena, type ScriptName } from './game.ts'

const STARS = 40
/** The angle between the hues of two seats, so that neighbours differ. */
const HUE_STEP = 137

/** What a page sends for each tick: where its ship steers, -1 to 1. */
const Steering = schema({ tick: t.uint32(), x: t.float32(), y: t.float32() }, 'Steering')

/** Returns the class of rooms of a game with a number of bots, which a keeper keeps. */
export function arenaRoom(game: Arena, keep: Keeper, bots: number): new () => ScriptRoom {
  return class ArenaRoom extends ScriptRoom {
    override readonly keep = keep
    override readonly game = game
    override readonly hz = 30
    override readonly inputs = this.defineInput(Steering, { seqField: 'tick' })
    override readonly sync = columns(
      { Position: q(1 / 16), Velocity: q(1 / 4), Ship: 'exact', Star: 'exact' },
      { own: ['Position', 'Velocity', 'Steer'] },
    )

    override onBegin(): void {
      const { runtime } = this
      for (let index = 0; index < STARS; index++) runtime.attach(runtime.spawn({ Position: {}, Star: {} }), this.#script('star'))
      for (let index = 0; index < bots; index++) runtime.attach(this.#spawnShip(20 + index), this.#script('bot'))
    }

    override onSeat({ index }: RoomSeat): number {
      return this.#spawnShip(index)
    }

    #spawnShip(index: number): number {
      const { runtime } = this
      const place = { x: ((index * 0.37) % 1) * ARENA.width, y: ((index * 0.61 + 0.3) % 1) * ARENA.height }
      const ship = runtime.spawn({ Position: place, Velocity: {}, Steer: {}, Ship: { hue: (index * HUE_STEP) % 360 } })
      runtime.attach(ship, this.#script('ship'))
      return ship
    }

    #script(name: ScriptName): ScriptId {
      return this.running.scripts[name] as ScriptId
    }
  }
}
