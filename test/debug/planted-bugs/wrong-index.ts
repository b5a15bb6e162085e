import type { SimulationOptions } from 'bitscript/node'
import { createPlantedGame, type PlantedGame } from './game.ts'

/** Hurts the four entities of a list in its memory each 120 ticks. Its own entity, the player, lies behind them. */
const POISON = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (import "ecs.query" "Health" (func $query (result i32)))
  (import "ecs.entity" "Health" (func $entity (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $ticks (mut i32) (i32.const 0))

  ;; The list at 16: the four victims, and behind them the one who poisoned them.
  (func $fill (local $i i32)
    (loop $next
      (i32.store (i32.add (i32.const 16) (i32.shl (local.get $i) (i32.const 2)))
        (call $entity (i32.rem_u (i32.add (local.get $i) (i32.const 1)) (call $query))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (call $query)))))

  (func $hurt (param $i i32) (local $victim i32)
    (local.set $victim (i32.load (i32.add (i32.const 16) (i32.shl (local.get $i) (i32.const 2)))))
    (call $set_points (local.get $victim) (i32.sub (call $points (local.get $victim)) (i32.const 1))))

  (func (export "tick") (param f32) (local $i i32)
    (if (i32.eqz (global.get $ticks)) (then (call $fill)))
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
    (if (i32.or (i32.rem_u (global.get $ticks) (i32.const 120)) (i32.gt_u (global.get $ticks) (i32.const 500)))
      (then (return)))
    (loop $next
      (call $hurt (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      ;; The mistake: le_u runs once more than lt_u.
      (br_if $next (i32.le_u (local.get $i) (i32.const 4))))))`

export const SCRIPTS: Readonly<Record<string, string>> = { poison: POISON }

/** A game in which a list is read one past its end. */
export const createSimulation = (options: SimulationOptions): Promise<PlantedGame> =>
  createPlantedGame({ ...options, scripts: SCRIPTS, points: 3 })
