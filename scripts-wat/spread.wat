;; spread: keeps enemies apart, so that the swarm is a crowd and not a heap.
;;
;; Lesson: work in turns. Each enemy looks for others nearby in a grid like that of collide.wat, but only in one tick of four, and
;; then for all four: a crowd does not show the difference, and it costs a quarter. It changes velocities, which hunter.wat
;; turns back slowly, so the push fades in half a second.
;;
;;   0       one i32 for each cell: the first enemy in it, 0 for none
;;   32768   one i32 for each entity: the next enemy in the same cell
(module
  (import "ecs.query" "Hunter Velocity !Dead" (func $hunters (result i32)))
  (import "ecs.entity" "Hunter Velocity !Dead" (func $hunter (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
  (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
  (import "host" "tick" (func $now (result i32)))

  (memory (export "memory") 3)
  (global $columns i32 (i32.const 102))
  (global $cell f32 (f32.const 16))
  (global $next i32 (i32.const 32768))
  (global $distance f32 (f32.const 15))
  ;; Pixels a second, for each pixel that another is too near.
  (global $push f32 (f32.const 2))

  ;; The address of the cell of an enemy. The grid has a column and a row more on each side, so that each cell has eight neighbours.
  (func $cell_of (param $eid i32) (result i32)
    (i32.shl
      (i32.add
        (i32.mul (global.get $columns) (call $index (call $y (local.get $eid)) (f32.const 1200)))
        (call $index (call $x (local.get $eid)) (f32.const 1600)))
      (i32.const 2)))

  (func $index (param $value f32) (param $most f32) (result i32)
    (i32.add (i32.const 1)
      (i32.trunc_sat_f32_u (f32.div (f32.min (local.get $value) (local.get $most)) (global.get $cell)))))

  (func (export "tick") (param $dt f32)
    (local $left i32) (local $eid i32) (local $turn i32)
    (call $sort)
    (local.set $turn (call $now))
    (local.set $left (call $hunters))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $hunter (local.get $left)))
        (br_if $next (i32.and (i32.const 3) (i32.add (local.get $eid) (local.get $turn))))
        (call $part (local.get $eid))
        (br $next))))

  (func $sort
    (local $left i32) (local $eid i32) (local $cell i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 32768))
    (local.set $left (call $hunters))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $hunter (local.get $left)))
        (local.set $cell (call $cell_of (local.get $eid)))
        (i32.store
          (i32.add (global.get $next) (i32.shl (local.get $eid) (i32.const 2)))
          (i32.load (local.get $cell)))
        (i32.store (local.get $cell) (local.get $eid))
        (br $next))))

  ;; Pushes one enemy away from those in its cell and the eight around it.
  (func $part (param $eid i32)
    (local $first i32) (local $step i32) (local $other i32)
    (local $dx f32) (local $dy f32) (local $far f32) (local $push_x f32) (local $push_y f32)
    ;; From the cell above and to the left, row by row.
    (local.set $first
      (i32.sub (call $cell_of (local.get $eid)) (i32.shl (i32.add (global.get $columns) (i32.const 1)) (i32.const 2))))
    (block $done
      (loop $cells
        (br_if $done (i32.eq (local.get $step) (i32.const 9)))
        (local.set $other (i32.load (i32.add (local.get $first) (i32.shl
          (i32.add
            (i32.mul (i32.div_u (local.get $step) (i32.const 3)) (global.get $columns))
            (i32.rem_u (local.get $step) (i32.const 3)))
          (i32.const 2)))))
        (local.set $step (i32.add (local.get $step) (i32.const 1)))
        (loop $in_cell
          (br_if $cells (i32.eqz (local.get $other)))
          (local.set $dx (f32.sub (call $x (local.get $eid)) (call $x (local.get $other))))
          (local.set $dy (f32.sub (call $y (local.get $eid)) (call $y (local.get $other))))
          ;; Two in the same place part to the right and the left. The enemy itself is nobody to part from.
          (if (f32.eq (f32.add (f32.abs (local.get $dx)) (f32.abs (local.get $dy))) (f32.const 0))
            (then (local.set $dx (f32.convert_i32_s (i32.sub
              (i32.gt_u (local.get $eid) (local.get $other)) (i32.lt_u (local.get $eid) (local.get $other)))))))
          (local.set $far (f32.sqrt (f32.add
            (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))))
          (if (i32.and (f32.lt (local.get $far) (global.get $distance)) (f32.gt (local.get $far) (f32.const 0)))
            (then
              (local.set $far
                (f32.div (f32.mul (global.get $push) (f32.sub (global.get $distance) (local.get $far))) (local.get $far)))
              (local.set $push_x (f32.add (local.get $push_x) (f32.mul (local.get $dx) (local.get $far))))
              (local.set $push_y (f32.add (local.get $push_y) (f32.mul (local.get $dy) (local.get $far))))))
          (local.set $other
            (i32.load (i32.add (global.get $next) (i32.shl (local.get $other) (i32.const 2)))))
          (br $in_cell))))
    (call $set_vx (local.get $eid) (f32.add (call $vx (local.get $eid)) (call $most (local.get $push_x))))
    (call $set_vy (local.get $eid) (f32.add (call $vy (local.get $eid)) (call $most (local.get $push_y)))))

  ;; However many are too near, the push is 60 pixels a second at most.
  (func $most (param $push f32) (result f32)
    (f32.max (f32.const -60) (f32.min (f32.const 60) (local.get $push)))))
