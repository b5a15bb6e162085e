;; shop: says what an arrow costs, and asks nobody.
;;
;; Lesson: messages. The game asks with `await runtime.request('shop', 'price')`. `handle_message` gets the message as JSON
;; and returns the reply as JSON, here the config itself, which `init` kept: `{"arrow":5}`. A script that sends a message with
;; an `id` gets the reply in `handle_callback`. `validate_config` is asked before `init`, and answers `true` or with what is
;; wrong: this one wants an object, which begins with a brace. The demo does not load this script; it is for you to load.
(module
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "true")
  (data (i32.const 8) "\"the config must be an object, such as { arrow: 5 }\"")

  (global $config (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))

  (func (export "validate_config") (param $json i32) (param $bytes i32) (result i32 i32)
    (if (i32.eq (i32.load8_u (local.get $json)) (i32.const 123)) ;; {
      (then (return (i32.const 0) (i32.const 4))))
    (i32.const 8) (i32.const 52))

  (func (export "init") (param $json i32) (param $bytes i32)
    ;; The text is scratch: it is kept at 1024.
    (memory.copy (i32.const 1024) (local.get $json) (local.get $bytes))
    (global.set $config (i32.const 1024))
    (global.set $length (local.get $bytes)))

  (func (export "handle_message") (param $json i32) (param $bytes i32) (result i32 i32)
    (global.get $config) (global.get $length))

  (func (export "handle_callback") (param $json i32) (param $bytes i32)
    (call $log (local.get $json) (local.get $bytes))))
