;; stats: counts what happens in the game, for a dashboard.
;;
;; Lesson: metrics and memory. A metric is an import whose name has its tags in braces: `runtime.metrics()` and
;; `runtime.formatPrometheus()` read them. A counter adds up, a gauge has the last number, a histogram has count, sum, least and
;; greatest. `host.memory_used`, `memory_limit` and `memory_pressure` say how much memory there is left to use. The demo does
;; not load this script; it is for you to load.
(module
  (import "metrics.counter" "kills{by=player}" (func $count_kill (param f64)))
  (import "metrics.gauge" "memory_free_bytes" (func $set_free (param f64)))
  (import "metrics.histogram" "wave_size" (func $add_wave (param f64)))
  (import "host" "memory_used" (func $used (result i32)))
  (import "host" "memory_limit" (func $limit (result i32)))
  (import "host" "memory_pressure" (func $pressure (result i32)))
  (memory (export "memory") 1)

  (func (export "on_killed") (param $entity i32)
    (call $count_kill (f64.const 1)))

  ;; The number of the wave stands for its size.
  (func (export "on_wave") (param $wave i32)
    (call $add_wave (f64.convert_i32_s (local.get $wave))))

  (func (export "tick") (param $dt f32)
    (call $set_free (f64.convert_i32_s (i32.sub (call $limit) (call $used))))
    ;; Room for what is to come, as long as there is plenty.
    (if (i32.eqz (call $pressure)) (then (drop (memory.grow (i32.const 1)))))))
