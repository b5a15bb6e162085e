import type { SimulationOptions } from 'bitscript/node'
import { createPlantedGame, type PlantedGame } from './game.ts'

/** Hits each entity whose shield is down, each 200 ticks. */
const STORM = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (import "ecs.get" "Shield.up" (func $is_shielded (param i32) (result i32)))
  (import "host" "tick" (func $ticks (result i32)))
  (func (export "update") (param $eid i32) (param f32)
    (if (i32.rem_u (i32.add (call $ticks) (i32.const 1)) (i32.const 200)) (then (return)))
    (if (i32.eqz (call $is_shielded (local.get $eid)))
      (then
        (call $set_points (local.get $eid) (i32.sub (call $points (local.get $eid)) (i32.const 1)))))))`

/** Raises the shields for each storm, and lowers them after it. It should run before the storm, and runs after. */
const GUARD = `(module
  (import "ecs.set" "Shield.up" (func $shield (param i32 i32)))
  (import "host" "tick" (func $ticks (result i32)))
  (func (export "update") (param $eid i32) (param f32)
    (call $shield (local.get $eid)
      (i32.eqz (i32.rem_u (i32.add (call $ticks) (i32.const 1)) (i32.const 200))))))`

/** The mistake: the guard should be the first. */
export const SCRIPTS: Readonly<Record<string, string>> = { storm: STORM, guard: GUARD }

/** A game in which two scripts run in the wrong order. */
export const createSimulation = (options: SimulationOptions): Promise<PlantedGame> =>
  createPlantedGame({ ...options, scripts: SCRIPTS, points: 2 })
