;; news: asks a server for the news of the day, and logs them.
;;
;; Lesson: HTTP. A request is JSON, and `http.request` returns its number at once. The answer comes in a later tick, to
;; `on_response`, with that number, the status, or 0 if it failed, and the body. The game must switch HTTP on, with
;; `create({ http: true })`, and say which hosts a script may ask: `grant: { host: ['http', 'host'], hosts: ['example.com'] }`. The
;; demo does not load this script; it is for you to load.
(module
  (import "http" "request" (func $request (param i32 i32) (result i32)))
  (import "host" "log_level" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"url\":\"https://example.com/news.txt\",\"headers\":{\"accept\":\"text/plain\"}}")
  (data (i32.const 256) "too many requests wait for an answer")
  (global $asked (mut i32) (i32.const 0))

  (func (export "on_news")
    (global.set $asked (call $request (i32.const 0) (i32.const 72)))
    (if (i32.eqz (global.get $asked)) (then (call $log (i32.const 2) (i32.const 256) (i32.const 36)))))

  (func (export "on_response") (param $id i32) (param $status i32) (param $body i32) (param $length i32)
    ;; An older answer is no news.
    (if (i32.ne (local.get $id) (global.get $asked)) (then (return)))
    ;; The body of one that failed says why: that is a warning.
    (call $log (select (i32.const 1) (i32.const 2) (i32.eq (local.get $status) (i32.const 200))) (local.get $body) (local.get $length))))
