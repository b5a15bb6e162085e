;; charger: an enemy that waits, aims, and rushes in a straight line.
;;
;; Lesson: a state machine in one field. Timer.left counts down: from 2 to 0.5 seconds the charger strolls, then it
;; stands still, and below 0 it rushes until -0.7. No other state is needed, so a reload or a snapshot loses nothing.
;; waves.wat emits `charger` for each that comes in.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.has" "Stunned" (func $is_stunned (param i32) (result i32)))
  (import "ecs.remove" "Stunned" (func $unstun (param i32)))
  (import "ecs.add" "Hunter" (func $add_hunter (param i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Velocity" (func $add_velocity (param i32)))
  (import "ecs.add" "Health" (func $add_health (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.add" "Timer" (func $add_timer (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.get" "Timer.left" (func $timer (param i32) (result f32)))
  (import "ecs.set" "Timer.left" (func $set_timer (param i32 f32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (import "audio" "play" (func $play (param i32)))

  (global $stroll f32 (f32.const 50))
  (global $rush f32 (f32.const 420))
  ;; The position of the player in this tick.
  (global $prey_x (mut f32) (f32.const 800))
  (global $prey_y (mut f32) (f32.const 600))

  (func (export "on_charger") (param $at_x f32) (param $at_y f32)
    (local $eid i32)
    (local.set $eid (call $spawn))
    (call $add_hunter (local.get $eid))
    (call $add_position (local.get $eid))
    (call $add_velocity (local.get $eid))
    (call $add_health (local.get $eid))
    (call $add_look (local.get $eid))
    (call $add_timer (local.get $eid))
    (call $set_x (local.get $eid) (local.get $at_x))
    (call $set_y (local.get $eid) (local.get $at_y))
    (call $set_health (local.get $eid) (i32.const 3))
    (call $set_shape (local.get $eid) (i32.const 5))
    (call $set_size (local.get $eid) (f32.const 7))
    (call $set_hue (local.get $eid) (f32.const 30))
    ;; So that not all rush at once.
    (call $set_timer (local.get $eid) (f32.demote_f64 (f64.add (f64.const 1) (f64.mul (call $random) (f64.const 3)))))
    (call $attach (local.get $eid)))

  (func (export "tick") (param $dt f32)
    (local $prey i32)
    (if (i32.eqz (call $players)) (then (return)))
    (local.set $prey (call $player (i32.const 0)))
    (global.set $prey_x (call $x (local.get $prey)))
    (global.set $prey_y (call $y (local.get $prey))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $before f32) (local $left f32)
    ;; A charger that was hit waits again.
    (if (call $is_stunned (local.get $eid))
      (then
        (call $unstun (local.get $eid))
        (call $set_timer (local.get $eid) (f32.max (f32.const 0.5) (call $timer (local.get $eid))))))
    (local.set $before (call $timer (local.get $eid)))
    (local.set $left (f32.sub (local.get $before) (local.get $dt)))
    (if (f32.lt (local.get $left) (f32.const -0.7))
      (then (local.set $left (f32.const 2))))
    (call $set_timer (local.get $eid) (local.get $left))
    (if (f32.gt (local.get $left) (f32.const 0.5))
      (then (call $head (local.get $eid) (global.get $stroll)) (return)))
    ;; It keeps a little speed, so that it looks at the player.
    (if (f32.gt (local.get $left) (f32.const 0))
      (then (call $head (local.get $eid) (f32.const 0.01)) (return)))
    (if (f32.gt (local.get $before) (f32.const 0))
      (then
        (call $play (i32.const 7))
        (call $head (local.get $eid) (global.get $rush)))))

  ;; Sets the velocity to a speed towards the player.
  (func $head (param $eid i32) (param $speed f32)
    (local $dx f32) (local $dy f32) (local $scale f32)
    (local.set $dx (f32.sub (global.get $prey_x) (call $x (local.get $eid))))
    (local.set $dy (f32.sub (global.get $prey_y) (call $y (local.get $eid))))
    (local.set $scale (f32.div (local.get $speed) (f32.max (f32.const 1) (f32.sqrt (f32.add
      (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))))))
    (call $set_vx (local.get $eid) (f32.mul (local.get $dx) (local.get $scale)))
    (call $set_vy (local.get $eid) (f32.mul (local.get $dy) (local.get $scale)))))
