;; bounty: a ring of golden sparks around the player for every 20 hunters that are gone, one a tick.
;;
;; Lesson: a mod with hooks and metrics. Its manifest names what it is called for: hunters that are gone, and changes of a health. It needs no event of the
;; game's scripts, and asks for nothing that it does not use. Its metrics are charts in the inspector, and in `runtime.metrics()`.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.has" "Player" (func $is_player (param i32) (result i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Velocity" (func $add_velocity (param i32)))
  (import "ecs.add" "Life" (func $add_life (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.get" "Life.left" (func $life (param i32) (result f32)))
  (import "ecs.set" "Life.left" (func $set_life (param i32 f32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "metrics.counter" "kills" (func $count_kills (param f64)))
  (import "metrics.gauge" "health{of=player}" (func $show_health (param f64)))
  (import "metrics.histogram" "damage{to=player}" (func $note_damage (param f64)))
  (import "host" "tick" (func $now (result i32)))
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))

  (memory (export "memory") 1)
  (global $each i32 (i32.const 20))
  (global $sparks i32 (i32.const 24))
  (global $seconds f32 (f32.const 1.2))
  ;; The tick of the last ring: one a tick, since a whole wave may be gone at once.
  (global $ringed (mut i32) (i32.const -1))

  ;; The state, which a reload carries as bytes: hunters that are gone, points that the player lost, points that the medic gave back.
  (global $kills (export "state") i32 (i32.const 64))
  (global $lost i32 (i32.const 68))
  (global $healed i32 (i32.const 72))
  (global (export "state_size") i32 (i32.const 12))

  (func $count (param $at i32) (param $more i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $more))))

  ;; Hooks: see hooks in the manifest.
  (func (export "gone") (param $eid i32)
    (call $count (global.get $kills) (i32.const 1))
    (call $count_kills (f64.const 1))
    (if (i32.rem_u (i32.load (global.get $kills)) (global.get $each)) (then (return)))
    (if (i32.eq (global.get $ringed) (call $now)) (then (return)))
    (global.set $ringed (call $now))
    (call $ring))

  (func (export "hurt") (param $eid i32) (param $old i32) (param $new i32)
    (local $lost i32)
    (if (i32.eqz (call $is_player (local.get $eid))) (then (return)))
    (call $show_health (f64.convert_i32_s (local.get $new)))
    (local.set $lost (i32.sub (local.get $old) (local.get $new)))
    (if (i32.gt_s (local.get $lost) (i32.const 0))
      (then
        (call $count (global.get $lost) (local.get $lost))
        (call $note_damage (f64.convert_i32_s (local.get $lost))))))

  ;; The mod medic sends a message for each point that it gives back.
  (func (export "handle_message") (param $json i32) (param $length i32)
    (call $count (global.get $healed) (i32.const 1)))

  (func (export "kills") (result i32) (i32.load (global.get $kills)))
  (func (export "lost") (result i32) (i32.load (global.get $lost)))
  (func (export "healed") (result i32) (i32.load (global.get $healed)))

  (func $ring
    (local $left i32) (local $eid i32) (local $who i32) (local $angle f64)
    (if (i32.eqz (call $players)) (then (return)))
    (local.set $who (call $player (i32.const 0)))
    (local.set $left (global.get $sparks))
    (loop $next
      (local.set $eid (call $spawn))
      (local.set $angle
        (f64.mul (f64.convert_i32_s (local.get $left)) (f64.div (f64.const 6.283185307179586) (f64.convert_i32_s (global.get $sparks)))))
      (call $add_position (local.get $eid))
      (call $add_velocity (local.get $eid))
      (call $add_life (local.get $eid))
      (call $add_look (local.get $eid))
      (call $set_x (local.get $eid) (call $x (local.get $who)))
      (call $set_y (local.get $eid) (call $y (local.get $who)))
      (call $set_vx (local.get $eid) (f32.demote_f64 (f64.mul (f64.const 160) (call $cos (local.get $angle)))))
      (call $set_vy (local.get $eid) (f32.demote_f64 (f64.mul (f64.const 160) (call $sin (local.get $angle)))))
      (call $set_life (local.get $eid) (global.get $seconds))
      (call $set_shape (local.get $eid) (i32.const 3))
      (call $set_hue (local.get $eid) (f32.const 48))
      (call $set_size (local.get $eid) (f32.const 5))
      (call $attach (local.get $eid))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0)))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $left f32)
    (local.set $left (f32.sub (call $life (local.get $eid)) (local.get $dt)))
    (call $set_life (local.get $eid) (local.get $left))
    (call $set_size (local.get $eid) (f32.mul (f32.const 4) (local.get $left)))
    (if (f32.le (local.get $left) (f32.const 0))
      (then (call $despawn (local.get $eid))))))
