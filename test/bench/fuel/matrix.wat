;; The product of two matrices of 64 by 64 f32: A at 0, B at 16384, the product at 32768.
(module
  (memory 1)
  (func (export "run") (param $rounds i32) (result f64)
    (local $row i32) (local $column i32) (local $k i32) (local $at i32) (local $a i32) (local $b i32) (local $sum f32)
    (loop $fill
      (f32.store (local.get $at) (f32.convert_i32_u (i32.and (local.get $at) (i32.const 31))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $fill (i32.lt_u (local.get $at) (i32.const 32768))))
    (loop $round
      (local.set $row (i32.const 0))
      (loop $next_row
        (local.set $column (i32.const 0))
        (loop $next_column
          (local.set $sum (f32.const 0))
          (local.set $a (i32.shl (local.get $row) (i32.const 8)))
          (local.set $b (i32.add (i32.const 16384) (i32.shl (local.get $column) (i32.const 2))))
          (local.set $k (i32.const 64))
          (loop $next
            (local.set $sum
              (f32.add (local.get $sum) (f32.mul (f32.load (local.get $a)) (f32.load (local.get $b)))))
            (local.set $a (i32.add (local.get $a) (i32.const 4)))
            (local.set $b (i32.add (local.get $b) (i32.const 256)))
            (local.set $k (i32.sub (local.get $k) (i32.const 1)))
            (br_if $next (local.get $k)))
          (f32.store offset=32768
            (i32.add (i32.shl (local.get $row) (i32.const 8)) (i32.shl (local.get $column) (i32.const 2)))
            (local.get $sum))
          (local.set $column (i32.add (local.get $column) (i32.const 1)))
          (br_if $next_column (i32.lt_u (local.get $column) (i32.const 64))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br_if $next_row (i32.lt_u (local.get $row) (i32.const 64))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.promote_f32 (f32.load offset=32768 (i32.const 5000)))))
