import type { SimulationOptions } from 'bitscript/node'
import { createPlantedGame, type PlantedGame } from './game.ts'

/** Takes a point each 100 ticks, but never the last one. */
const HUNGER = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (import "host" "tick" (func $ticks (result i32)))
  (func (export "update") (param $eid i32) (param f32)
    (if (i32.rem_u (i32.add (call $ticks) (i32.const 1)) (i32.const 100)) (then (return)))
    (if (i32.gt_s (call $points (local.get $eid)) (i32.const 0))
      (then (call $set_points (local.get $eid) (i32.sub (call $points (local.get $eid)) (i32.const 1)))))))`

export const SCRIPTS: Readonly<Record<string, string>> = { hunger: HUNGER }
/** The tick before which the game writes. */
const WRITE_BEFORE = 433

/** A game that writes the points of the player itself. */
export const createSimulation = (options: SimulationOptions): Promise<PlantedGame> =>
  createPlantedGame({
    ...{ ...options, scripts: SCRIPTS, points: 9 },
    before(tick, { runtime, player, components }) {
      // The mistake: a fall may take six points, but not more than there are.
      if (tick === WRITE_BEFORE) runtime.write(player, { Health: { points: (components.Health.points[player] ?? 0) - 6 } })
      return undefined
    },
  })
