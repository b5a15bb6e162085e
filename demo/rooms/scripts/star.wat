;; star: who touches a star gets a point, and the star is elsewhere.
;;
;; Lesson: what happens between entities is decided on the server alone, so that two pages cannot take the same star. The pages see the star
;; at its new place, and the score, a moment later.
(module
  (import "ecs.query" "Ship Position" (func $ships (result i32)))
  (import "ecs.entity" "Ship Position" (func $ship (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Ship.score" (func $score (param i32) (result i32)))
  (import "ecs.set" "Ship.score" (func $set_score (param i32 i32)))
  (import "host" "random" (func $random (result f64)))

  (global $reach f32 (f32.const 26))
  (global $width f64 (f64.const 1600))
  (global $height f64 (f64.const 1000))

  (func $move (param $eid i32)
    (call $set_x (local.get $eid) (f32.demote_f64 (f64.mul (call $random) (global.get $width))))
    (call $set_y (local.get $eid) (f32.demote_f64 (f64.mul (call $random) (global.get $height)))))

  (func (export "on_attach") (param $eid i32)
    (call $move (local.get $eid)))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $left i32) (local $ship i32) (local $dx f32) (local $dy f32)
    (local.set $left (call $ships))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $ship (call $ship (local.get $left)))
        (local.set $dx (f32.sub (call $x (local.get $ship)) (call $x (local.get $eid))))
        (local.set $dy (f32.sub (call $y (local.get $ship)) (call $y (local.get $eid))))
        (if (f32.lt
              (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))
              (f32.mul (global.get $reach) (global.get $reach)))
          (then
            (call $set_score (local.get $ship) (i32.add (call $score (local.get $ship)) (i32.const 1)))
            (call $move (local.get $eid))
            (return)))
        (br $next)))))
