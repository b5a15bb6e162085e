;; terrain: lights in the ground, generated over many ticks while the game runs.
;;
;; Lesson: a mod with a job. The game starts it with the numbers of the rows, from 0 to 239, a byte each, and little fuel; the runtime calls `job_chunk`
;; for as many in a tick as that allows. A row has 320 tiles of 5 by 5 pixels; a tile on a peak of the noise below becomes a light. The job returns how
;; many there are.
(module
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs.add" "Position" (func $add_position (param i32)))
  (import "ecs.add" "Look" (func $add_look (param i32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.set" "Look.shape" (func $set_shape (param i32 i32)))
  (import "ecs.set" "Look.size" (func $set_size (param i32 f32)))
  (import "ecs.set" "Look.hue" (func $set_hue (param i32 f32)))

  ;; 0 has the rows, 256 the number of lights.
  (memory (export "memory") 1)
  (global $lights i32 (i32.const 256))
  (global $columns i32 (i32.const 320))
  (global $peak i32 (i32.const 197))

  (func (export "alloc") (param $length i32) (result i32)
    (if (i32.gt_u (local.get $length) (i32.const 256)) (then unreachable))
    (i32.const 0))

  (func (export "job_chunk") (param $at i32) (param $length i32) (result i32 i32)
    (local $index i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $index) (local.get $length)))
        (call $make (i32.load8_u (i32.add (local.get $at) (local.get $index))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (i32.const 0) (i32.const 0))

  (func (export "job_finish") (result i32 i32) (global.get $lights) (i32.const 4))

  (func $make (param $row i32)
    (local $column i32) (local $height i32)
    (loop $next
      (local.set $height (call $height (local.get $column) (local.get $row)))
      (if (i32.gt_u (local.get $height) (global.get $peak))
        (then (call $light (local.get $column) (local.get $row) (local.get $height))))
      (local.set $column (i32.add (local.get $column) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $column) (global.get $columns)))))

  ;; Three octaves of value noise, from 0 to 255.
  (func $height (param $x i32) (param $y i32) (result i32)
    (i32.shr_u
      (i32.add
        (i32.add
          (i32.shl (call $noise (local.get $x) (local.get $y) (i32.const 5)) (i32.const 2))
          (i32.shl (call $noise (local.get $x) (local.get $y) (i32.const 3)) (i32.const 1)))
        (i32.shl (call $noise (local.get $x) (local.get $y) (i32.const 2)) (i32.const 1)))
      (i32.const 3)))

  ;; Between the corners of a cell of 2^bits tiles.
  (func $noise (param $x i32) (param $y i32) (param $bits i32) (result i32)
    (local $size i32) (local $cx i32) (local $cy i32) (local $fx i32) (local $fy i32) (local $top i32) (local $bottom i32)
    (local.set $size (i32.shl (i32.const 1) (local.get $bits)))
    (local.set $cx (i32.shr_u (local.get $x) (local.get $bits)))
    (local.set $cy (i32.shr_u (local.get $y) (local.get $bits)))
    (local.set $fx (i32.and (local.get $x) (i32.sub (local.get $size) (i32.const 1))))
    (local.set $fy (i32.and (local.get $y) (i32.sub (local.get $size) (i32.const 1))))
    (local.set $top (call $between
      (call $corner (local.get $cx) (local.get $cy)) (call $corner (i32.add (local.get $cx) (i32.const 1)) (local.get $cy))
      (local.get $fx) (local.get $bits)))
    (local.set $bottom (call $between
      (call $corner (local.get $cx) (i32.add (local.get $cy) (i32.const 1)))
      (call $corner (i32.add (local.get $cx) (i32.const 1)) (i32.add (local.get $cy) (i32.const 1)))
      (local.get $fx) (local.get $bits)))
    (call $between (local.get $top) (local.get $bottom) (local.get $fy) (local.get $bits)))

  (func $between (param $from i32) (param $to i32) (param $share i32) (param $bits i32) (result i32)
    (i32.add (local.get $from)
      (i32.shr_s (i32.mul (i32.sub (local.get $to) (local.get $from)) (local.get $share)) (local.get $bits))))

  (func $corner (param $x i32) (param $y i32) (result i32)
    (local $mixed i32)
    (local.set $mixed (i32.mul (i32.add (i32.mul (local.get $x) (i32.const 0x9e3779b1)) (local.get $y)) (i32.const 0x85ebca6b)))
    (local.set $mixed (i32.mul (i32.xor (local.get $mixed) (i32.shr_u (local.get $mixed) (i32.const 13))) (i32.const 0xc2b2ae35)))
    (i32.shr_u (local.get $mixed) (i32.const 24)))

  (func $light (param $column i32) (param $row i32) (param $height i32)
    (local $eid i32)
    (i32.store (global.get $lights) (i32.add (i32.load (global.get $lights)) (i32.const 1)))
    (local.set $eid (call $spawn))
    (call $add_position (local.get $eid))
    (call $add_look (local.get $eid))
    (call $set_x (local.get $eid) (f32.convert_i32_u (i32.mul (local.get $column) (i32.const 5))))
    (call $set_y (local.get $eid) (f32.convert_i32_u (i32.mul (local.get $row) (i32.const 5))))
    (call $set_shape (local.get $eid) (i32.const 4))
    (call $set_size (local.get $eid) (f32.div (f32.convert_i32_u (i32.sub (local.get $height) (i32.const 188))) (f32.const 12)))
    (call $set_hue (local.get $eid) (f32.const 130))))
