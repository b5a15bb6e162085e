;; Fireflies flutter about. One that the lantern reaches is caught, and rises from the grass again.
(module
  (import "ecs.query" "Lantern Position" (func $lanterns (result i32)))
  (import "ecs.entity" "Lantern Position" (func $lantern (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $velocity_x (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $velocity_y (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_velocity_x (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_velocity_y (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (import "host" "log" (func $log (param i32 i32)))
  (import "emit" "caught" (func $emit_caught (param f32 f32 i32)))

  (memory (export "memory") 1)
  ;; The state: four bytes at address 0, the score. A reload copies them to the new code.
  (global (export "state") i32 (i32.const 0))
  (global (export "state_size") i32 (i32.const 4))
  (data (i32.const 16) "ten more fireflies are caught")

  (global $reach f32 (f32.const 36))
  (global $flutter f32 (f32.const 24))
  (global $lantern_x (mut f32) (f32.const 0))
  (global $lantern_y (mut f32) (f32.const 0))

  ;; Called once each tick, before update.
  (func (export "tick") (param $dt f32)
    (local $entity i32)
    (if (i32.eqz (call $lanterns)) (then (return)))
    (local.set $entity (call $lantern (i32.const 0)))
    (global.set $lantern_x (call $x (local.get $entity)))
    (global.set $lantern_y (call $y (local.get $entity))))

  (func (export "update") (param $entity i32) (param $dt f32)
    (call $set_velocity_x (local.get $entity) (call $fluttered (call $velocity_x (local.get $entity))))
    (call $set_velocity_y (local.get $entity) (call $fluttered (call $velocity_y (local.get $entity))))
    (if (f32.lt (call $distance (local.get $entity)) (global.get $reach))
      (then (call $catch (local.get $entity)))))

  ;; A velocity with a bit of chance in it.
  (func $fluttered (param $velocity f32) (result f32)
    (f32.add
      (f32.mul (local.get $velocity) (f32.const 0.98))
      (f32.mul (f32.sub (f32.demote_f64 (call $random)) (f32.const 0.5)) (global.get $flutter))))

  ;; From an entity to the lantern.
  (func $distance (param $entity i32) (result f32)
    (local $dx f32)
    (local $dy f32)
    (local.set $dx (f32.sub (call $x (local.get $entity)) (global.get $lantern_x)))
    (local.set $dy (f32.sub (call $y (local.get $entity)) (global.get $lantern_y)))
    (f32.sqrt (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))))

  (func $catch (param $entity i32)
    (local $score i32)
    (local.set $score (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (i32.store (i32.const 0) (local.get $score))
    (call $emit_caught (call $x (local.get $entity)) (call $y (local.get $entity)) (local.get $score))
    (if (i32.eqz (i32.rem_u (local.get $score) (i32.const 10)))
      (then (call $log (i32.const 16) (i32.const 29))))
    (call $set_x (local.get $entity) (f32.mul (f32.demote_f64 (call $random)) (f32.const 960)))
    (call $set_y (local.get $entity) (f32.const 540))
    (call $set_velocity_x (local.get $entity) (f32.const 0))
    (call $set_velocity_y (local.get $entity) (f32.const -80))))
