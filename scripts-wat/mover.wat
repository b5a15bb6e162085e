;; mover: everything that has a velocity moves.
;;
;; Lesson: a system. This script is attached to nothing. Its `tick` runs a query and walks the result, so that it
;; serves every entity with these components, whoever spawned it. `ecs.query` returns how many entities match and
;; `ecs.entity` gives them one by one; the result stays as it is until the query is run again.
(module
  (import "ecs.query" "Position Velocity !Dead" (func $count (result i32)))
  (import "ecs.entity" "Position Velocity !Dead" (func $entity (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))

  (global $width f32 (f32.const 1600))
  (global $height f32 (f32.const 1200))

  (func $within (param $value f32) (param $most f32) (result f32)
    (f32.max (f32.const 0) (f32.min (local.get $value) (local.get $most))))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32)
    (local.set $left (call $count))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $entity (local.get $left)))
        (call $set_x (local.get $eid)
          (call $within
            (f32.add (call $x (local.get $eid)) (f32.mul (call $vx (local.get $eid)) (local.get $dt)))
            (global.get $width)))
        (call $set_y (local.get $eid)
          (call $within
            (f32.add (call $y (local.get $eid)) (f32.mul (call $vy (local.get $eid)) (local.get $dt)))
            (global.get $height)))
        (br $next)))))
