import { readFile } from 'node:fs/promises'
import createPlugin, { type CallContext } from '@extism/extism'
import { createWorld } from 'bitecs'
import { defineComponents, type ScriptError, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { plugin } from '../../fixtures/plugin.ts'

/** What a call of a plugin gave: its output as text, or the message of its error. */
type Answer = { readonly output: string } | { readonly error: string }

const CONFIG = { name: 'Ada' }
const utf8 = new TextDecoder()

/** Calls a function with each input in turn, here. */
async function answersHere(bytes: Uint8Array<ArrayBuffer>, name: string, inputs: readonly Uint8Array[]): Promise<Answer[]> {
  const runtime = await WasmScriptRuntime.create({
    world: createWorld(),
    components: defineComponents({}),
    host: { 'extism:host/user': { upper: (context, offset: bigint) => context.store(context.readText(offset).toUpperCase()) } },
    onLog: () => undefined,
  })
  const id = await runtime.loadModule(bytes, { config: CONFIG })
  return inputs.map((input) => {
    try {
      return { output: utf8.decode(runtime.callBytes(id, name, input)) }
    } catch (error) {
      return { error: (error as ScriptError).detail }
    }
  })
}

/** Calls a function with each input in turn, in the official SDK. */
async function answersInSdk(bytes: Uint8Array<ArrayBuffer>, name: string, inputs: readonly Uint8Array[]): Promise<Answer[]> {
  const upper = (context: CallContext, offset: bigint): bigint => context.store((context.read(offset)?.text() ?? '').toUpperCase())
  const sdk = await createPlugin(
    { wasm: [{ data: bytes }] },
    { useWasi: false, config: CONFIG, functions: { 'extism:host/user': { upper } } },
  )
  const answers: Answer[] = []
  for (const input of inputs) {
    try {
      answers.push({ output: (await sdk.call(name, input))?.text() ?? '' })
    } catch (error) {
      answers.push({ error: (error as Error).message.replace(/^Plugin-originated error: /, '') })
    }
  }
  await sdk.close()
  return answers
}

const bytesOf = (...texts: readonly string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text))
const SIZES = [0, 1, 7, 8, 9, 1_000_000].map((size) => Uint8Array.from({ length: size }, (_, index) => 32 + (index % 90)))
/** Copies the input by single bytes below eight, which the SDK reads as the native kernel does. */
const ECHO = `(func (export "run") (result i32) (local $length i64) (local $at i64) (local $block i64)
  (local.set $length (call $input_length)) (local.set $block (call $alloc (local.get $length)))
  (block $done (loop $next
    (br_if $done (i64.gt_u (i64.add (local.get $at) (i64.const 8)) (local.get $length)))
    (call $store_u64 (i64.add (local.get $block) (local.get $at)) (call $input_load_u64 (local.get $at)))
    (local.set $at (i64.add (local.get $at) (i64.const 8))) (br $next)))
  (block $done (loop $next
    (br_if $done (i64.ge_u (local.get $at) (local.get $length)))
    (call $store_u8 (i64.add (local.get $block) (local.get $at)) (call $input_load_u8 (local.get $at)))
    (local.set $at (i64.add (local.get $at) (i64.const 1))) (br $next)))
  (call $output_set (local.get $block) (local.get $length)) (i32.const 0))`
const give = (get: string, imports = ''): string =>
  plugin(
    `(func (export "run") (result i32) (local $block i64)
      (local.set $block ${get}) (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))`,
    imports,
  )
/** Appends the input to a variable, and outputs all of it. */
const APPEND = `(func (export "run") (result i32) (local $old i64) (local $length i64) (local $at i64) (local $new i64)
  (local.set $old (call $var_get (call $block (i32.const 0) (i32.const 1)))) 
  (if (i64.ne (local.get $old) (i64.const 0)) (then (local.set $length (call $length (local.get $old)))))
  (local.set $new (call $alloc (i64.add (local.get $length) (i64.const 1))))
  (block $done (loop $next (br_if $done (i64.ge_u (local.get $at) (local.get $length)))
    (call $store_u8 (i64.add (local.get $new) (local.get $at)) (call $load_u8 (i64.add (local.get $old) (local.get $at))))
    (local.set $at (i64.add (local.get $at) (i64.const 1))) (br $next)))
  (call $store_u8 (i64.add (local.get $new) (local.get $length)) (call $input_load_u8 (i64.const 0)))
  (call $output_set (local.get $new) (i64.add (local.get $length) (i64.const 1)))
  (call $var_set (call $block (i32.const 0) (i32.const 1)) (local.get $new)) (i32.const 0))
  (data (i32.const 0) "v")`

describe('a plugin answers as in the official SDK', () => {
  it.each<[string, string, readonly Uint8Array[]]>([
    ['with its input, of 0, 1, 7, 8, 9 and 1,000,000 bytes', plugin(ECHO), SIZES],
    ['with its config', give('(call $config_get (call $input_offset))'), bytesOf('name')],
    ['with a variable that it keeps', plugin(APPEND), bytesOf('a', 'b', 'c')],
    [
      'with what a host function returned',
      give('(call $upper (call $input_offset))', '(import "extism:host/user" "upper" (func $upper (param i64) (result i64)))'),
      bytesOf('loud', 'Grüße'),
    ],
    [
      'with an error of its own',
      plugin('(func (export "run") (result i32) (call $error_set (call $input_offset)) (i32.const 1))'),
      bytesOf('no such level'),
    ],
    [
      'with memory that it grows',
      plugin(
        '(func (export "run") (result i32) (drop (memory.grow (i32.const 20))) (i32.store8 (i32.const 1300000) (i32.const 65)) (call $output (i32.const 1300000) (i32.const 1)) (i32.const 0))',
      ),
      bytesOf('', ''),
    ],
    ['without output', plugin('(func (export "run") (result i32) (i32.const 0))'), bytesOf('x')],
  ])('%s', async (_, wat, inputs) => {
    const bytes = await assembleWat(wat, 'plugin.wat')
    expect(await answersHere(bytes, 'run', inputs)).toEqual(await answersInSdk(bytes, 'run', inputs))
  })

  it.each(['count.c.wasm', 'count.as.wasm'])('that a compiler made: %s', async (file) => {
    const bytes = new Uint8Array(await readFile(new URL(`../../fixtures/plugins/${file}`, import.meta.url)))
    const texts = ['hello world', '', 'AEIOU and y', 'x'.repeat(1000)]
    const answers = await answersHere(bytes, 'count', bytesOf(...texts))
    expect(answers).toEqual(await answersInSdk(bytes, 'count', bytesOf(...texts)))
    expect(answers.slice(0, 2)).toEqual([{ output: '{"count":3,"total":3}' }, { error: 'there is no text' }])
  })

  it('but as the native kernel where the SDK differs from that', async () => {
    // Reads eight bytes of an input of five: 0. The SDK throws.
    const five = plugin('(func (export "run") (result i32) (i32.wrap_i64 (call $input_load_u64 (i64.const 0))))')
    expect(await answersHere(await assembleWat(five, 'plugin.wat'), 'run', bytesOf('hello'))).toEqual([{ output: '' }])
    // Outputs three bytes from the middle of a block. The SDK gives the block.
    const part = plugin(
      '(func (export "run") (result i32) (call $output_set (i64.add (call $input_offset) (i64.const 1)) (i64.const 3)) (i32.const 0))',
    )
    expect(await answersHere(await assembleWat(part, 'plugin.wat'), 'run', bytesOf('hello'))).toEqual([{ output: 'ell' }])
  })
})
