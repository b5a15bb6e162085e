;; The sieve of Eratosthenes over bytes: how many primes are below 60,000.
(module
  (memory 1)
  (func (export "run") (param $rounds i32) (result f64)
    (local $n i32) (local $multiple i32) (local $count i32)
    (loop $round
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))
      (local.set $count (i32.const 0))
      (local.set $n (i32.const 2))
      (loop $next
        (if (i32.load8_u (local.get $n))
          (then
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (local.set $multiple (i32.add (local.get $n) (local.get $n)))
            (block $struck
              (loop $strike
                (br_if $struck (i32.ge_u (local.get $multiple) (i32.const 60000)))
                (i32.store8 (local.get $multiple) (i32.const 0))
                (local.set $multiple (i32.add (local.get $multiple) (local.get $n)))
                (br $strike)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $n) (i32.const 60000))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.convert_i32_u (local.get $count))))
