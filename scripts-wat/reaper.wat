;; reaper: removes what is dead from the world, and emits an event for each.
;;
;; Lesson: a tag as a message. A script that kills an entity adds the tag Dead to it. This script runs after all the
;; others, emits an event for each entity with the tag, and despawns it.
(module
  (import "ecs.query" "Dead Position" (func $dead (result i32)))
  (import "ecs.entity" "Dead Position" (func $corpse (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.get" "Look.size" (func $size (param i32) (result f32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "emit" "killed" (func $killed (param f32 f32 i32)))
  (import "audio" "play" (func $play (param i32)))

  ;; What is bigger is worth more: 10 points at 5 pixels, and with the square of the size.
  (func $points (param $eid i32) (result i32)
    (i32.trunc_sat_f32_s (f32.mul (f32.const 0.4) (f32.mul (call $size (local.get $eid)) (call $size (local.get $eid))))))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32)
    (local.set $left (call $dead))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $corpse (local.get $left)))
        (call $killed (call $x (local.get $eid)) (call $y (local.get $eid)) (call $points (local.get $eid)))
        (call $play (i32.const 1))
        (call $despawn (local.get $eid))
        (br $next)))))
