;; hunter: the swarm that hunts the player.
;;
;; Lesson: `update`, called each tick for every entity that the script is attached to. `tick` runs before it, and looks up
;; what is the same for all entities: where the player is. When a script emits `hatch`, this one spawns an entity, gives
;; it its components and attaches itself to it.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs" "exists" (func $exists (param i32) (result i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.has" "Stunned" (func $is_stunned (param i32) (result i32)))
  (import "ecs.remove" "Stunned" (func $unstun (param i32)))
  (import "ecs.add" "Hunter" (func $add_hunter (param i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Velocity" (func $add_velocity (param i32)))
  (import "ecs.add" "Health" (func $add_health (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "host" "random" (func $random (result f64)))

  (global $speed f32 (f32.const 60))
  (global $agility f32 (f32.const 1.5))
  ;; The player and its position in this tick.
  (global $prey (mut i32) (i32.const 0))
  (global $prey_x (mut f32) (f32.const 800))
  (global $prey_y (mut f32) (f32.const 600))

  (func (export "on_hatch") (param $at_x f32) (param $at_y f32)
    (local $eid i32)
    (local.set $eid (call $spawn))
    (call $add_hunter (local.get $eid))
    (call $add_position (local.get $eid))
    (call $add_velocity (local.get $eid))
    (call $add_health (local.get $eid))
    (call $add_look (local.get $eid))
    (call $set_x (local.get $eid) (local.get $at_x))
    (call $set_y (local.get $eid) (local.get $at_y))
    (call $set_vx (local.get $eid) (f32.const 0))
    (call $set_vy (local.get $eid) (f32.const 0))
    (call $set_health (local.get $eid) (i32.const 2))
    (call $set_shape (local.get $eid) (i32.const 1))
    (call $set_size (local.get $eid) (f32.const 5))
    (call $set_hue (local.get $eid) (f32.add (f32.const 330) (f32.mul (f32.const 40) (f32.demote_f64 (call $random)))))
    (call $attach (local.get $eid)))

  (func (export "tick") (param $dt f32)
    (if (call $players)
      (then (global.set $prey (call $player (i32.const 0)))))
    (if (call $exists (global.get $prey))
      (then
        (global.set $prey_x (call $x (global.get $prey)))
        (global.set $prey_y (call $y (global.get $prey))))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $dx f32) (local $dy f32) (local $scale f32) (local $turn f32)
    ;; A hunter that was hit stands still for one tick.
    (if (call $is_stunned (local.get $eid))
      (then
        (call $unstun (local.get $eid))
        (call $set_vx (local.get $eid) (f32.const 0))
        (call $set_vy (local.get $eid) (f32.const 0))
        (return)))
    (local.set $dx (f32.sub (global.get $prey_x) (call $x (local.get $eid))))
    (local.set $dy (f32.sub (global.get $prey_y) (call $y (local.get $eid))))
    (local.set $scale
      (f32.div
        (global.get $speed)
        (f32.max
          (f32.const 1)
          (f32.sqrt
            (f32.add
              (f32.mul (local.get $dx) (local.get $dx))
              (f32.mul (local.get $dy) (local.get $dy)))))))
    ;; Turn towards the prey a little each tick, so that the swarm sweeps in curves.
    (local.set $turn (f32.min (f32.const 1) (f32.mul (global.get $agility) (local.get $dt))))
    (call $set_vx (local.get $eid)
      (f32.add
        (call $vx (local.get $eid))
        (f32.mul (local.get $turn)
          (f32.sub (f32.mul (local.get $dx) (local.get $scale)) (call $vx (local.get $eid))))))
    (call $set_vy (local.get $eid)
      (f32.add
        (call $vy (local.get $eid))
        (f32.mul (local.get $turn)
          (f32.sub (f32.mul (local.get $dy) (local.get $scale)) (call $vy (local.get $eid))))))))
