;; shield: protects the player for a while, at the start and after each hit.
;;
;; Lesson: a script that attaches and detaches itself. It is attached as long as the shield holds: `on_attach` raises the
;; shield, `update` waits for the last tick and detaches the script, and `on_detach` lowers the shield. collide.wat
;; and shot.wat emit an event for each hit, with the player as its number; then this script attaches itself again. Who has
;; no health left loses a life, and who has no life left is told so by the event `over`: what the game does then is its matter.
(module
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs" "detach" (func $detach (param i32)))
  (import "ecs.add" "Shielded" (func $raise (param i32)))
  (import "ecs.remove" "Shielded" (func $lower (param i32)))
  (import "ecs.has" "Shielded" (func $is_up (param i32) (result i32)))
  (import "ecs.get" "Health.points" (func $health (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.get" "Lives.left" (func $lives (param i32) (result i32)))
  (import "ecs.set" "Lives.left" (func $set_lives (param i32 i32)))
  (import "emit" "over" (func $over (param i32)))
  (import "host" "tick" (func $now (result i32)))
  (import "host" "log_level" (func $log (param i32 i32 i32)))
  (import "audio" "play" (func $play (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "the player is down, and up again")

  (global $ticks i32 (i32.const 90))
  (global $full i32 (i32.const 3))
  (global $until (mut i32) (i32.const 0))

  (func (export "on_attach") (param $player i32)
    (global.set $until (i32.add (call $now) (global.get $ticks)))
    (call $raise (local.get $player)))

  (func (export "update") (param $player i32) (param $dt f64)
    (if (i32.ge_s (call $now) (global.get $until))
      (then (call $detach (local.get $player)))))

  (func (export "on_detach") (param $player i32)
    (call $lower (local.get $player)))

  (func (export "on_hurt") (param $player i32)
    (if (call $is_up (local.get $player)) (then (return)))
    (call $play (i32.const 2))
    (call $set_health (local.get $player) (i32.sub (call $health (local.get $player)) (i32.const 1)))
    (if (i32.le_s (call $health (local.get $player)) (i32.const 0))
      (then
        (call $log (i32.const 2) (i32.const 0) (i32.const 32))
        (call $set_health (local.get $player) (global.get $full))
        (call $lose_life (local.get $player))))
    (call $attach (local.get $player)))

  (func $lose_life (param $player i32)
    (if (i32.eqz (call $lives (local.get $player))) (then (return)))
    (call $set_lives (local.get $player) (i32.sub (call $lives (local.get $player)) (i32.const 1)))
    (if (i32.eqz (call $lives (local.get $player)))
      (then (call $over (local.get $player))))))
