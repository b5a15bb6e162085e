import { defineGame, type GameDefinition } from 'bitscript/colyseus'

/** Moves entities at random, and by what is pushed; traps past `limit`. */
export const drifter = (speed: number, limit = 1e9): string => `(module
  (import "host" "random" (func $random (result f64)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "update") (param $e i32) (param f32)
    (if (f32.gt (call $x (local.get $e)) (f32.const ${limit})) (then unreachable))
    (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (f32.mul (f32.const ${speed}) (f32.demote_f64 (call $random))))))
  (func (export "on_push") (param $e i32) (param $by f32)
    (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (local.get $by)))))`

export const DRIFT: GameDefinition = defineGame({
  components: { Position: { x: 'f32' } },
  scripts: { drifter: { source: drifter(1), preserve: 'auto' } },
  capacity: 600,
  reserve: 262_144,
})
