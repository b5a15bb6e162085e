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
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "host" "random" (func $random (result f64)))
  (import "host" "log_level" (func $log (param i32 i32 i32)))
  (import "host" "state_version" (func $state_version (result i32)))
  (import "emit" "hatch" (func $hatch (param f32 f32)))
  (import "emit" "charger" (func $charger (param f32 f32)))
  (import "emit" "spitter" (func $spitter (param f32 f32)))
  (import "emit" "boss" (func $boss (param f32 f32 i32)))
  (import "emit" "wave" (func $wave_begins (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "{\"name\":\"waves\",\"version\":\"1.0.0\",\"abi\":1,\"description\":\"sends in the swarm\",\"state_version\":2}")
  (data (i32.const 160) "{\"wave\":")
  (data (i32.const 176) ",\"size\":")
  (data (i32.const 185) ",\"first\":")
  (data (i32.const 200) "the swarm is nearly gone")

  (global $wave (mut i32) (i32.const 0))
  ;; Enemies of the first wave, and of this one.
  (global $first (mut i32) (i32.const 150))
  (global $size (mut i32) (i32.const 0))
  ;; The address at which the next number is written or read, and the end of the text.
  (global $at (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))

  (func (export "get_metadata") (result i32 i32) (i32.const 0) (i32.const 95))

  ;; {"size": 150}: how many enemies the first wave has.
  (func (export "init") (param $text i32) (param $length i32)
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (global.set $first (call $read_number)))

  (func (export "tick") (param $dt f32)
    (local $left i32)
    (local.set $left (call $hunters))
    ;; A new wave begins when four of five hunters are gone.
    (if (i32.gt_u (i32.mul (local.get $left) (i32.const 5)) (global.get $size)) (then (return)))
    (if (global.get $wave)
      (then (call $log (i32.const 0) (i32.const 200) (i32.const 24))))
    (global.set $wave (i32.add (global.get $wave) (i32.const 1)))
    (global.set $size (call $size_of (global.get $wave)))
    (call $wave_begins (global.get $wave))
    (local.set $left (global.get $size))
    (loop $next
      (call $send (local.get $left))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0))))
    (if (i32.eqz (i32.rem_u (global.get $wave) (i32.const 3)))
      (then (call $boss (call $edge) (f32.const 600) (i32.mul (global.get $wave) (i32.const 60))))))

  ;; 150, 300, 600 enemies, and 150 more in each wave after that.
  (func $size_of (param $wave i32) (result i32)
    (i32.mul (global.get $first)
      (select (local.get $wave) (i32.add (local.get $wave) (i32.const 1)) (i32.lt_u (local.get $wave) (i32.const 3)))))

  ;; Of ten, one is a charger from the second wave on, and one of twenty a spitter from the third on. The rest are hunters.
  (func $send (param $number i32)
    (local $at_x f32) (local $at_y f32)
    (local.set $at_x (call $edge))
    (local.set $at_y (f32.demote_f64 (f64.mul (call $random) (f64.const 1200))))
    (if (i32.and (i32.ge_u (global.get $wave) (i32.const 2)) (i32.eqz (i32.rem_u (local.get $number) (i32.const 10))))
      (then (call $charger (local.get $at_x) (local.get $at_y)) (return)))
    (if (i32.and (i32.ge_u (global.get $wave) (i32.const 3)) (i32.eq (i32.rem_u (local.get $number) (i32.const 20)) (i32.const 5)))
      (then (call $spitter (local.get $at_x) (local.get $at_y)) (return)))
    (call $hatch (local.get $at_x) (local.get $at_y)))

  ;; A place within 500 pixels of the left or the right edge, on the other side if the player is nearer than 350 pixels.
  (func $edge (result f32)
    (local $at f32)
    (local.set $at
      (select
        (f32.demote_f64 (f64.mul (call $random) (f64.const 500)))
        (f32.sub (f32.const 1600) (f32.demote_f64 (f64.mul (call $random) (f64.const 500))))
        (f64.lt (call $random) (f64.const 0.5))))
    (if (call $players)
      (then
        (if (f32.lt
          (f32.abs (f32.sub (local.get $at) (call $x (call $player (i32.const 0)))))
          (f32.const 350))
          (then (local.set $at (f32.sub (f32.const 1600) (local.get $at)))))))
    (local.get $at))

  (func (export "get_state") (result i32 i32)
    (global.set $at (i32.const 256))
    (call $write_text (i32.const 160) (i32.const 8))
    (call $write_number (global.get $wave))
    (call $write_text (i32.const 176) (i32.const 8))
    (call $write_number (global.get $size))
    (call $write_text (i32.const 185) (i32.const 9))
    (call $write_number (global.get $first))
    (i32.store8 (global.get $at) (i32.const 125)) ;; }
    (i32.const 256)
    (i32.sub (global.get $at) (i32.const 255)))

  (func (export "set_state") (param $text i32) (param $length i32)
    ;; Newer code may have saved another shape. A trap here rejects the reload, and the newer code runs on.
    (if (i32.gt_s (call $state_version) (i32.const 2)) (then (unreachable)))
    (global.set $at (local.get $text))
    (global.set $end (i32.add (local.get $text) (local.get $length)))
    (global.set $wave (call $read_number))
    (global.set $size (call $read_number))
    ;; Version 1 had waves of one size.
    (global.set $first
      (if (result i32) (i32.lt_s (call $state_version) (i32.const 2))
        (then (global.get $size))
        (else (call $read_number)))))

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
