import type { ModSource } from 'bitscript'

/** Moves its entities. */
export const mover: string = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $v (param i32) (result f32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid)
      (f32.add (call $x (local.get $eid)) (f32.mul (call $v (local.get $eid)) (local.get $dt))))))`

const METADATA = JSON.stringify({ name: 'counter', version: '1.2.0', description: 'counts' })

/** Counts its calls, and logs a line of each level with \`say\`. */
export const counter: string = `(module
  (import "host" "log_level" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "${METADATA.replaceAll('"', '\\"')}")
  (data (i32.const 100) "{\\"count\\":?}")
  (data (i32.const 200) "<b>line</b>")
  (global $count (mut i32) (i32.const 0))
  (func (export "get_metadata") (result i32 i32) (i32.const 0) (i32.const ${METADATA.length}))
  (func (export "count") (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "say") (param $level i32) (call $log (local.get $level) (i32.const 200) (i32.const 11)))
  (func (export "get_state") (result i32 i32)
    (i32.store8 (i32.const 109) (i32.add (i32.const 48) (global.get $count)))
    (i32.const 100) (i32.const 11))
  (func (export "set_state") (param $text i32) (param $length i32)
    (global.set $count (i32.sub (i32.load8_u (i32.add (local.get $text) (i32.const 9))) (i32.const 48)))))`

/** Traps when it is told to. */
export const faulty: string = `(module
  (func $third (param $by i32)
    ;; what is left of a hundred
    (drop (i32.div_u
      (i32.const 100)
      (local.get $by))))
  (func (export "on_break") (call $third (i32.const 0))))`

/** A mod that counts the event `open`, keeps a text, and faults at the event `jam`. */
export const doors: ModSource = {
  manifest: {
    name: 'doors',
    version: '1.2.0',
    description: 'Doors that open.',
    requires: { mods: { keys: '^1.0.0' } },
    grant: { read: ['Position', 'Velocity'], host: ['metrics', 'storage'] },
  },
  source: `(module
    (import "metrics.counter" "opened{by=hand}" (func $opened (param f64)))
    (import "storage" "set" (func $set (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "lastred")
    (func (export "init") (drop (call $set (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 3))))
    (func (export "on_open") (call $opened (f64.const 1)))
    (func (export "on_jam") unreachable))`,
}

/** A mod that takes messages. */
export const keys: ModSource = {
  manifest: { name: 'keys', version: '1.0.0' },
  source: '(module (memory (export "memory") 1) (func (export "handle_message") (param i32 i32)))',
}
