;; Gives its text back, and does nothing.
(module
  (memory (export "memory") 1)
  (func (export "echo") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1))
  (func (export "nothing")))
