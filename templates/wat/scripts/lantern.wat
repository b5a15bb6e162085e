;; The lantern flies to where the player points: the farther away that is, the faster.
(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.get" "Pointer.x" (func $pointer_x (param i32) (result f32)))
  (import "ecs.get" "Pointer.y" (func $pointer_y (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_velocity_x (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_velocity_y (param i32 f32)))

  (global $haste f32 (f32.const 4))

  (func (export "update") (param $entity i32) (param $dt f32)
    (call $set_velocity_x (local.get $entity)
      (f32.mul (f32.sub (call $pointer_x (local.get $entity)) (call $x (local.get $entity))) (global.get $haste)))
    (call $set_velocity_y (local.get $entity)
      (f32.mul (f32.sub (call $pointer_y (local.get $entity)) (call $y (local.get $entity))) (global.get $haste)))))
