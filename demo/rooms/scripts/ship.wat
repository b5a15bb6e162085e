;; ship: a ship goes where its seat steers it.
;;
;; Lesson: a script that is predicted. The server runs it for all ships, and each page runs it for its own ship, ahead of the
;; server. Its state is in components alone, which the room sends: `bitscript check --net` warns of a script that has more.
(module
  (import "ecs.set" "Steer.x" (func $set_steer_x (param i32 f32)))
  (import "ecs.set" "Steer.y" (func $set_steer_y (param i32 f32)))
  (import "ecs.get" "Steer.x" (func $steer_x (param i32) (result f32)))
  (import "ecs.get" "Steer.y" (func $steer_y (param i32) (result f32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))

  (global $thrust f32 (f32.const 900))
  (global $drag f32 (f32.const 2.5))
  (global $width f32 (f32.const 1600))
  (global $height f32 (f32.const 1000))
  (global $bounce f32 (f32.const -0.6))

  ;; The room emits an input of a seat as this event.
  (func (export "on_input") (param $eid i32) (param $x f32) (param $y f32)
    (call $set_steer_x (local.get $eid) (call $within (local.get $x) (f32.const -1) (f32.const 1)))
    (call $set_steer_y (local.get $eid) (call $within (local.get $y) (f32.const -1) (f32.const 1))))

  (func $within (param $value f32) (param $least f32) (param $most f32) (result f32)
    (f32.max (local.get $least) (f32.min (local.get $value) (local.get $most))))

  (func $faster (param $speed f32) (param $steer f32) (param $dt f32) (result f32)
    (f32.mul
      (f32.add (local.get $speed) (f32.mul (local.get $steer) (f32.mul (global.get $thrust) (local.get $dt))))
      (f32.sub (f32.const 1) (f32.mul (global.get $drag) (local.get $dt)))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $x f32) (local $y f32) (local $vx f32) (local $vy f32)
    (local.set $vx (call $faster (call $vx (local.get $eid)) (call $steer_x (local.get $eid)) (local.get $dt)))
    (local.set $vy (call $faster (call $vy (local.get $eid)) (call $steer_y (local.get $eid)) (local.get $dt)))
    (local.set $x (f32.add (call $x (local.get $eid)) (f32.mul (local.get $vx) (local.get $dt))))
    (local.set $y (f32.add (call $y (local.get $eid)) (f32.mul (local.get $vy) (local.get $dt))))
    (if (f32.ne (local.get $x) (call $within (local.get $x) (f32.const 0) (global.get $width)))
      (then (local.set $vx (f32.mul (local.get $vx) (global.get $bounce)))))
    (if (f32.ne (local.get $y) (call $within (local.get $y) (f32.const 0) (global.get $height)))
      (then (local.set $vy (f32.mul (local.get $vy) (global.get $bounce)))))
    (call $set_vx (local.get $eid) (local.get $vx))
    (call $set_vy (local.get $eid) (local.get $vy))
    (call $set_x (local.get $eid) (call $within (local.get $x) (f32.const 0) (global.get $width)))
    (call $set_y (local.get $eid) (call $within (local.get $y) (f32.const 0) (global.get $height)))))
