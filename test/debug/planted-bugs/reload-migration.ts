import type { SimulationOptions } from 'bitscript/node'
import { createPlantedGame, type PlantedGame } from './game.ts'

/** Heals each entity by a tenth of a point each second, and counts points in tenths. Its state is its version. */
const OLD = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (import "host" "tick" (func $ticks (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "1")
  (func (export "update") (param $eid i32) (param f32)
    (if (i32.eqz (i32.rem_u (i32.add (call $ticks) (i32.const 1)) (i32.const 60)))
      (then (call $set_points (local.get $eid) (i32.add (call $points (local.get $eid)) (i32.const 1))))))
  (func (export "get_state") (result i32 i32) (i32.const 0) (i32.const 1)))`

/** Counts whole points. Entities that an older version left are converted as it runs on them first. */
const NEW = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (memory (export "memory") 1) (data (i32.const 0) "2")
  (global $version (mut i32) (i32.const 2))
  (global $ticks (mut i32) (i32.const 0))
  ;; The mistake: a tenth of the points is meant.
  (func $convert (param $eid i32)
    (call $set_points (local.get $eid)
      (i32.sub (call $points (local.get $eid)) (i32.const 10))))
  (func (export "tick") (param f32)
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "update") (param $eid i32) (param f32)
    (if (i32.and (i32.lt_u (global.get $version) (i32.const 2)) (i32.eq (global.get $ticks) (i32.const 1)))
      (then (call $convert (local.get $eid)))))
  (func (export "get_state") (result i32 i32) (i32.const 0) (i32.const 1))
  (func (export "set_state") (param $text i32) (param i32)
    (global.set $version (i32.sub (i32.load8_u (local.get $text)) (i32.const 48)))))`

export const SCRIPTS: Readonly<Record<string, string>> = { heal: OLD }
/** The scripts after the reload. */
export const RELOADED: Readonly<Record<string, string>> = { heal: NEW }
/** The number of ticks before the reload. */
const RELOAD_AFTER = 300

/** A game in which a reload converts the world wrongly. */
export const createSimulation = (options: SimulationOptions): Promise<PlantedGame> =>
  createPlantedGame({
    ...{ ...options, scripts: SCRIPTS, points: 4 },
    before(tick, { runtime }) {
      const script = runtime.find('heal')
      return tick === RELOAD_AFTER && script !== undefined ? runtime.reloadModule(script.id, NEW).catch(() => undefined) : undefined
    },
  })
