;; squad: lets hunters follow each other in a line.
;;
;; Lesson: relations. `Follows` is a relation of bitECS, given to `create({ relations })`. Each hunter that the script is attached
;; to follows the one before it: `ecs.relate` says so, `ecs.target` asks for it in each tick, and 0 means that a hunter leads,
;; because it is the first, or because whom it followed is gone. `ecs.unrelate` ends it when the script is detached. The
;; leader also runs the script `shield`, which `ecs.attach` and `ecs.detach` name. `ecs.random` gives each hunter a number of
;; its own in each tick, so that the line wavers: whoever asks for that hunter in that tick gets the same. The demo does not
;; load this script; it is for you to attach.
(module
  (import "ecs.target" "Follows" (func $followed (param i32) (result i32)))
  (import "ecs.relate" "Follows" (func $follow (param i32 i32)))
  (import "ecs.unrelate" "Follows" (func $leave (param i32 i32)))
  (import "ecs.attach" "shield" (func $shield (param i32)))
  (import "ecs.detach" "shield" (func $unshield (param i32)))
  (import "ecs" "random" (func $random (param i32) (result f64)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))

  (global $last (mut i32) (i32.const 0))

  (func (export "on_attach") (param $eid i32)
    (if (global.get $last)
      (then (call $follow (local.get $eid) (global.get $last)))
      (else (call $shield (local.get $eid))))
    (global.set $last (local.get $eid)))

  (func (export "update") (param $eid i32) (param $dt f32) (local $ahead i32) (local $part f32)
    (local.set $ahead (call $followed (local.get $eid)))
    (if (i32.eqz (local.get $ahead)) (then (return)))
    ;; up to half of the way in each second
    (local.set $part (f32.mul (f32.demote_f64 (call $random (local.get $eid))) (f32.const 0.5)))
    (call $set_vx (local.get $eid)
      (f32.mul (f32.sub (call $x (local.get $ahead)) (call $x (local.get $eid))) (local.get $part)))
    (call $set_vy (local.get $eid)
      (f32.mul (f32.sub (call $y (local.get $ahead)) (call $y (local.get $eid))) (local.get $part))))

  (func (export "on_detach") (param $eid i32) (local $ahead i32)
    (local.set $ahead (call $followed (local.get $eid)))
    (call $unshield (local.get $eid))
    (if (local.get $ahead) (then (call $leave (local.get $eid) (local.get $ahead))))))
