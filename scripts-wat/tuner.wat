;; tuner: slows down what moves too fast, as the config says.
;;
;; Lesson: values of the config. `config.number` and `config.flag` name a place in the config of `loadModule`. They need no JSON
;; and no `init`, and change at once when the game calls `runtime.configure`, such as from a slider. The demo does not load
;; this script; it is for you to load, with the config `{ brake: { on: true, speed: 100 } }`.
(module
  (import "config.flag" "brake.on" (func $is_on (result i32)))
  (import "config.number" "brake.speed" (func $speed (result f64)))
  (import "ecs.query" "Velocity" (func $count (result i32)))
  (import "ecs.entity" "Velocity" (func $entity (param i32) (result i32)))
  (import "ecs.get" "Velocity.x" (func $get_x (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_x (param i32 f32)))

  (func (export "tick") (param $dt f32)
    (local $i i32) (local $eid i32) (local $most f32)
    (if (i32.eqz (call $is_on)) (then (return)))
    (local.set $most (f32.demote_f64 (call $speed)))
    (local.set $i (call $count))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $i)))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (local.set $eid (call $entity (local.get $i)))
        (call $set_x (local.get $eid)
          (f32.max (f32.neg (local.get $most)) (f32.min (local.get $most) (call $get_x (local.get $eid)))))
        (br $next)))))
