;; wind: sparks drift in a wind that turns with time.
;;
;; Lesson: a component as a mod. What it imports are functions of the game's own WIT, demo/guests/components/game.wit, and of the query that wind.wit
;; declares. `npm run guests:components` builds wind.wasm.
(module
  (import "queries" "count-life-and-velocity-and-not-bullet" (func $count (result i32)))
  (import "queries" "at-life-and-velocity-and-not-bullet" (func $at (param i32) (result i32)))
  (import "game:ecs/velocity" "get-x" (func $vx (param i32) (result f32)))
  (import "game:ecs/velocity" "get-y" (func $vy (param i32) (result f32)))
  (import "game:ecs/velocity" "set-x" (func $set_vx (param i32 f32)))
  (import "game:ecs/velocity" "set-y" (func $set_vy (param i32 f32)))
  (import "bitscript:game/time" "seconds" (func $time (result f64)))
  (import "bitscript:game/math" "sin" (func $sin (param f64) (result f64)))
  (import "bitscript:game/math" "cos" (func $cos (param f64) (result f64)))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32) (local $x f32) (local $y f32)
    (local.set $x (f32.mul (local.get $dt) (f32.demote_f64 (f64.mul (f64.const 120) (call $cos (call $time))))))
    (local.set $y (f32.mul (local.get $dt) (f32.demote_f64 (f64.mul (f64.const 120) (call $sin (call $time))))))
    (local.set $left (call $count))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $at (local.get $left)))
        (call $set_vx (local.get $eid) (f32.add (call $vx (local.get $eid)) (local.get $x)))
        (call $set_vy (local.get $eid) (f32.add (call $vy (local.get $eid)) (local.get $y)))
        (br $next)))))
