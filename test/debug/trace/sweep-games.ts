import type { ScriptSource } from 'bitscript'
import { ALLOCATOR, componentOf } from '../../fixtures/component.ts'
import { plugin, steppingPlugin } from '../../fixtures/plugin.ts'

/** Scripts that end in all ways. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  'fields and branches': `(module
    (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
    (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
    (import "ecs.get" "Position.y" (func $y (param i32) (result f64)))
    (import "ecs.set" "Position.y" (func $set_y (param i32 f64)))
    (import "ecs.get" "Health.small" (func $small (param i32) (result i32)))
    (import "ecs.set" "Health.small" (func $set_small (param i32 i32)))
    (import "ecs.set" "plain.hp" (func $set_hp (param i32 f64)))
    (import "ecs.get" "plain.hp" (func $hp (param i32) (result f64)))
    (func (export "update") (param $eid i32) (param $dt f32) (local $n i32) (local $big i64)
      (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (local.get $dt)))
      (if (f32.gt (call $x (local.get $eid)) (f32.const 1))
        (then (call $set_y (local.get $eid) (f64.add (call $y (local.get $eid)) (f64.const 0.5))))
        (else (local.set $n (i32.const 3))))
      local.get $eid
      local.get $eid call $small
      i32.const 200 i32.add
      call $set_small
      (call $set_hp (local.get $eid) (f64.add (call $hp (local.get $eid)) (f64.const 1)))
      (block $out
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $big (i64.extend_i32_u (local.get $n))))))`,
  'calls, loops and traps': `(module
    (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (memory (export "memory") 1)
    (global $sum (mut i32) (i32.const 0))
    (table 3 funcref) (elem (i32.const 0) $one $two)
    (type $f (func (param i32) (result i32)))
    (func $one (param $a i32) (result i32) (i32.add (local.get $a) (i32.const 1)))
    (func $two (param $a i32) (result i32) (i32.mul (local.get $a) (i32.const 2)))
    (func $fib (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func $fill (param $n i32) (local $i i32)
      (loop $next
        (i32.store8 (local.get $i) (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n)))))
    (func (export "tick") (param f32)
      (call $fill (i32.const 20))
      (global.set $sum (i32.add (global.get $sum) (call $fib (i32.const 6)))))
    (func (export "update") (param $eid i32) (param f32)
      (call $set_points (local.get $eid)
        (call_indirect (type $f) (call $points (local.get $eid)) (i32.rem_u (global.get $sum) (i32.const 2))))
      (if (i32.eq (call $points (local.get $eid)) (i32.const 5)) (then (unreachable)))
      (if (i32.gt_u (call $points (local.get $eid)) (i32.const 6))
        (then (drop (i32.div_u (local.get $eid) (i32.sub (local.get $eid) (local.get $eid)))))))
    (func (export "on_hit") (param i32 i32) (global.set $sum (i32.add (local.get 0) (global.get $sum)))))`,
  'out of range': `(module
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (func $deep (param i32) (call $set_points (local.get 0) (i32.const 9)))
    (func (export "update") (param $eid i32) (param f32)
      (call $deep (local.get $eid))
      (call $deep (i32.mul (local.get $eid) (i32.const 40)))))`,
  overflow: `(module
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (func $deep (param $eid i32) (result i32) (i32.add (call $deep (local.get $eid)) (i32.const 1)))
    (func (export "update") (param $eid i32) (param f32)
      (call $set_points (local.get $eid) (i32.const 1))
      (call $set_points (local.get $eid) (call $deep (local.get $eid)))))`,
  exceptions: `(module
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
    (import "game" "fail" (func $fail))
    (tag $odd (param i32))
    (func $inner (param $eid i32) (result i32)
      (if (i32.and (local.get $eid) (i32.const 1)) (then (throw $odd (local.get $eid))))
      (i32.const 7))
    (func $outer (param $eid i32) (result i32) (call $inner (local.get $eid)))
    (func (export "update") (param $eid i32) (param f32)
      (try
        (do (call $set_points (local.get $eid) (call $outer (local.get $eid))))
        (catch $odd (call $set_points (local.get $eid))))
      (call $set_points (local.get $eid) (i32.add (call $points (local.get $eid)) (call $outer (i32.const 2))))
      (try (do (if (i32.eq (local.get $eid) (i32.const 3)) (then (call $fail)))) (catch_all (nop)))
      (call $set_points (local.get $eid) (i32.const 40))))`,
  'events, entities and the host': `(module
    (import "emit" "hit" (func $hit (param i32 i32)))
    (import "ecs" "spawn" (func $spawn (result i32)))
    (import "ecs" "despawn" (func $despawn (param i32)))
    (import "ecs.add" "Health" (func $add (param i32)))
    (import "ecs.query" "Health !Dead" (func $query (result i32)))
    (import "ecs.entity" "Health !Dead" (func $entity (param i32) (result i32)))
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (import "host" "random" (func $random (result f64)))
    (import "host" "log" (func $log (param i32 i32)))
    (import "game" "twice" (func $twice (param i32) (result i32)))
    (import "math" "sin" (func $sin (param f64) (result f64)))
    (memory (export "memory") 1) (data (i32.const 0) "hello")
    (func (export "on_attach") (param $eid i32) (call $set_points (local.get $eid) (i32.const 100)))
    (func (export "on_hit") (param $eid i32) (param $by i32)
      (call $set_points (local.get $eid) (call $twice (local.get $by))))
    (func (export "tick") (param f32) (local $i i32) (local $new i32)
      (if (i32.lt_u (call $query) (i32.const 6)) (then
        (local.set $new (call $spawn))
        (call $add (local.get $new))))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $i) (call $query)))
        (call $set_points (call $entity (local.get $i)) (i32.trunc_f64_s (f64.mul (call $random) (f64.const 100))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (call $log (i32.const 0) (i32.const 5))
      (drop (call $sin (call $random))))
    (func (export "update") (param $eid i32) (param f32)
      (call $hit (local.get $eid) (i32.const 1))
      (if (f64.gt (call $random) (f64.const 0.9)) (then (call $despawn (local.get $eid))))))`,
  reentrancy: `(module
    (import "game" "ask" (func $ask (param i32) (result i32)))
    (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
    (func $deep (param $n i32) (result i32)
      (if (result i32) (local.get $n)
        (then (call $deep (i32.sub (local.get $n) (i32.const 1))))
        (else (call $ask (i32.const 1)))))
    (func (export "answer") (param $n i32) (result i32)
      (if (result i32) (local.get $n) (then (call $ask (i32.const 0))) (else (i32.const 42))))
    (func (export "update") (param $eid i32) (param f32)
      (call $set_points (local.get $eid) (call $deep (local.get $eid)))))`,
  'several entities at once': `(module
    (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
    (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
    (func (export "update") (param $eid i32) (param $dt f32) (local $next f32)
      (local.set $next (f32.add (call $x (local.get $eid)) (local.get $dt)))
      (if (f32.gt (local.get $next) (f32.const 1.5))
        (then (local.set $next (f32.neg (local.get $next)))))
      (call $set_x (local.get $eid) (local.get $next))))`,
}

const PLUGIN = plugin(
  `(data (i32.const 0) "v")
  (global $sum (mut i32) (i32.const 0))
  (func $keep (param $value i32)
    (i32.store8 (i32.const 8) (local.get $value))
    (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $block (i32.const 8) (i32.const 1))))
  (func (export "tick") (result i32)
    (global.set $sum (i32.add (global.get $sum) (call $input (i32.const 64))))
    (call $keep (global.get $sum))
    (call $output (i32.const 64) (i32.const 4))
    (i32.const 0))
  (func (export "update") (param $eid i32) (param $dt f32) (local $before i64)
    (local.set $before (call $var_get (call $block (i32.const 0) (i32.const 1))))
    (call $set_points (local.get $eid) (i32.add (call $points (local.get $eid)) (call $load_u8 (local.get $before))))
    (if (i32.gt_u (call $points (local.get $eid)) (i32.const 150)) (then (unreachable))))
  (func (export "on_hit") (result i32) (call $log_info (call $block (i32.const 0) (i32.const 1))) (i32.const 0))`,
  `(import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))`,
)

/** Returns guests of other kinds: a plugin, a plugin of two modules, and a component. */
export async function createGuests(): Promise<Readonly<Record<string, ScriptSource>>> {
  const { 'steps.wasm': steps, 'main.wasm': main } = await steppingPlugin(3)
  const wit = `package game:script;
    world script {
      import game:ecs/position; import game:ecs/health; import bitscript:game/log; import bitscript:game/math;
      export tick: func(dt: f32); export update: func(entity: u32, dt: f32); export on-hit: func(first: s32, second: s32);
    }
    package game:ecs {
      interface position { get-x: func(entity: u32) -> f32; set-x: func(entity: u32, value: f32); }
      interface health { get-points: func(entity: u32) -> s32; set-points: func(entity: u32, value: s32); }
    }
    package bitscript:game { interface log { write: func(message: string); } interface math { random: func() -> f64; } }`
  const core = `(module
    (import "game:ecs/position" "get-x" (func $x (param i32) (result f32)))
    (import "game:ecs/position" "set-x" (func $set_x (param i32 f32)))
    (import "game:ecs/health" "get-points" (func $points (param i32) (result i32)))
    (import "game:ecs/health" "set-points" (func $set_points (param i32 i32)))
    (import "bitscript:game/log" "write" (func $log (param i32 i32)))
    (import "bitscript:game/math" "random" (func $random (result f64)))
    ${ALLOCATOR} (data (i32.const 0) "hello")
    (func (export "tick") (param f32) (call $log (i32.const 0) (i32.const 5)))
    (func (export "on-hit") (param i32 i32) (drop (call $random)))
    (func (export "update") (param $eid i32) (param $dt f32)
      (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (local.get $dt)))
      (call $set_points (local.get $eid) (i32.trunc_f64_s (f64.mul (call $random) (f64.const 9))))
      (if (i32.gt_u (call $points (local.get $eid)) (i32.const 7)) (then (unreachable)))))`
  const bytes = (data: Uint8Array<ArrayBuffer>): { data: Uint8Array<ArrayBuffer> } => ({ data })
  return {
    'a plugin': PLUGIN,
    'a plugin of two modules': {
      wasm: [
        { name: 'steps', ...bytes(steps) },
        { name: 'main', ...bytes(main) },
      ],
    },
    'a component': await componentOf(core, wit),
  }
}
