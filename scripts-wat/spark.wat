;; spark: a burst of sparks where something was killed.
;;
;; Lesson: entities for an effect. Each spark lives for less than a second and shrinks with `math.exp`. A script may spawn
;; so many entities in a tick (`limits.spawnsPerTick`). One more is a fault of this script, and the game runs on.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Velocity" (func $add_velocity (param i32)))
  (import "ecs.add" "Life" (func $add_life (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.get" "Life.left" (func $life (param i32) (result f32)))
  (import "ecs.set" "Life.left" (func $set_life (param i32 f32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))
  (import "math" "exp" (func $exp (param f64) (result f64)))

  (global $sparks i32 (i32.const 6))
  (global $seconds f32 (f32.const 0.6))

  (func (export "on_killed") (param $x f32) (param $y f32)
    (local $left i32) (local $eid i32) (local $angle f64)
    (local.set $left (global.get $sparks))
    (loop $next
      (local.set $eid (call $spawn))
      (local.set $angle (f64.mul (call $random) (f64.const 6.283185307179586)))
      (call $add_position (local.get $eid))
      (call $add_velocity (local.get $eid))
      (call $add_life (local.get $eid))
      (call $add_look (local.get $eid))
      (call $set_x (local.get $eid) (local.get $x))
      (call $set_y (local.get $eid) (local.get $y))
      (call $set_vx (local.get $eid) (f32.demote_f64 (f64.mul (f64.const 90) (call $cos (local.get $angle)))))
      (call $set_vy (local.get $eid) (f32.demote_f64 (f64.mul (f64.const 90) (call $sin (local.get $angle)))))
      (call $set_life (local.get $eid) (global.get $seconds))
      (call $set_shape (local.get $eid) (i32.const 3))
      (call $set_hue (local.get $eid) (f32.const 20))
      (call $set_size (local.get $eid) (f32.const 4))
      (call $attach (local.get $eid))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0)))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $left f32)
    (local.set $left (f32.sub (call $life (local.get $eid)) (local.get $dt)))
    (call $set_life (local.get $eid) (local.get $left))
    (if (f32.le (local.get $left) (f32.const 0))
      (then (call $despawn (local.get $eid)) (return)))
    ;; 4 px when it is new, and less and less from then on.
    (call $set_size (local.get $eid)
      (f32.demote_f64
        (f64.mul
          (f64.const 4)
          (call $exp (f64.promote_f32 (f32.mul (f32.const 3) (f32.sub (local.get $left) (global.get $seconds))))))))))
