;; player: moves the player as its input says, or by itself when nobody plays.
;;
;; Lesson: input is a component. The game writes what is held into the component Input, and this script reads it like any
;; other field, so a recorded game runs exactly as it was played. After two seconds without input the script steers by
;; itself, shoots less often, and says so with the tag Autopilot. It takes the time from `host.time`, never from a clock,
;; and the curves from `math`, whose results are the same bits on every machine. To shoot it emits an event, with numbers,
;; that gun.wat handles in the next tick.
(module
  (import "ecs.get" "Input.x" (func $input_x (param i32) (result i32)))
  (import "ecs.get" "Input.y" (func $input_y (param i32) (result i32)))
  (import "ecs.get" "Input.fire" (func $input_fire (param i32) (result i32)))
  (import "ecs.get" "Input.dash" (func $input_dash (param i32) (result i32)))
  (import "ecs.get" "Input.aimX" (func $aim_x (param i32) (result i32)))
  (import "ecs.get" "Input.aimY" (func $aim_y (param i32) (result i32)))
  (import "ecs.get" "Power.left" (func $power (param i32) (result f32)))
  (import "ecs.add" "Autopilot" (func $add_autopilot (param i32)))
  (import "ecs.remove" "Autopilot" (func $remove_autopilot (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.query" "Hunter Position !Dead" (func $hunters (result i32)))
  (import "ecs.entity" "Hunter Position !Dead" (func $hunter (param i32) (result i32)))
  (import "host" "time" (func $time (result f64)))
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))
  (import "math" "atan2" (func $atan2 (param f64 f64) (result f64)))
  (import "emit" "shoot" (func $shoot (param f32 f32 f64)))

  (global $speed f32 (f32.const 180))
  (global $seconds_between_shots f32 (f32.const 0.12))
  ;; The autopilot shoots so many times less often.
  (global $autopilot_waits f32 (f32.const 6))
  (global $idle_until_autopilot f32 (f32.const 2))
  (global $idle (mut f32) (f32.const 0))
  (global $reload (mut f32) (f32.const 0))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $right i32) (local $down i32) (local $fire i32) (local $wait f32) (local $speed f32)
    (local.set $right (call $input_x (local.get $eid)))
    (local.set $down (call $input_y (local.get $eid)))
    (local.set $fire (call $input_fire (local.get $eid)))
    (if (i32.or (i32.or (local.get $right) (local.get $down)) (i32.or (local.get $fire) (call $input_dash (local.get $eid))))
      (then (global.set $idle (f32.const 0)))
      (else (global.set $idle (f32.add (global.get $idle) (local.get $dt)))))
    (if (f32.ge (global.get $idle) (global.get $idle_until_autopilot))
      (then
        (call $add_autopilot (local.get $eid))
        (call $wander (local.get $eid))
        (local.set $wait (f32.mul (global.get $autopilot_waits) (global.get $seconds_between_shots)))
        (local.set $fire (i32.const 1)))
      (else
        (call $remove_autopilot (local.get $eid))
        (local.set $wait (global.get $seconds_between_shots))
        ;; A diagonal is no faster than the rest.
        (local.set $speed (f32.mul (global.get $speed)
          (select (f32.const 0.70710678) (f32.const 1) (i32.and (local.get $right) (local.get $down)))))
        (call $set_vx (local.get $eid) (f32.mul (local.get $speed) (f32.convert_i32_s (local.get $right))))
        (call $set_vy (local.get $eid) (f32.mul (local.get $speed) (f32.convert_i32_s (local.get $down))))))
    (if (f32.gt (call $power (local.get $eid)) (f32.const 0))
      (then (local.set $wait (f32.mul (local.get $wait) (f32.const 0.5)))))
    (global.set $reload (f32.sub (global.get $reload) (local.get $dt)))
    (if (i32.and (local.get $fire) (f32.le (global.get $reload) (f32.const 0)))
      (then
        (global.set $reload (local.get $wait))
        (call $shoot (call $x (local.get $eid)) (call $y (local.get $eid)) (call $angle (local.get $eid))))))

  ;; Where the player aims; without that, where the nearest enemy is.
  (func $angle (param $eid i32) (result f64)
    (if (i32.or (call $aim_x (local.get $eid)) (call $aim_y (local.get $eid)))
      (then (return (call $atan2
        (f64.convert_i32_s (call $aim_y (local.get $eid)))
        (f64.convert_i32_s (call $aim_x (local.get $eid)))))))
    (call $aim (call $x (local.get $eid)) (call $y (local.get $eid))))

  ;; A slow figure of eight around the middle.
  (func $wander (param $eid i32)
    (local $angle f64)
    (local.set $angle (f64.mul (call $time) (f64.const 0.7)))
    (call $set_vx (local.get $eid)
      (f32.mul (global.get $speed) (f32.demote_f64 (call $cos (local.get $angle)))))
    (call $set_vy (local.get $eid)
      (f32.mul (global.get $speed) (f32.demote_f64 (call $sin (f64.mul (f64.const 2) (local.get $angle)))))))

  ;; The angle to the nearest hunter.
  (func $aim (param $from_x f32) (param $from_y f32) (result f64)
    (local $left i32) (local $eid i32) (local $dx f32) (local $dy f32) (local $distance f32)
    (local $nearest f32) (local $to_x f32) (local $to_y f32)
    (local.set $nearest (f32.const inf))
    (local.set $left (call $hunters))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $hunter (local.get $left)))
        (local.set $dx (f32.sub (call $x (local.get $eid)) (local.get $from_x)))
        (local.set $dy (f32.sub (call $y (local.get $eid)) (local.get $from_y)))
        (local.set $distance
          (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy))))
        (if (f32.lt (local.get $distance) (local.get $nearest))
          (then
            (local.set $nearest (local.get $distance))
            (local.set $to_x (local.get $dx))
            (local.set $to_y (local.get $dy))))
        (br $next)))
    (call $atan2 (f64.promote_f32 (local.get $to_y)) (f64.promote_f32 (local.get $to_x)))))
