;; What stands between the modules of a plugin in a worker and the functions of @extism/extism: the budget that all modules spend,
;; and a price for what takes long or much memory. Its functions cost a plugin fuel by whatever way it calls them.
(module $extism_worker
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_trace" (func $log_trace (param i64)))
  (import "extism:host/env" "log_debug" (func $log_debug (param i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/env" "log_warn" (func $log_warn (param i64)))
  (import "extism:host/env" "log_error" (func $log_error (param i64)))
  (import "extism:host/env" "http_request" (func $http_request (param i64 i64) (result i64)))
  (import "extism:host/env" "http_headers" (func $http_headers (result i64)))
  (import "extism:host/env" "http_status_code" (func $http_status_code (result i32)))

  (global $fuel (export "bitscript:fuel") (mut i32) (i32.const 0))
  (global (export "bitscript:depth") (mut i32) (i32.const 0))
  (global (export "bitscript:fault") (mut i32) (i32.const 0))
  (global (export "bitscript:operand") (mut i32) (i32.const 0))
  (global (export "bitscript:pages") (mut i32) (i32.const 0x7fffffff))
  ;; The bytes of blocks that the call may still allocate.
  (global $left (export "left") (mut i64) (i64.const 0))

  ;; At six nanoseconds a unit: a block, a message to the game's thread, and one that is answered.
  (global $block i32 (i32.const 400))
  (global $message i32 (i32.const 2000))
  (global $question i32 (i32.const 15000))

  (func $charge (param $units i32)
    (global.set $fuel (i32.sub (global.get $fuel) (local.get $units)))
    (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (unreachable))))

  ;; Returns 0 if there is no room. All blocks of a call are sent to the game's thread, so their bytes cost what copies cost.
  (func (export "alloc") (param $length i64) (result i64)
    (call $charge (global.get $block))
    (if (i64.gt_u (local.get $length) (global.get $left)) (then (return (i64.const 0))))
    (global.set $left (i64.sub (global.get $left) (local.get $length)))
    (call $charge (i32.wrap_i64 (i64.shr_u (local.get $length) (i64.const 2))))
    (call $alloc (local.get $length)))

  ;; No bytes are no output. Offset 0, which is no block, has one byte there.
  (func (export "output_set") (param $at i64) (param $length i64)
    (if (i32.or (i64.eqz (local.get $at)) (i64.eqz (local.get $length))) (then (return)))
    (call $output_set (local.get $at) (local.get $length)))

  (func (export "config_get") (param i64) (result i64) (call $charge (global.get $block)) (call $config_get (local.get 0)))
  (func (export "var_get") (param i64) (result i64) (call $charge (global.get $question)) (call $var_get (local.get 0)))
  (func (export "var_set") (param i64 i64) (call $charge (global.get $question)) (call $var_set (local.get 0) (local.get 1)))
  (func (export "log_trace") (param i64) (call $charge (global.get $message)) (call $log_trace (local.get 0)))
  (func (export "log_debug") (param i64) (call $charge (global.get $message)) (call $log_debug (local.get 0)))
  (func (export "log_info") (param i64) (call $charge (global.get $message)) (call $log_info (local.get 0)))
  (func (export "log_warn") (param i64) (call $charge (global.get $message)) (call $log_warn (local.get 0)))
  (func (export "log_error") (param i64) (call $charge (global.get $message)) (call $log_error (local.get 0)))
  (func (export "http_request") (param i64 i64) (result i64)
    (call $charge (i32.mul (global.get $question) (i32.const 4)))
    (call $http_request (local.get 0) (local.get 1)))
  (func (export "http_headers") (result i64) (call $charge (global.get $question)) (call $http_headers))
  (func (export "http_status_code") (result i32) (call $charge (global.get $question)) (call $http_status_code)))
