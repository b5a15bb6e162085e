;; bot: steers a ship to the nearest star.
;;
;; Lesson: a script that only the server runs. Its ships differ from those of players in this script alone: it writes what the
;; seat of a player would send.
(module
  (import "ecs.query" "Star Position" (func $stars (result i32)))
  (import "ecs.entity" "Star Position" (func $star (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Steer.x" (func $set_steer_x (param i32 f32)))
  (import "ecs.set" "Steer.y" (func $set_steer_y (param i32 f32)))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $left i32) (local $star i32) (local $dx f32) (local $dy f32)
    (local $distance f32) (local $nearest f32) (local $to_x f32) (local $to_y f32)
    (local.set $nearest (f32.const inf))
    (local.set $left (call $stars))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $star (call $star (local.get $left)))
        (local.set $dx (f32.sub (call $x (local.get $star)) (call $x (local.get $eid))))
        (local.set $dy (f32.sub (call $y (local.get $star)) (call $y (local.get $eid))))
        (local.set $distance
          (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy))))
        (if (f32.lt (local.get $distance) (local.get $nearest))
          (then
            (local.set $nearest (local.get $distance))
            (local.set $to_x (local.get $dx))
            (local.set $to_y (local.get $dy))))
        (br $next)))
    (local.set $distance (f32.add (f32.sqrt (local.get $nearest)) (f32.const 1)))
    (call $set_steer_x (local.get $eid) (f32.mul (f32.const 0.6) (f32.div (local.get $to_x) (local.get $distance))))
    (call $set_steer_y (local.get $eid) (f32.mul (f32.const 0.6) (f32.div (local.get $to_y) (local.get $distance))))))
