;; The sum of the bytes of a page: the tightest loop there is.
(module
  (memory 1)
  (data (i32.const 1000) "The quick brown fox jumps over the lazy dog")
  (func (export "run") (param $rounds i32) (result f64)
    (local $at i32) (local $sum i32)
    (loop $round
      (local.set $at (i32.const 0))
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 65536))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.convert_i32_u (local.get $sum))))
