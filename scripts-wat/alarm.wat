;; alarm: cries once a second as long as someone is being hurt.
;; Lesson: a mod. alarm.script.json beside it says what to load it with: the hook that calls `hurt`, the interval that calls `cry`, and
;; what it may import. `get_version` must return the version that stands there.
(module
  (import "emit" "alarm" (func $alarm (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 8) "1.0.0")

  (global $hurt (mut i32) (i32.const 0))

  ;; A hook on Health.points: the entity, the old and the new value.
  (func (export "hurt") (param $entity i32) (param $old i32) (param $new i32)
    (if (i32.lt_s (local.get $new) (local.get $old))
      (then (global.set $hurt (i32.add (global.get $hurt) (i32.const 1))))))

  ;; Every 60 ticks.
  (func (export "cry")
    (if (global.get $hurt)
      (then (call $alarm (global.get $hurt))))
    (global.set $hurt (i32.const 0)))

  (func (export "get_version") (result i32 i32)
    (i32.const 8) (i32.const 5)))
