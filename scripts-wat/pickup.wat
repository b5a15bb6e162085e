;; pickup: what killed enemies leave behind: hearts, power and bombs.
;;
;; Lesson: effects on others without knowing their scripts. A heart changes Health, power sets Power.left, which player.wat
;; reads, and a bomb adds the tag Dead, so that reaper.wat does the rest. The random numbers are seeded, so the same game
;; drops the same things.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.query" "Hunter Position !Dead" (func $hunters (result i32)))
  (import "ecs.entity" "Hunter Position !Dead" (func $hunter (param i32) (result i32)))
  (import "ecs.add" "Pickup" (func $add_pickup (param i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Life" (func $add_life (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.add" "Dead" (func $kill (param i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Life.left" (func $life (param i32) (result f32)))
  (import "ecs.set" "Life.left" (func $set_life (param i32 f32)))
  (import "ecs.get" "Look.shape" (func $shape (param i32) (result i32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))
  (import "ecs.get" "Health.points" (func $health (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.get" "Power.left" (func $power (param i32) (result f32)))
  (import "ecs.set" "Power.left" (func $set_power (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (import "emit" "blast" (func $blast (param f32 f32)))
  (import "audio" "play" (func $play (param i32)))

  ;; One of so many enemies drops something.
  (global $chance f64 (f64.const 0.03))
  (global $seconds f32 (f32.const 10))
  (global $seconds_of_power f32 (f32.const 6))
  (global $full i32 (i32.const 3))
  (global $bomb_hurts i32 (i32.const 8))
  (global $bomb_reaches f32 (f32.const 200))
  ;; Who takes things, in this tick.
  (global $taker (mut i32) (i32.const 0))

  (func (export "on_killed") (param $at_x f32) (param $at_y f32)
    (local $eid i32) (local $kind i32)
    (if (f64.ge (call $random) (global.get $chance)) (then (return)))
    (local.set $kind (i32.trunc_f64_u (f64.mul (call $random) (f64.const 3))))
    (local.set $eid (call $spawn))
    (call $add_pickup (local.get $eid))
    (call $add_position (local.get $eid))
    (call $add_life (local.get $eid))
    (call $add_look (local.get $eid))
    (call $set_x (local.get $eid) (local.get $at_x))
    (call $set_y (local.get $eid) (local.get $at_y))
    (call $set_life (local.get $eid) (global.get $seconds))
    ;; Heart, power or bomb.
    (call $set_shape (local.get $eid) (i32.add (i32.const 9) (local.get $kind)))
    (call $set_size (local.get $eid) (f32.const 9))
    (call $set_hue (local.get $eid) (f32.convert_i32_u (i32.add (i32.const 340) (i32.mul (local.get $kind) (i32.const 70)))))
    (call $attach (local.get $eid)))

  (func (export "tick") (param $dt f32)
    (if (i32.eqz (call $players)) (then (return)))
    (global.set $taker (call $player (i32.const 0)))
    (call $set_power (global.get $taker)
      (f32.max (f32.const 0) (f32.sub (call $power (global.get $taker)) (local.get $dt)))))

  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_life (local.get $eid) (f32.sub (call $life (local.get $eid)) (local.get $dt)))
    (if (f32.le (call $life (local.get $eid)) (f32.const 0))
      (then (call $despawn (local.get $eid)) (return)))
    (if (i32.eqz (call $is_near (global.get $taker) (local.get $eid) (f32.const 26))) (then (return)))
    (call $play (i32.const 4))
    (block $done
      (block $bomb
        (block $power
          (block $heart
            (br_table $heart $power $bomb (i32.sub (call $shape (local.get $eid)) (i32.const 9))))
          (if (i32.lt_s (call $health (global.get $taker)) (global.get $full))
            (then (call $set_health (global.get $taker) (i32.add (call $health (global.get $taker)) (i32.const 1)))))
          (br $done))
        (call $set_power (global.get $taker) (global.get $seconds_of_power))
        (br $done))
      (call $explode (local.get $eid)))
    (call $despawn (local.get $eid)))

  (func $explode (param $bomb i32)
    (local $left i32) (local $eid i32)
    (call $play (i32.const 5))
    (call $blast (call $x (local.get $bomb)) (call $y (local.get $bomb)))
    (local.set $left (call $hunters))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $hunter (local.get $left)))
        (br_if $next (i32.eqz (call $is_near (local.get $bomb) (local.get $eid) (global.get $bomb_reaches))))
        (call $set_health (local.get $eid) (i32.sub (call $health (local.get $eid)) (global.get $bomb_hurts)))
        (if (i32.le_s (call $health (local.get $eid)) (i32.const 0)) (then (call $kill (local.get $eid))))
        (br $next))))

  (func $is_near (param $one i32) (param $other i32) (param $reach f32) (result i32)
    (local $dx f32) (local $dy f32)
    (local.set $dx (f32.sub (call $x (local.get $one)) (call $x (local.get $other))))
    (local.set $dy (f32.sub (call $y (local.get $one)) (call $y (local.get $other))))
    (f32.lt
      (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))
      (f32.mul (local.get $reach) (local.get $reach)))))
