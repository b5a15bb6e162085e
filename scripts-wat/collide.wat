;; collide: bullets hit hunters, hunters hit the player.
;;
;; Lesson: a memory of its own. To test every bullet against every hunter would take millions of steps a tick. This
;; script sorts the hunters into the cells of a grid, as linked lists in its memory, and tests each bullet against nine
;; cells only. Nothing else reads or writes this memory.
;;
;;   0      one i32 for each cell: the first hunter in it, 0 for none
;;   8192   one i32 for each entity: the next hunter in the same cell
(module
  (import "ecs.query" "Hunter Position !Dead" (func $hunters (result i32)))
  (import "ecs.entity" "Hunter Position !Dead" (func $hunter (param i32) (result i32)))
  (import "ecs.query" "Bullet Position" (func $bullets (result i32)))
  (import "ecs.entity" "Bullet Position" (func $bullet (param i32) (result i32)))
  (import "ecs.query" "Player Position" (func $players (result i32)))
  (import "ecs.entity" "Player Position" (func $player (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.get" "Health.points" (func $health (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_health (param i32 i32)))
  (import "ecs.get" "Look.size" (func $size (param i32) (result f32)))
  (import "ecs.get" "Dash.left" (func $dashing (param i32) (result f32)))
  (import "ecs.has" "Dead" (func $is_dead (param i32) (result i32)))
  (import "ecs.has" "Shielded" (func $is_shielded (param i32) (result i32)))
  (import "ecs.add" "Dead" (func $kill (param i32)))
  (import "ecs.add" "Stunned" (func $stun (param i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "emit" "hurt" (func $hurt (param i32)))

  (memory (export "memory") 3)
  (global $columns i32 (i32.const 51))
  (global $rows i32 (i32.const 39))
  (global $cell f32 (f32.const 32))
  (global $next i32 (i32.const 8192))
  ;; How far from its edge an enemy is hit. With its size, at most the 32 pixels of a cell.
  (global $reach f32 (f32.const 4))

  (func $column_of (param $value f32) (result i32)
    (i32.trunc_sat_f32_s (f32.div (local.get $value) (global.get $cell))))

  (func $cell_at (param $column i32) (param $row i32) (result i32)
    (i32.shl
      (i32.add (i32.mul (local.get $row) (global.get $columns)) (local.get $column))
      (i32.const 2)))

  (func (export "tick") (param $dt f32)
    (local $left i32)
    (call $sort_hunters)
    (local.set $left (call $bullets))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (call $fly (call $bullet (local.get $left)))
        (br $next)))
    (local.set $left (call $players))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (call $touch (call $player (local.get $left)))
        (br $next))))

  (func $sort_hunters
    (local $left i32) (local $eid i32) (local $cell i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 8192))
    (local.set $left (call $hunters))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $eid (call $hunter (local.get $left)))
        (local.set $cell
          (call $cell_at
            (call $column_of (call $x (local.get $eid)))
            (call $column_of (call $y (local.get $eid)))))
        (i32.store
          (i32.add (global.get $next) (i32.shl (local.get $eid) (i32.const 2)))
          (i32.load (local.get $cell)))
        (i32.store (local.get $cell) (local.get $eid))
        (br $next))))

  ;; The first living hunter within reach of a place, 0 for none.
  (func $find (param $at_x f32) (param $at_y f32) (result i32)
    (local $column i32) (local $row i32) (local $step i32) (local $c i32) (local $r i32)
    (local $eid i32) (local $dx f32) (local $dy f32) (local $reach f32)
    (local.set $column (call $column_of (local.get $at_x)))
    (local.set $row (call $column_of (local.get $at_y)))
    (block $done
      (loop $cells
        (br_if $done (i32.eq (local.get $step) (i32.const 9)))
        (local.set $c (i32.add (local.get $column) (i32.sub (i32.rem_u (local.get $step) (i32.const 3)) (i32.const 1))))
        (local.set $r (i32.add (local.get $row) (i32.sub (i32.div_u (local.get $step) (i32.const 3)) (i32.const 1))))
        (local.set $step (i32.add (local.get $step) (i32.const 1)))
        (br_if $cells (i32.ge_u (local.get $c) (global.get $columns)))
        (br_if $cells (i32.ge_u (local.get $r) (global.get $rows)))
        (local.set $eid (i32.load (call $cell_at (local.get $c) (local.get $r))))
        (loop $in_cell
          (br_if $cells (i32.eqz (local.get $eid)))
          (local.set $dx (f32.sub (call $x (local.get $eid)) (local.get $at_x)))
          (local.set $dy (f32.sub (call $y (local.get $eid)) (local.get $at_y)))
          (local.set $reach (f32.add (global.get $reach) (call $size (local.get $eid))))
          (if
            (f32.lt
              (f32.add (f32.mul (local.get $dx) (local.get $dx)) (f32.mul (local.get $dy) (local.get $dy)))
              (f32.mul (local.get $reach) (local.get $reach)))
            (then
              (if (i32.eqz (call $is_dead (local.get $eid)))
                (then (return (local.get $eid))))))
          (local.set $eid
            (i32.load (i32.add (global.get $next) (i32.shl (local.get $eid) (i32.const 2)))))
          (br $in_cell))))
    (i32.const 0))

  (func $fly (param $bullet i32)
    (local $hit i32)
    (local.set $hit (call $find (call $x (local.get $bullet)) (call $y (local.get $bullet))))
    (if (local.get $hit)
      (then
        (call $wound (local.get $hit) (i32.const 1))
        (call $despawn (local.get $bullet)))))

  (func $wound (param $hunter i32) (param $points i32)
    (call $set_health (local.get $hunter) (i32.sub (call $health (local.get $hunter)) (local.get $points)))
    (if (i32.le_s (call $health (local.get $hunter)) (i32.const 0))
      (then (call $kill (local.get $hunter)))
      (else (call $stun (local.get $hunter)))))

  (func $touch (param $player i32)
    (local $hit i32)
    (if (call $is_shielded (local.get $player)) (then (return)))
    (if (f32.gt (call $dashing (local.get $player)) (f32.const 0)) (then (return)))
    (local.set $hit (call $find (call $x (local.get $player)) (call $y (local.get $player))))
    (if (local.get $hit)
      (then
        (call $wound (local.get $hit) (i32.const 4))
        (call $hurt (local.get $player))))))
