;; score: counts points, and answers questions about them in JSON.
;;
;; Lesson: JSON calls. `runtime.callJson(id, 'process', { bonus: 50 })` passes its argument as JSON text. The host asks `alloc`
;; for room for the text, and calls `dealloc` after the call; without the two, the runtime would append pages to the memory.
;; A result can be one i64, pointer << 32 | length, as here. The score itself is in the component Score of the player, for
;; the game to show. `get_state` and `set_state` carry it over a reload.
;;
;;   0      texts
;;   1024   JSON that is written
;;   4096   what alloc hands out
(module
  (import "ecs.query" "Player Score" (func $players (result i32)))
  (import "ecs.entity" "Player Score" (func $player (param i32) (result i32)))
  (import "ecs.set" "Score.points" (func $show (param i32 f64)))
  (import "host" "log" (func $log (param i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "{\"score\":")
  (data (i32.const 16) ",\"kills\":")
  (data (i32.const 32) "wave ")
  (data (i32.const 48) " begins, score ")

  (global $score (mut i32) (i32.const 0))
  (global $kills (mut i32) (i32.const 0))
  (global $at (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 4096))

  ;; The host frees each text before it passes the next, so this allocator only moves one pointer forward and back.
  (func (export "alloc") (param $length i32) (result i32)
    (local $pointer i32)
    (local.set $pointer (global.get $free))
    (global.set $free (i32.add (global.get $free) (local.get $length)))
    (block $enough
      (br_if $enough (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
      (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $length) (i32.const 16))))))
    (local.get $pointer))
  (func (export "dealloc") (param $pointer i32) (param $length i32)
    (global.set $free (local.get $pointer)))

  (func (export "on_killed") (param $x f32) (param $y f32) (param $points i32)
    (global.set $kills (i32.add (global.get $kills) (i32.const 1)))
    (call $add (local.get $points)))

  (func (export "on_wave") (param $wave i32)
    (global.set $at (i32.const 1024))
    (call $write_text (i32.const 32) (i32.const 5))
    (call $write_number (local.get $wave))
    (call $write_text (i32.const 48) (i32.const 15))
    (call $write_number (global.get $score))
    (call $log (i32.const 1024) (i32.sub (global.get $at) (i32.const 1024))))

  (func $add (param $points i32)
    (local $left i32)
    (global.set $score (i32.add (global.get $score) (local.get $points)))
    (local.set $left (call $players))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (call $show (call $player (local.get $left)) (f64.convert_i32_u (global.get $score)))
        (br $next))))

  ;; {"bonus":50} in, {"score":1240,"kills":119} out.
  (func (export "process") (param $text i32) (param $length i32) (result i64)
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (call $add (call $read_number))
    (call $write_state))

  (func (export "get_state") (result i64) (call $write_state))

  (func (export "set_state") (param $text i32) (param $length i32)
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (global.set $score (call $read_number))
    (global.set $kills (call $read_number)))

  (func $write_state (result i64)
    (global.set $at (i32.const 1024))
    (call $write_text (i32.const 0) (i32.const 9))
    (call $write_number (global.get $score))
    (call $write_text (i32.const 16) (i32.const 9))
    (call $write_number (global.get $kills))
    (i32.store8 (global.get $at) (i32.const 125)) ;; }
    (i64.or
      (i64.shl (i64.const 1024) (i64.const 32))
      (i64.extend_i32_u (i32.sub (global.get $at) (i32.const 1023)))))

  (func $write_text (param $from i32) (param $length i32)
    (memory.copy (global.get $at) (local.get $from) (local.get $length))
    (global.set $at (i32.add (global.get $at) (local.get $length))))

  (func $write_number (param $value i32)
    (if (i32.ge_u (local.get $value) (i32.const 10))
      (then (call $write_number (i32.div_u (local.get $value) (i32.const 10)))))
    (i32.store8 (global.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
    (global.set $at (i32.add (global.get $at) (i32.const 1))))

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
