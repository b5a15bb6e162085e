;; Fibonacci by recursion: calls, and little else.
(module
  (func $fibonacci (param $n i32) (result i32)
    (if (i32.lt_s (local.get $n) (i32.const 2)) (then (return (local.get $n))))
    (i32.add
      (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
      (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))
  (func (export "run") (param $n i32) (result f64)
    (f64.convert_i32_u (call $fibonacci (local.get $n)))))
