;; dash: a short leap of the player out of a crowd.
;;
;; Lesson: two scripts on one entity. player.wat runs first and sets the velocity; this one runs after it and overrides it as
;; long as the dash takes. What must last from tick to tick is in fields of the entity, Dash.left and Dash.rest, so
;; that other scripts can read it: collide.wat and shot.wat hurt nobody who dashes.
(module
  (import "ecs.get" "Input.dash" (func $wants (param i32) (result i32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.get" "Dash.left" (func $left (param i32) (result f32)))
  (import "ecs.set" "Dash.left" (func $set_left (param i32 f32)))
  (import "ecs.get" "Dash.rest" (func $rest (param i32) (result f32)))
  (import "ecs.set" "Dash.rest" (func $set_rest (param i32 f32)))
  (import "audio" "play" (func $play (param i32)))

  (global $times_faster f32 (f32.const 4))
  (global $seconds f32 (f32.const 0.18))
  (global $seconds_of_rest f32 (f32.const 1.5))

  (func $less (param $value f32) (param $dt f32) (result f32)
    (f32.max (f32.const 0) (f32.sub (local.get $value) (local.get $dt))))

  (func (export "update") (param $player i32) (param $dt f32)
    (call $set_left (local.get $player) (call $less (call $left (local.get $player)) (local.get $dt)))
    (call $set_rest (local.get $player) (call $less (call $rest (local.get $player)) (local.get $dt)))
    (if (i32.and
      (call $wants (local.get $player))
      (f32.eq (call $rest (local.get $player)) (f32.const 0)))
      (then
        (call $set_left (local.get $player) (global.get $seconds))
        (call $set_rest (local.get $player) (global.get $seconds_of_rest))
        (call $play (i32.const 3))))
    (if (f32.gt (call $left (local.get $player)) (f32.const 0))
      (then
        (call $set_vx (local.get $player) (f32.mul (global.get $times_faster) (call $vx (local.get $player))))
        (call $set_vy (local.get $player) (f32.mul (global.get $times_faster) (call $vy (local.get $player))))))))
