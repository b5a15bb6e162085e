import { createWorld } from 'bitecs'
import { defineComponents, type LoadOptions, type RuntimeOptions, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)

interface Loaded {
  readonly runtime: WasmScriptRuntime
  readonly id: ScriptId
  readonly logs: string[]
}

async function load(wat: string, options: LoadOptions = {}, more: Partial<RuntimeOptions> = {}): Promise<Loaded> {
  const logs: string[] = []
  const components = defineComponents({ Position: { x: 'f32' } })
  const onLog: RuntimeOptions['onLog'] = ({ level, message }) => logs.push(`${level} ${message}`)
  const runtime = (await WasmScriptRuntime.create({ world: createWorld(), components, onLog, ...more })) as WasmScriptRuntime
  return { runtime, id: await runtime.loadModule(wat, { name: 'plugin', ...options }), logs }
}

/** Gives its input back, eight bytes at a time. */
const ECHO = `(func (export "echo") (result i32) (local $length i64) (local $at i64) (local $block i64)
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
const FAIL = '(func (export "fail") (result i32) (call $error_set (call $input_offset)) (i32.const 1))'
const KEEP = `(func (export "set") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $input_offset)) (i32.const 0))
  (func (export "get") (result i32) (local $block i64)
    (local.set $block (call $var_get (call $block (i32.const 0) (i32.const 1))))
    (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))
  (data (i32.const 0) "v")`

describe('an Extism plugin', () => {
  it('takes no input and gives no output where there is none', async () => {
    const { runtime, id } = await load(plugin(ECHO))
    expect(runtime.callJson(id, 'echo')).toBeUndefined()
    expect(runtime.call(id, 'echo')).toBe(0)
  })

  it('answers with an error of its own, and goes on', async () => {
    const { runtime, id } = await load(plugin(FAIL + ECHO))
    const error = await errorOf(() => runtime.callBytes(id, 'fail', encode('no such level')))
    expect(error).toMatchObject({ code: 'GuestError', detail: 'no such level', export: 'fail' })
    expect(runtime.script(id).status).toBe('active')
    expect(runtime.callJson(id, 'echo', 1)).toBe(1)
  })

  it('fails with its number if it sets no error', async () => {
    const { runtime, id } = await load(plugin('(func (export "seven") (result i32) (i32.const 7))'))
    expect(await errorOf(() => runtime.call(id, 'seven'))).toMatchObject({ code: 'GuestError', detail: "'seven' returned 7" })
  })

  it.each([
    ['_initialize', '(func (export "_initialize") (loop (br 0)))'],
    ['_start', '(func (export "_start") (loop (br 0)))'],
  ])('is refused when %s spins', async (_, declaration) => {
    expect(await errorOf(() => load(plugin(ECHO + declaration)))).toMatchObject({ code: 'OutOfFuel' })
  })

  it('pays for the work of the kernel', async () => {
    const hog =
      '(func (export "hog") (result i32) (loop (drop (call $alloc (i64.const 1))) (call $free (i64.const 80)) (br 0)) (i32.const 0))'
    const { runtime, id } = await load(plugin(hog), { limits: { fuel: 100_000 } })
    const error = await errorOf(() => runtime.call(id, 'hog'))
    expect(error.code).toBe('OutOfFuel')
    expect(error.trace?.map((frame) => frame.function)).toEqual(['hog'])
  })

  it('may hold as many pages in blocks as in its memory', async () => {
    const fill = `(func (export "fill") (result i32) (local $blocks i32)
      (block $full (loop $next
        (br_if $full (i64.eqz (call $alloc (i64.const 65536))))
        (local.set $blocks (i32.add (local.get $blocks) (i32.const 1))) (br $next)))
      (local.get $blocks))`
    const { runtime, id } = await load(plugin(fill), { limits: { memoryPages: 10, jsonBytes: 1000 } })
    expect((await errorOf(() => runtime.call(id, 'fill'))).detail).toBe("'fill' returned 9")
  })

  it('does not use a freed block again within a call', async () => {
    const reuse = `(func (export "reuse") (result i32) (local $first i64)
      (local.set $first (call $alloc (i64.const 8))) (call $free (local.get $first))
      (i32.or (i64.eq (local.get $first) (call $alloc (i64.const 8))) (i32.wrap_i64 (call $length (local.get $first)))))`
    const { runtime, id } = await load(plugin(reuse))
    expect(runtime.call(id, 'reuse')).toBe(0)
  })

  it('reads 0 outside of the blocks, and writes nothing there', async () => {
    const outside = `(func (export "outside") (result i32)
      (call $store_u64 (i64.const 0) (i64.const -1)) (call $store_u8 (i64.const 999999999999) (i32.const 1))
      (i32.wrap_i64 (i64.add (call $load_u64 (i64.const 0)) (i64.add (call $load_u64 (i64.const -1)) (call $input_load_u64 (i64.const -8))))))`
    const { runtime, id } = await load(plugin(outside))
    expect(runtime.callBytes(id, 'outside', encode('12345'))).toBeUndefined()
  })

  it('reads its config: text as it is, all else as JSON', async () => {
    const config = `(func (export "config") (result i32) (local $block i64)
      (local.set $block (call $config_get (call $input_offset)))
      (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))`
    const { runtime, id } = await load(plugin(config), { config: { name: 'Ada', level: 3, deep: { a: [1] } } })
    const read = (key: string): string | undefined => decode(runtime.callBytes(id, 'config', encode(key)))
    expect(['name', 'level', 'deep', 'none'].map(read)).toEqual(['Ada', '3', '{"a":[1]}', undefined])
  })

  it('logs at the level of the function, one line a call', async () => {
    const log = `(func (export "log") (result i32) (call $log_info (call $block (i32.const 0) (i32.const 5)))
      (call $log_error (call $block (i32.const 0) (i32.const 2))) (call $get_log_level)) (data (i32.const 0) "hello")`
    const { runtime, id, logs } = await load(plugin(log))
    runtime.call(id, 'log')
    expect(logs).toEqual(['info hello', 'error he'])
  })

  it('calls host functions, which read and return blocks', async () => {
    const upper =
      '(func (export "upper") (result i32) (local $block i64) (local.set $block (call $upper (call $input_offset))) (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))'
    const host: RuntimeOptions['host'] = {
      'extism:host/user': { upper: (context, offset: bigint) => context.store(context.readText(offset).toUpperCase()) },
    }
    const declared = plugin(upper, '(import "extism:host/user" "upper" (func $upper (param i64) (result i64)))')
    const { runtime, id } = await load(declared, {}, { host })
    expect(decode(runtime.callBytes(id, 'upper', encode('loud')))).toBe('LOUD')
    const denied = await errorOf(() => runtime.loadModule(declared, { name: 'denied', grant: { host: [] } }))
    expect(denied.code).toBe('GrantDenied')
  })

  it('is refused when it makes HTTP requests, which the game would wait for', async () => {
    const http = plugin(ECHO, '(import "extism:host/env" "http_request" (func (param i64 i64) (result i64)))')
    expect(await errorOf(() => load(http))).toMatchObject({
      code: 'EngineUnavailable',
      detail:
        'the plugin imports extism:host/env::http_request, which waits for the network, and a tick cannot wait: load it with worker: true',
    })
  })

  it('is told what it misspelt', async () => {
    const wrong = plugin(ECHO, '(import "extism:host/env" "var_gte" (func (param i64) (result i64)))')
    expect((await errorOf(() => load(wrong))).detail).toContain("did you mean 'var_get'?")
  })

  it('shows where it trapped', async () => {
    const { runtime, id } = await load(plugin('(func (export "boom") (result i32) (unreachable))'))
    const error = await errorOf(() => runtime.call(id, 'boom'))
    expect(error.code).toBe('Trap')
    expect(error.trace?.map((frame) => frame.function)).toEqual(['boom'])
    expect(error.frame).toContain('(unreachable)')
  })
})

describe('the life of an Extism plugin', () => {
  const log = (name: string): string => `(func (export "${name}") (result i32) (call $log_info (call $input_offset)) (i32.const 0))`

  it('is initialised with its config, ticked, and told of events', async () => {
    const { runtime, logs } = await load(plugin(['init', 'tick', 'on_hit'].map(log).join('')), { config: { speed: 2 } })
    runtime.emit('hit', 3, 0.5)
    runtime.tick(0.25)
    expect(logs).toEqual(['info {"speed":2}', 'info [3,0.5]', 'info {"tick":0,"time":0,"dt":0.25}'])
  })

  it('faults when its tick answers with an error', async () => {
    const { runtime, id } = await load(plugin('(func (export "tick") (result i32) (i32.const 3))'))
    runtime.on('error', () => undefined)
    runtime.tick(1)
    expect(runtime.script(id).fault).toMatchObject({ code: 'GuestError', export: 'tick' })
  })

  it('keeps its variables from call to call, within a limit, in snapshots and over a reload', async () => {
    const { runtime, id } = await load(plugin(KEEP), { limits: { jsonBytes: 1000 } })
    runtime.callBytes(id, 'set', encode('one'))
    const snapshot = runtime.snapshot()
    runtime.callBytes(id, 'set', encode('two'))
    expect(decode(runtime.callBytes(id, 'get'))).toBe('two')
    runtime.restore(snapshot)
    expect(decode(runtime.callBytes(id, 'get'))).toBe('one')
    const report = await runtime.reloadModule(id, plugin(`${KEEP} (func (export "more"))`))
    expect(report.carried).toEqual(['variable v'])
    expect(decode(runtime.callBytes(id, 'get'))).toBe('one')
    expect((await errorOf(() => runtime.callBytes(id, 'set', new Uint8Array(1000)))).code).toBe('OutOfMemory')
    expect(decode(runtime.callBytes(id, 'get'))).toBe('one')
  })

  it('shows its variables and its config as copies', async () => {
    const config = { vowels: 'aeiou', limit: 3 }
    const { runtime, id } = await load(plugin(KEEP), { config })
    expect(runtime.readVariables(id)).toEqual(new Map())
    runtime.callBytes(id, 'set', encode('one'))
    const read = runtime.readVariables(id)
    expect(decode(read.get('v'))).toBe('one')
    read.get('v')?.fill(0)
    expect(decode(runtime.callBytes(id, 'get'))).toBe('one')
    expect(runtime.readConfig(id)).toEqual({ vowels: 'aeiou', limit: '3' })
    const script = await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'script', config })
    expect(runtime.readVariables(script)).toEqual(new Map())
    const copy = runtime.readConfig(script) as { limit: number }
    expect(copy).toEqual(config)
    copy.limit = 4
    expect(runtime.readConfig(script)).toEqual(config)
  })

  it('of each entity has variables of its own', async () => {
    const once = `(func (export "update") (param $entity i32) (param f32)
      (i32.store8 (i32.const 8) (local.get $entity))
      (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $block (i32.const 8) (i32.const 1)))) (data (i32.const 0) "v")`
    const { runtime, id } = await load(plugin(once), { instances: 'entity' })
    const entities = [runtime.spawn(), runtime.spawn()]
    for (const entity of entities) runtime.attach(entity, id)
    runtime.tick(1)
    expect(entities.map((entity) => runtime.readVariables(id, entity).get('v'))).toEqual(entities.map((entity) => Uint8Array.of(entity)))
    expect([runtime.readVariables(id).size, runtime.readVariables(id, 99).size]).toEqual([0, 0])
  })
})
