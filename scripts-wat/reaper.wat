;; reaper: removes what is dead from the world, and emits an event for each.
;;
;; Lesson: a tag as a message. A script that kills an entity adds the tag Dead to it. This script runs after all the
;; others, emits an event for each entity with the tag, and despawns it.
(module
  (import "ecs.query" "Dead Position" (func $dead (result i32)))
  (import "ecs.entity" "Dead Position" (func $corpse (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "emit" "killed" (func $killed (param f32 f32 i32)))
  (import "audio" "play" (func $play (param i32)))

  (global $points i32 (i32.const 10))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32)
    (local.set $left (call $dead))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $corpse (local.get $left)))
        (call $killed (call $x (local.get $eid)) (call $y (local.get $eid)) (global.get $points))
        (call $play (i32.const 1))
        (call $despawn (local.get $eid))
        (br $next)))))
