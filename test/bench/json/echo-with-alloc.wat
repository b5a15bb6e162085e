;; The same with memory of its own: one text at a time, behind the first 1,024 bytes.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (local.get $size) (i32.const 66559)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "process") (param i32 i32) (result i32 i32)
    (local.get 0)
    (local.get 1)))
