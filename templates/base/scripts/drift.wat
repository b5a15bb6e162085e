;; Moves every entity by its velocity. What leaves the meadow on one side comes back on the other.
;; This script is WAT, the text form of WebAssembly: a call comes before what it is called with.
(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $velocity_x (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $velocity_y (param i32) (result f32)))

  ;; Called each tick, for every entity that the script is attached to.
  (func (export "update") (param $entity i32) (param $dt f32)
    (call $set_x (local.get $entity)
      (call $wrap
        (f32.add (call $x (local.get $entity)) (f32.mul (call $velocity_x (local.get $entity)) (local.get $dt)))
        (f32.const 960)))
    (call $set_y (local.get $entity)
      (call $wrap
        (f32.add (call $y (local.get $entity)) (f32.mul (call $velocity_y (local.get $entity)) (local.get $dt)))
        (f32.const 540))))

  (func $wrap (param $at f32) (param $size f32) (result f32)
    (if (f32.lt (local.get $at) (f32.const 0)) (then (return (f32.add (local.get $at) (local.get $size)))))
    (if (f32.gt (local.get $at) (local.get $size)) (then (return (f32.sub (local.get $at) (local.get $size)))))
    (local.get $at)))
