import { corePrograms, DAMAGED, NUMBERS, quote } from '../conformance/core-programs.ts'
import type { TestedGuest } from '../conformance/programs.ts'

/** Returns `(pointer, length)` of a number that is written as JSON. */
const written = (expression: string): string =>
  `(local $at i32) (local.set $at (call $write ${expression})) (local.get $at) (i32.sub (i32.const 32) (local.get $at))`

const USES_MEMORY = /memory\.|\(data|\$log|\$write|\$parse|\(result i32 i32\)/

/** A module without a memory unless it uses one, so that its accesses are inlined even where an engine allows a module one memory. */
function module(declarations: string, imports = ''): string {
  const log = declarations.includes('$log') ? '(import "host" "log" (func $log (param i32 i32)))' : ''
  const memory = USES_MEMORY.test(declarations) ? `(memory (export "memory") 1) ${NUMBERS}` : ''
  return `(module ${imports} ${log} ${memory} ${declarations})`
}

/** Core modules that follow the script ABI. */
export const testedScript: TestedGuest = {
  kind: 'script',
  programs: {
    ...corePrograms({
      module,
      action: (name, body) => `(func (export "${name}") ${body})`,
      tick: (body) => `(func (export "tick") (param f32) ${body})`,
      handler: (event, body) => `(func (export "on_${event}") (param $first i32) (param $second i32) ${body})`,
      number: (name, expression) => `(func (export "${name}") (result i32) ${expression})`,
      echo: (name, before = '') => `(func (export "${name}") (param i32 i32) (result i32 i32) ${before} (local.get 0) (local.get 1))`,
      text: (name, text, at) => `(data (i32.const ${at}) "${quote(text)}")
        (func (export "${name}") (result i32 i32) (i32.const ${at}) (i32.const ${new TextEncoder().encode(text).length}))`,
      getState: (expression) => `(func (export "get_state") (result i32 i32) ${written(expression)})`,
      setState: (body) => `(func (export "set_state") (param $at i32) (param $length i32) (local $number i32)
        (local.set $number (call $parse (local.get $at) (local.get $length))) ${body})`,
      configured: `(global $length (mut i32) (i32.const 0))
        (func (export "init") (param i32 i32)
          (memory.copy (i32.const 1024) (local.get 0) (local.get 1)) (global.set $length (local.get 1)))
        (func (export "config") (result i32 i32) (i32.const 1024) (global.get $length))`,
      log: (at, length) => `(call $log (i32.const ${at}) (i32.const ${length}))`,
      damaged: DAMAGED,
    }),
    large: (pages) => `(module (memory ${pages}) (func (export "tick") (param f32)))`,
  },
}
