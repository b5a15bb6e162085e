;; best: keeps the greatest wave that was ever reached.
;;
;; Lesson: storage. What a script keeps under a key is bytes, here one i32. It stays over reloads of any kind and in snapshots, the
;; game reads it with `runtime.readStorage`, and it has a limit, `limits.storageBytes`. The demo does not load this script; it
;; is for you to load.
(module
  (import "storage" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "storage" "set" (func $set (param i32 i32 i32 i32) (result i32)))
  (import "storage" "delete" (func $delete (param i32 i32) (result i32)))
  (import "storage" "used" (func $used (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "best")

  ;; Returns the greatest wave; 0 if there is none.
  (func $read (export "best") (result i32)
    ;; The value goes to 16, where there is room for 4 bytes. Its length is -1 if there is none.
    (if (i32.ne (call $get (i32.const 0) (i32.const 4) (i32.const 16) (i32.const 4)) (i32.const 4))
      (then (return (i32.const 0))))
    (i32.load (i32.const 16)))

  (func (export "on_wave") (param $wave i32)
    (if (i32.le_s (local.get $wave) (call $read)) (then (return)))
    (i32.store (i32.const 16) (local.get $wave))
    ;; It gives -1 if there is no room: then the old value stays.
    (drop (call $set (i32.const 0) (i32.const 4) (i32.const 16) (i32.const 4))))

  (func (export "forget") (result i32) (call $delete (i32.const 0) (i32.const 4)))
  (func (export "used") (result i32) (call $used)))
