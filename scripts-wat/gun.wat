;; gun: turns `shoot` events into bullets, and removes bullets after their time.
;;
;; Lesson: from `spawn` to `despawn`. This script spawns bullets and attaches itself to each. The runtime calls `on_attach`
;; for a new bullet before its first `update`; there the script sets how long it lives. `spawn` takes effect at once,
;; `despawn` when the script's run ends, so that no entity disappears during a loop. The script counts bullets with a
;; query: a counter in a global would be lost in a reload, which does not call `on_attach` again.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.query" "Bullet !Dead" (func $bullets (result i32)))
  (import "ecs.add" "Bullet" (func $add_bullet (param i32)))
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
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))
  (import "host" "random" (func $random (result f64)))
  ;; A host function of this game's own.
  (import "audio" "play" (func $play (param i32)))

  (global $bullets_a_shot i32 (i32.const 3))
  (global $spread f64 (f64.const 0.25))
  (global $speed f64 (f64.const 520))
  (global $seconds f32 (f32.const 1.4))

  ;; The host can ask: runtime.call(id, 'in_flight')
  (func (export "in_flight") (result i32) (call $bullets))

  (func (export "on_attach") (param $eid i32)
    (call $set_life (local.get $eid) (global.get $seconds)))

  (func (export "on_shoot") (param $x f32) (param $y f32) (param $angle f64)
    (local $left i32)
    (call $play (i32.const 0))
    (local.set $left (global.get $bullets_a_shot))
    (loop $next
      (call $fire (local.get $x) (local.get $y)
        (f64.add
          (local.get $angle)
          (f64.mul (global.get $spread) (f64.sub (call $random) (f64.const 0.5)))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0)))))

  (func $fire (param $x f32) (param $y f32) (param $angle f64)
    (local $eid i32)
    (local.set $eid (call $spawn))
    (call $add_bullet (local.get $eid))
    (call $add_position (local.get $eid))
    (call $add_velocity (local.get $eid))
    (call $add_life (local.get $eid))
    (call $add_look (local.get $eid))
    (call $set_x (local.get $eid) (local.get $x))
    (call $set_y (local.get $eid) (local.get $y))
    (call $set_vx (local.get $eid) (f32.demote_f64 (f64.mul (global.get $speed) (call $cos (local.get $angle)))))
    (call $set_vy (local.get $eid) (f32.demote_f64 (f64.mul (global.get $speed) (call $sin (local.get $angle)))))
    (call $set_shape (local.get $eid) (i32.const 2))
    (call $set_size (local.get $eid) (f32.const 3))
    (call $set_hue (local.get $eid) (f32.const 50))
    (call $attach (local.get $eid)))

  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_life (local.get $eid) (f32.sub (call $life (local.get $eid)) (local.get $dt)))
    (if (f32.le (call $life (local.get $eid)) (f32.const 0))
      (then (call $despawn (local.get $eid))))))
