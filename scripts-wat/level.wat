;; level: makes a level of any number of tiles, and packs it, in jobs.
;;
;; Lesson: jobs. A level of 100,000 tiles is too much for one tick. The game starts a job, and the runtime calls `job_chunk` for one
;; part of its input after the other, as many in a tick as the job's fuel allows. Each job has an instance of its own, so the globals
;; here are those of one job. This script takes two kinds of job, and one can be the input of the other:
;;
;;   const rows = Array.from({ length: 100 }, (_, row) => Uint8Array.of(row))
;;   const tiles = runtime.job(level, rows, { config: 'make' })
;;   const packed = runtime.job(level, tiles, { config: 'pack' })
;;   for await (const runs of packed) save(runs)
;;
;; 'make' takes the number of a row in a byte and gives its 1,000 tiles, a byte each. 'pack' takes tiles and gives runs of two bytes:
;; how many tiles, from 1 to 255, and which. A run may begin in one part of the input and end in another, so `job_finish` gives the last.
;;
;;   0   the config or the input, which the runtime writes here: see alloc; behind it, what job_chunk returns
(module
  (import "emit" "building" (func $building (param i32)))

  (memory (export "memory") 1)

  ;; The second character of the config, "make" or "pack".
  (global $what (mut i32) (i32.const 0))
  ;; The run that is not over: how many tiles, and which.
  (global $run (mut i32) (i32.const 0))
  (global $tile (mut i32) (i32.const 0))
  ;; Where the next byte is written.
  (global $out (mut i32) (i32.const 0))

  (func (export "job_init") (param $text i32) (param $length i32)
    ;; The text is JSON, so it begins with a quotation mark.
    (global.set $what (i32.load8_u (i32.add (local.get $text) (i32.const 1))))
    (call $building (i32.const 1)))

  (func (export "job_chunk") (param $at i32) (param $length i32) (result i32 i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (global.set $out (local.get $end))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (if (i32.eq (global.get $what) (i32.const 109)) ;; m
        (then (call $make_row (i32.load8_u (local.get $at))))
        (else (call $pack (i32.load8_u (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (local.get $end) (i32.sub (global.get $out) (local.get $end)))

  (func (export "job_finish") (result i32 i32)
    (global.set $out (i32.const 0))
    (call $end_run)
    (i32.const 0) (global.get $out))

  ;; Runs however the job ends, also when it is cancelled. After a fault it runs in a new instance.
  (func (export "job_cleanup") (call $building (i32.const 0)))

  ;; All text and bytes are passed at one place: nothing is kept from call to call.
  (func (export "alloc") (param $length i32) (result i32)
    (call $make_room (local.get $length))
    (i32.const 0))

  (func $make_room (param $end i32)
    ;; more than 4 MiB is a mistake
    (if (i32.gt_u (local.get $end) (i32.const 0x400000)) (then unreachable))
    (loop $grow
      (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
          (br $grow)))))

  ;; Patches of 16 by 4 tiles, of four kinds.
  (func $make_row (param $row i32)
    (local $column i32)
    (loop $next
      (call $write (i32.and (i32.const 3) (call $mix
        (i32.add (i32.shr_u (local.get $column) (i32.const 4)) (i32.mul (i32.shr_u (local.get $row) (i32.const 2)) (i32.const 64))))))
      (local.set $column (i32.add (local.get $column) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $column) (i32.const 1000)))))

  (func $mix (param $number i32) (result i32)
    (local.set $number (i32.mul (i32.add (local.get $number) (i32.const 1)) (i32.const 0x9e3779b1)))
    (i32.xor (i32.shr_u (local.get $number) (i32.const 15)) (i32.shr_u (local.get $number) (i32.const 24))))

  (func $pack (param $tile i32)
    (if (i32.or (i32.ne (local.get $tile) (global.get $tile)) (i32.eq (global.get $run) (i32.const 255)))
      (then (call $end_run)))
    (global.set $tile (local.get $tile))
    (global.set $run (i32.add (global.get $run) (i32.const 1))))

  (func $end_run
    (if (i32.eqz (global.get $run)) (then (return)))
    (call $write (global.get $run))
    (call $write (global.get $tile))
    (global.set $run (i32.const 0)))

  (func $write (param $byte i32)
    (call $make_room (i32.add (global.get $out) (i32.const 1)))
    (i32.store8 (global.get $out) (local.get $byte))
    (global.set $out (i32.add (global.get $out) (i32.const 1)))))
