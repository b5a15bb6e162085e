import type { SimulationOptions } from 'bitscript/node'
import { createPlantedGame, type PlantedGame } from './game.ts'

/** Moves everything, and bites what comes by at tick 411. */
const SNAKE = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "emit" "bite" (func $bite (param i32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.const 0.25)))
    (if (f32.eq (call $x (local.get $eid)) (f32.const 112.75))
      (then (call $bite (local.get $eid))))))`

/** Takes a point for each bite. */
const HEALTH = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (func (export "on_bite") (param $eid i32)
    (call $set_points (local.get $eid) (i32.sub (call $points (local.get $eid)) (i32.const 1)))))`

/** The mistake: it takes a point for the same bite, which is why a bite takes two. */
const VENOM = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (func $sting (param $eid i32) (param $by i32)
    (call $set_points (local.get $eid)
      (i32.sub (call $points (local.get $eid)) (local.get $by))))
  (func (export "on_bite") (param $eid i32)
    (call $sting (local.get $eid) (i32.const 1))))`

export const SCRIPTS: Readonly<Record<string, string>> = { snake: SNAKE, health: HEALTH, venom: VENOM }

/** A game in which two scripts handle the same event. */
export const createSimulation = (options: SimulationOptions): Promise<PlantedGame> =>
  createPlantedGame({ ...options, scripts: SCRIPTS, points: 1 })
