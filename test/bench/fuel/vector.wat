;; x = x * 0.5 + 1 over 16,384 floats in memory, four at a time.
(module
  (memory 1)
  (func (export "run") (param $rounds i32) (result f64)
    (local $at i32)
    (loop $round
      (local.set $at (i32.const 0))
      (loop $next
        (v128.store (local.get $at)
          (f32x4.add
            (f32x4.mul (v128.load (local.get $at)) (v128.const f32x4 0.5 0.5 0.5 0.5))
            (v128.const f32x4 1 1 1 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 65536))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.promote_f32 (f32.load (i32.const 400)))))
