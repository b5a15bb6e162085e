;; The memory between an Extism plugin and its host: the input, the output, the error, and blocks that both allocate.
;; It follows the functions of https://extism.org/docs/concepts/pdk and the rules of the Rust kernel: the length of a block
;; counts, reads outside give 0, writes outside do nothing. Blocks are allocated in one direction and never used again
;; before `reset`. A header of 16 bytes precedes each: its address with a mark, and its length.
;; The input, the output and the error lie in the first 48 bytes, where the host reads and writes them at no cost of fuel, where it begins a
;; call or nests one: the address of the input at 8, its length at 16, those of the output at 24 and 32, the address of the error at 40.
(module $extism_kernel
  (memory (export "memory") 1)

  (global $first i32 (i32.const 64))
  (global $mark i64 (i64.const 0x65787469736d2101))
  (global $top (export "top") (mut i32) (i32.const 64))

  ;; Whether `length` bytes at `at` lie below the end of the last block.
  (func $fits (param $at i64) (param $length i64) (result i32)
    (i32.and
      (i64.ge_u (local.get $at) (i64.extend_i32_u (global.get $first)))
      (i32.and
        (i64.le_u (local.get $at) (i64.extend_i32_u (global.get $top)))
        (i64.le_u (local.get $length) (i64.sub (i64.extend_i32_u (global.get $top)) (local.get $at))))))

  ;; Returns 0 if there is no room, and for a length of 0. Clears the block: no call reads what another left.
  (func (export "alloc") (param $length i64) (result i64)
    (local $at i64) (local $end i64) (local $missing i32)
    (if (i32.or (i64.eqz (local.get $length)) (i64.gt_u (local.get $length) (i64.const 0xffff0000))) (then (return (i64.const 0))))
    (local.set $at (i64.add (i64.extend_i32_u (global.get $top)) (i64.const 16)))
    (local.set $end (i64.and (i64.add (i64.add (local.get $at) (local.get $length)) (i64.const 7)) (i64.const -8)))
    (if (i64.gt_u (local.get $end) (i64.const 0xffff0000)) (then (return (i64.const 0))))
    (local.set $missing
      (i32.sub (i32.wrap_i64 (i64.shr_u (i64.add (local.get $end) (i64.const 0xffff)) (i64.const 16))) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (return (i64.const 0))))))
    (memory.fill (global.get $top) (i32.const 0) (i32.sub (i32.wrap_i64 (local.get $end)) (global.get $top)))
    (i64.store (global.get $top) (i64.xor (local.get $at) (global.get $mark)))
    (i64.store offset=8 (global.get $top) (local.get $length))
    (global.set $top (i32.wrap_i64 (local.get $end)))
    (local.get $at))

  ;; Returns 0 for an address that is not the start of a block.
  (func $length (export "length") (param $at i64) (result i64)
    (local $header i32) (local $length i64)
    (if (i32.eqz (call $fits (i64.sub (local.get $at) (i64.const 16)) (i64.const 16))) (then (return (i64.const 0))))
    (local.set $header (i32.sub (i32.wrap_i64 (local.get $at)) (i32.const 16)))
    (if (i64.ne (i64.load (local.get $header)) (i64.xor (local.get $at) (global.get $mark))) (then (return (i64.const 0))))
    (local.set $length (i64.load offset=8 (local.get $header)))
    (select (local.get $length) (i64.const 0) (call $fits (local.get $at) (local.get $length))))
  (export "length_unsafe" (func $length))

  (func (export "free") (param $at i64)
    (if (i64.eqz (call $length (local.get $at))) (then (return)))
    (i64.store (i32.sub (i32.wrap_i64 (local.get $at)) (i32.const 16)) (i64.const 0))
    (if (i64.eq (local.get $at) (i64.load offset=8 (i32.const 0))) (then (i64.store offset=16 (i32.const 0) (i64.const 0)))))

  (func (export "load_u8") (param $at i64) (result i32)
    (if (result i32) (call $fits (local.get $at) (i64.const 1))
      (then (i32.load8_u (i32.wrap_i64 (local.get $at))))
      (else (i32.const 0))))
  (func (export "load_u64") (param $at i64) (result i64)
    (if (result i64) (call $fits (local.get $at) (i64.const 8))
      (then (i64.load (i32.wrap_i64 (local.get $at))))
      (else (i64.const 0))))
  (func (export "store_u8") (param $at i64) (param $value i32)
    (if (call $fits (local.get $at) (i64.const 1))
      (then (i32.store8 (i32.wrap_i64 (local.get $at)) (local.get $value)))))
  (func (export "store_u64") (param $at i64) (param $value i64)
    (if (call $fits (local.get $at) (i64.const 8))
      (then (i64.store (i32.wrap_i64 (local.get $at)) (local.get $value)))))

  (func (export "input_set") (param $at i64) (param $length i64)
    (if (i32.or (i64.eqz (local.get $length)) (call $fits (local.get $at) (local.get $length)))
      (then
        (i64.store offset=8 (i32.const 0) (local.get $at))
        (i64.store offset=16 (i32.const 0) (local.get $length)))))
  (func (export "input_offset") (result i64) (i64.load offset=8 (i32.const 0)))
  (func (export "input_length") (result i64) (i64.load offset=16 (i32.const 0)))
  (func (export "input_load_u8") (param $at i64) (result i32)
    (if (result i32) (i64.lt_u (local.get $at) (i64.load offset=16 (i32.const 0)))
      (then (i32.load8_u (i32.wrap_i64 (i64.add (i64.load offset=8 (i32.const 0)) (local.get $at)))))
      (else (i32.const 0))))
  (func (export "input_load_u64") (param $at i64) (result i64)
    (if (result i64)
      (i32.and
        (i64.ge_u (i64.load offset=16 (i32.const 0)) (i64.const 8))
        (i64.le_u (local.get $at) (i64.sub (i64.load offset=16 (i32.const 0)) (i64.const 8))))
      (then (i64.load (i32.wrap_i64 (i64.add (i64.load offset=8 (i32.const 0)) (local.get $at)))))
      (else (i64.const 0))))

  (func (export "output_set") (param $at i64) (param $length i64)
    (if (i32.or (i64.eqz (local.get $length)) (call $fits (local.get $at) (local.get $length)))
      (then
        (i64.store offset=24 (i32.const 0) (local.get $at))
        (i64.store offset=32 (i32.const 0) (local.get $length)))))
  (func (export "output_offset") (result i64) (i64.load offset=24 (i32.const 0)))
  (func (export "output_length") (result i64) (i64.load offset=32 (i32.const 0)))

  (func (export "error_set") (param $at i64)
    (if (i32.or (i64.eqz (local.get $at)) (call $fits (local.get $at) (i64.const 1)))
      (then (i64.store offset=40 (i32.const 0) (local.get $at)))))
  (func (export "error_get") (result i64) (i64.load offset=40 (i32.const 0)))

  ;; Frees everything.
  (func (export "reset")
    (global.set $top (global.get $first))
    (i64.store offset=8 (i32.const 0) (i64.const 0))
    (i64.store offset=16 (i32.const 0) (i64.const 0))
    (i64.store offset=24 (i32.const 0) (i64.const 0))
    (i64.store offset=32 (i32.const 0) (i64.const 0))
    (i64.store offset=40 (i32.const 0) (i64.const 0))))
