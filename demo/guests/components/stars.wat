;; stars: the sky of the demo as a component. Its core module is that of scripts-wat/stars.wat, with what it imports named as in game.wit: the
;; functions are the same loads, stores and calls in the end. `npm run guests:components` builds stars.wasm.
(module
  (import "game:ecs/position" "get-x" (func $x (param i32) (result f32)))
  (import "game:ecs/position" "get-y" (func $y (param i32) (result f32)))
  (import "game:ecs/look" "set-size" (func $set_size (param i32 f32)))
  (import "game:ecs/look" "set-hue" (func $set_hue (param i32 f32)))
  (import "bitscript:game/time" "seconds" (func $time (result f64)))
  (import "bitscript:game/math" "sin" (func $sin (param f64) (result f64)))
  (import "bitscript:game/math" "cos" (func $cos (param f64) (result f64)))
  (import "bitscript:game/math" "tan" (func $tan (param f64) (result f64)))
  (import "bitscript:game/math" "asin" (func $asin (param f64) (result f64)))
  (import "bitscript:game/math" "acos" (func $acos (param f64) (result f64)))
  (import "bitscript:game/math" "atan" (func $atan (param f64) (result f64)))
  (import "bitscript:game/math" "atan2" (func $atan2 (param f64 f64) (result f64)))
  (import "bitscript:game/math" "exp" (func $exp (param f64) (result f64)))
  (import "bitscript:game/math" "log" (func $log (param f64) (result f64)))
  (import "bitscript:game/math" "pow" (func $pow (param f64 f64) (result f64)))
  (import "bitscript:game/math" "hypot" (func $hypot (param f64 f64) (result f64)))

  (func (export "update") (param $eid i32) (param $dt f32)
    (local $phase f64) (local $from_middle f64) (local $wave f64)
    ;; The phase depends on the distance from the middle, so that rings of light run outwards.
    (local.set $from_middle
      (call $hypot
        (f64.sub (f64.promote_f32 (call $x (local.get $eid))) (f64.const 800))
        (f64.sub (f64.promote_f32 (call $y (local.get $eid))) (f64.const 600))))
    (local.set $phase
      (f64.sub (call $time) (call $log (f64.add (f64.const 1) (local.get $from_middle)))))
    (local.set $wave (call $sin (local.get $phase)))
    (block $set
      (block $spike
        (block $pulse
          (block $triangle
            (br_table $triangle $pulse $spike $set (i32.and (local.get $eid) (i32.const 3))))
          ;; A triangle wave: the arc sine of a sine; the second term computes it from the arc cosine.
          (local.set $wave (f64.mul (f64.const 0.3183)
            (f64.add (call $asin (local.get $wave))
              (f64.sub (f64.const 1.5708) (call $acos (local.get $wave))))))
          (br $set))
        ;; A short bright pulse.
        (local.set $wave (call $exp (f64.neg (call $pow (call $cos (local.get $phase)) (f64.const 2)))))
        (br $set))
      ;; The tangent grows without bound; the arc tangent bounds it.
      (local.set $wave (f64.mul (f64.const 0.6366) (call $atan (call $tan (local.get $phase))))))
    (call $set_size (local.get $eid)
      (f32.demote_f64 (f64.add (f64.const 1.2) (f64.mul (f64.const 0.8) (local.get $wave)))))
    (call $set_hue (local.get $eid)
      (f32.demote_f64 (f64.add (f64.const 220)
        (f64.mul (f64.const 15)
          (call $atan2 (local.get $wave) (call $cos (local.get $phase)))))))))
