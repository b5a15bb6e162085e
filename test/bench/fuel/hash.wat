;; FNV-1a over a page of bytes, with a final mix as in xxHash.
(module
  (memory 1)
  (data (i32.const 3000) "Pack my box with five dozen liquor jugs")
  (func $hash (param $from i32) (param $to i32) (param $hash i32) (result i32)
    (loop $next
      (local.set $hash
        (i32.mul (i32.xor (local.get $hash) (i32.load8_u (local.get $from))) (i32.const 16777619)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to))))
    (local.set $hash
      (i32.mul (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))) (i32.const 0x85ebca77)))
    (local.set $hash
      (i32.mul (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13))) (i32.const 0xc2b2ae3d)))
    (i32.xor (local.get $hash) (i32.rotl (local.get $hash) (i32.const 16))))
  (func (export "run") (param $rounds i32) (result f64)
    (local $value i32)
    (local.set $value (i32.const 0x811c9dc5))
    (loop $round
      (local.set $value (call $hash (i32.const 0) (i32.const 65536) (local.get $value)))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $round (local.get $rounds)))
    (f64.convert_i32_u (local.get $value))))
