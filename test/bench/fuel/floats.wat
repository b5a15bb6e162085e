;; x = x * 0.5 + 1 over 4,096 floats in memory, again and again.
(module
  (memory 1)
  (func (export "run") (param $rounds i32) (result f64)
    (local $at i32)
    (loop $round
      (local.set $at (i32.const 0))
      (loop $next
        (f32.store (local.get $at)
          (f32.add (f32.mul (f32.load (local.get $at)) (f32.const 0.5)) (f32.const 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 16384))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.promote_f32 (f32.load (i32.const 400)))))
