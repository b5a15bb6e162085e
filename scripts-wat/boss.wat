;; boss: a giant at the head of each third wave.
;;
;; Lesson: a script that plays the others. A boss does nothing by itself that they could do: it emits `hatch`, which hunter.wat
;; turns into a hunter, and `spit`, which shot.wat turns into a shot. `every` counts in ticks of the game, from `host.tick`.
;; waves.wat emits `boss` with a place and its health.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.add" "Hunter" (func $add_hunter (param i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Velocity" (func $add_velocity (param i32)))
  (import "ecs.add" "Health" (func $add_health (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.remove" "Stunned" (func $unstun (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "host" "tick" (func $now (result i32)))
  (import "math" "atan2" (func $atan2 (param f64 f64) (result f64)))
  (import "emit" "hatch" (func $hatch (param f32 f32)))
  (import "emit" "spit" (func $spit (param f32 f32 f64)))
  (import "audio" "play" (func $play (param i32)))

  (global $speed f32 (f32.const 45))
  (global $shots_a_ring i32 (i32.const 14))
  (global $hunters_a_brood i32 (i32.const 5))

  (func (export "on_boss") (param $at_x f32) (param $at_y f32) (param $points i32)
    (local $eid i32)
    (local.set $eid (call $spawn))
    (call $add_hunter (local.get $eid))
    (call $add_position (local.get $eid))
    (call $add_velocity (local.get $eid))
    (call $add_health (local.get $eid))
    (call $add_look (local.get $eid))
    (call $set_x (local.get $eid) (local.get $at_x))
    (call $set_y (local.get $eid) (local.get $at_y))
    (call $set_health (local.get $eid) (local.get $points))
    (call $set_shape (local.get $eid) (i32.const 7))
    ;; 28 pixels: collide.wat looks 32 pixels far.
    (call $set_size (local.get $eid) (f32.const 28))
    (call $set_hue (local.get $eid) (f32.const 285))
    (call $play (i32.const 8))
    (call $attach (local.get $eid)))

  (func $every (param $ticks i32) (result i32)
    (i32.eqz (i32.rem_u (call $now) (local.get $ticks))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $prey i32) (local $dx f32) (local $dy f32) (local $scale f32) (local $left i32) (local $angle f64)
    (call $unstun (local.get $eid))
    (if (i32.eqz (call $players)) (then (return)))
    (local.set $prey (call $player (i32.const 0)))
    (local.set $dx (f32.sub (call $x (local.get $prey)) (call $x (local.get $eid))))
    (local.set $dy (f32.sub (call $y (local.get $prey)) (call $y (local.get $eid))))
    (local.set $scale (f32.div (global.get $speed) (f32.max (f32.const 1) (f32.sqrt (f32.add
      (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))))))
    (call $set_vx (local.get $eid) (f32.mul (local.get $dx) (local.get $scale)))
    (call $set_vy (local.get $eid) (f32.mul (local.get $dy) (local.get $scale)))
    (if (call $every (i32.const 240))
      (then
        (local.set $left (global.get $hunters_a_brood))
        (loop $next
          (call $hatch (call $x (local.get $eid)) (call $y (local.get $eid)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $next (i32.gt_s (local.get $left) (i32.const 0))))))
    (if (call $every (i32.const 150))
      (then
        ;; A ring of shots, with its gap beside the player and not on it.
        (local.set $angle (call $atan2 (f64.promote_f32 (local.get $dy)) (f64.promote_f32 (local.get $dx))))
        (local.set $left (global.get $shots_a_ring))
        (loop $next
          (call $spit (call $x (local.get $eid)) (call $y (local.get $eid)) (local.get $angle))
          (local.set $angle (f64.add (local.get $angle)
            (f64.div (f64.const 6.283185307179586) (f64.convert_i32_s (global.get $shots_a_ring)))))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $next (i32.gt_s (local.get $left) (i32.const 0))))))))
