import { plugin } from '../../fixtures/plugin.ts'
import { corePrograms, NUMBERS, quote } from '../conformance/core-programs.ts'
import type { TestedGuest } from '../conformance/programs.ts'

const action = (name: string, body: string): string => `(func (export "${name}") (result i32) ${body} (i32.const 0))`
const number = (name: string, expression: string): string => action(name, `(call $output_number ${expression})`)

/** Core modules that call the functions of the PDK: text is passed in the blocks of `extism:host/env`. */
export const testedExtism: TestedGuest = {
  kind: 'extism',
  programs: corePrograms({
    module: (declarations, imports) =>
      plugin(
        `${NUMBERS}
        (func $output_number (param $number i32) (local $at i32)
          (local.set $at (call $write (local.get $number)))
          (call $output (local.get $at) (i32.sub (i32.const 32) (local.get $at)))) ${declarations}`,
        imports,
      ),
    action,
    tick: (body) => action('tick', body),
    // The numbers of an event are a list: [3,5].
    handler: (event, body) => `(func (export "on_${event}") (result i32) (local $first i32) (local $second i32)
      (drop (call $input (i32.const 32)))
      (local.set $first (call $parse (i32.const 33) (i32.const 1))) (local.set $second (call $parse (i32.const 35) (i32.const 1)))
      ${body} (i32.const 0))`,
    number,
    echo: (name, before = '') => action(name, `${before} (call $output_set (call $input_offset) (call $input_length))`),
    text: (name, text, at) =>
      `(data (i32.const ${at}) "${quote(text)}")
      ${action(name, `(call $output (i32.const ${at}) (i32.const ${new TextEncoder().encode(text).length}))`)}`,
    getState: (expression) => number('get_state', expression),
    setState: (body) => `(func (export "set_state") (result i32) (local $number i32)
      (local.set $number (call $parse (i32.const 32) (call $input (i32.const 32)))) ${body} (i32.const 0))`,
    configured: `(global $length (mut i32) (i32.const 0))
      ${action('init', '(global.set $length (call $input (i32.const 1024)))')}
      ${action('config', '(call $output (i32.const 1024) (global.get $length))')}`,
    log: (at, length) => `(call $log_info (call $block (i32.const ${at}) (i32.const ${length})))`,
    damaged: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99, ...new TextEncoder().encode('extism:host/env')),
  }),
}
