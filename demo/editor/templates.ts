/** A text that a new script begins with. */
export interface Template {
  readonly label: string
  readonly language: 'wat' | 'assemblyscript'
  readonly text: string
}

/** The texts that a new script can begin with, the first by default. */
export const TEMPLATES: readonly Template[] = [
  {
    label: 'WAT: in each tick',
    language: 'wat',
    text: `;; Turns the colours of the swarm, a little in each tick.
(module
  (import "ecs.query" "Hunter Look !Dead" (func $count (result i32)))
  (import "ecs.entity" "Hunter Look !Dead" (func $hunter (param i32) (result i32)))
  (import "ecs.get" "Look.hue" (func $hue (param i32) (result f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))

  (global $degrees_a_second f32 (f32.const 90))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32)
    (local.set $left (call $count))
    (loop $next
      (if (local.get $left)
        (then
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (local.set $eid (call $hunter (local.get $left)))
          (call $set_hue (local.get $eid)
            (f32.add (call $hue (local.get $eid)) (f32.mul (global.get $degrees_a_second) (local.get $dt))))
          (br $next))))))
`,
  },
  {
    label: 'WAT: on an event',
    language: 'wat',
    text: `;; Counts what was killed, and logs every tenth. reaper emits \`killed\`: a place, and points.
(module
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "ten more")
  (global $kills (mut i32) (i32.const 0))

  (func (export "on_killed") (param $x f32) (param $y f32) (param $points i32)
    (global.set $kills (i32.add (global.get $kills) (i32.const 1)))
    (if (i32.eqz (i32.rem_u (global.get $kills) (i32.const 10)))
      (then (call $log (i32.const 0) (i32.const 8))))))
`,
  },
  {
    label: 'AssemblyScript: in each tick',
    language: 'assemblyscript',
    text: `// Turns the colours of the swarm, a little in each tick.
import { Entity, lookHue, setLookHue } from './game'

@external("ecs.query", "Hunter Look !Dead") declare function count(): i32
@external("ecs.entity", "Hunter Look !Dead") declare function hunter(index: i32): Entity

const DEGREES_A_SECOND: f32 = 90

export function tick(dt: f32): void {
  for (let index = 0, end = count(); index < end; index++) {
    const one = hunter(index)
    setLookHue(one, lookHue(one) + DEGREES_A_SECOND * dt)
  }
}
`,
  },
]
