;; waves: sends in the swarm, wave after wave.
;;
;; Lesson: state that survives a reload. Save this file while the game runs, with a 2 for the 5 in `tick` for example: the
;; wave continues. The runtime passes the JSON of the old code's `get_state` to `set_state` of the new. A reload does not
;; call `init` again, so the state also holds what came with `init`. JSON is passed as a pointer and a length. This script
;; writes it by hand, and reads the numbers in the order it wrote them. `init` gets the game's config in the same way.
;;
;;   0     what get_metadata returns
;;   256   JSON that is written
(module
  (import "ecs.query" "Hunter !Dead" (func $hunters (result i32)))
  (import "host" "random" (func $random (result f64)))
  (import "host" "log_level" (func $log (param i32 i32 i32)))
  (import "host" "state_version" (func $state_version (result i32)))
  (import "emit" "hatch" (func $hatch (param f32 f32)))
  (import "emit" "wave" (func $wave_begins (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "{\"name\":\"waves\",\"version\":\"1.0.0\",\"abi\":1,\"description\":\"sends in the swarm\",\"state_version\":1}")
  (data (i32.const 160) "{\"wave\":")
  (data (i32.const 176) ",\"size\":")
  (data (i32.const 192) "the swarm is nearly gone")

  (global $wave (mut i32) (i32.const 0))
  (global $size (mut i32) (i32.const 100))
  ;; The address at which the next number is written or read, and the end of the text.
  (global $at (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))

  (func (export "get_metadata") (result i32 i32) (i32.const 0) (i32.const 95))

  ;; {"size": 2400}: how many hunters the first wave has.
  (func (export "init") (param $text i32) (param $length i32)
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (global.set $size (call $read_number)))

  (func (export "tick") (param $dt f32)
    (local $left i32)
    (local.set $left (call $hunters))
    ;; A new wave begins when four of five hunters are gone.
    (if (i32.gt_u (i32.mul (local.get $left) (i32.const 5)) (global.get $size)) (then (return)))
    (if (global.get $wave)
      (then (call $log (i32.const 0) (i32.const 192) (i32.const 24))))
    (global.set $wave (i32.add (global.get $wave) (i32.const 1)))
    (call $wave_begins (global.get $wave))
    (local.set $left (global.get $size))
    (loop $next
      (call $hatch_one)
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0)))))

  ;; Hunters come in from the left and the right edge.
  (func $hatch_one
    (call $hatch
      (select
        (f32.demote_f64 (f64.mul (call $random) (f64.const 500)))
        (f32.sub (f32.const 1600) (f32.demote_f64 (f64.mul (call $random) (f64.const 500))))
        (f64.lt (call $random) (f64.const 0.5)))
      (f32.demote_f64 (f64.mul (call $random) (f64.const 1200)))))

  (func (export "get_state") (result i32 i32)
    (global.set $at (i32.const 256))
    (call $write_text (i32.const 160) (i32.const 8))
    (call $write_number (global.get $wave))
    (call $write_text (i32.const 176) (i32.const 8))
    (call $write_number (global.get $size))
    (i32.store8 (global.get $at) (i32.const 125)) ;; }
    (i32.const 256)
    (i32.sub (global.get $at) (i32.const 255)))

  (func (export "set_state") (param $text i32) (param $length i32)
    ;; Newer code may have saved another shape. A trap here rejects the reload, and the newer code runs on.
    (if (i32.gt_s (call $state_version) (i32.const 1)) (then (unreachable)))
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (global.set $wave (call $read_number))
    (global.set $size (call $read_number)))

  (func $write_text (param $from i32) (param $length i32)
    (memory.copy (global.get $at) (local.get $from) (local.get $length))
    (global.set $at (i32.add (global.get $at) (local.get $length))))

  (func $write_number (param $value i32)
    (if (i32.ge_u (local.get $value) (i32.const 10))
      (then (call $write_number (i32.div_u (local.get $value) (i32.const 10)))))
    (i32.store8 (global.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
    (global.set $at (i32.add (global.get $at) (i32.const 1))))

  ;; The next run of digits, as a number; 0 at the end.
  (func $read_number (result i32)
    (local $digit i32) (local $value i32) (local $begun i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (global.get $at) (global.get $end)))
        (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
        (if (i32.lt_u (local.get $digit) (i32.const 10))
          (then
            (local.set $begun (i32.const 1))
            (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit))))
          (else (br_if $done (local.get $begun))))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (br $next)))
    (local.get $value)))
