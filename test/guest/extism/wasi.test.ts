import { createWorld } from 'bitecs'
import { defineComponents, type RuntimeOptions, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

const wasi = (name: string, type: string): string => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`

async function load(wat: string): Promise<{ runtime: WasmScriptRuntime; id: ScriptId; logs: string[] }> {
  const logs: string[] = []
  const onLog: RuntimeOptions['onLog'] = ({ level, message }) => logs.push(`${level} ${message}`)
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents({}), onLog, seed: 7 })
  return { runtime, id: await runtime.loadModule(wat, { name: 'plugin' }), logs }
}

/** Calls a function of WASI with the arguments. Outputs 16 bytes of the memory from address 0. */
const calling = (name: string, type: string, args: string): string =>
  plugin(
    `(func (export "run") (result i32) (local $errno i32)
      (local.set $errno (call $${name} ${args}))
      (call $output (i32.const 0) (i32.const 16)) (local.get $errno))`,
    wasi(name, type),
  )

describe('WASI in an Extism plugin', () => {
  it('writes stdout and stderr to the log', async () => {
    const write = plugin(
      `(func (export "run") (result i32)
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 64)))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 64)))
        (i32.sub (i32.load (i32.const 64)) (i32.const 5)))
      (data (i32.const 0) "\\20\\00\\00\\00\\05\\00\\00\\00\\25\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 32) "hello world")`,
      wasi('fd_write', '(param i32 i32 i32 i32) (result i32)'),
    )
    const { runtime, id, logs } = await load(write)
    runtime.call(id, 'run')
    expect(logs).toEqual(['info hello world', 'warn hello'])
  })

  it('tells the time of the game', async () => {
    const { runtime, id } = await load(
      calling('clock_time_get', '(param i32 i64 i32) (result i32)', '(i32.const 0) (i64.const 0) (i32.const 0)'),
    )
    runtime.tick(1.5)
    const bytes = runtime.callBytes(id, 'run') as Uint8Array
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(1_500_000_000n)
  })

  it('gives random bytes of the seed, the same in every game', async () => {
    const wat = calling('random_get', '(param i32 i32) (result i32)', '(i32.const 0) (i32.const 16)')
    const [one, other] = [await load(wat), await load(wat)]
    const bytes = one.runtime.callBytes(one.id, 'run') as Uint8Array
    expect(new Set(bytes).size).toBeGreaterThan(8)
    expect(other.runtime.callBytes(other.id, 'run')).toEqual(bytes)
    expect(one.runtime.callBytes(one.id, 'run')).not.toEqual(bytes)
  })

  it.each([
    [
      'path_open',
      '(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)',
      `${'(i32.const 0) '.repeat(5)} (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)`,
      58,
    ],
    ['fd_prestat_get', '(param i32 i32) (result i32)', '(i32.const 3) (i32.const 0)', 8],
    ['fd_write', '(param i32 i32 i32 i32) (result i32)', '(i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0)', 8],
    ['random_get', '(param i32 i32) (result i32)', '(i32.const -8) (i32.const 16)', 21],
    ['random_get', '(param i32 i32) (result i32)', '(i32.const 0) (i32.const 65537)', 28],
    ['fd_write', '(param i32 i32 i32 i32) (result i32)', '(i32.const 1) (i32.const 0) (i32.const -1) (i32.const 0)', 28],
    ['fd_write', '(param i32 i32 i32 i32) (result i32)', '(i32.const 1) (i32.const -8) (i32.const 1) (i32.const 0)', 21],
  ])('answers %s with an error number', async (name, type, args, errno) => {
    const { runtime, id } = await load(calling(name, type, args))
    expect((await errorOf(() => runtime.call(id, 'run'))).detail).toBe(`'run' returned ${errno}`)
  })

  it('ends a call by proc_exit: 0 is no error', async () => {
    const exit = plugin(
      `(func (export "leave") (result i32) (call $output (i32.const 0) (i32.const 2)) (call $proc_exit (i32.const 0)) (i32.const 1))
       (func (export "fail") (result i32) (call $proc_exit (i32.const 3)) (i32.const 0)) (data (i32.const 0) "42")`,
      wasi('proc_exit', '(param i32)'),
    )
    const { runtime, id } = await load(exit)
    expect(runtime.callJson(id, 'leave')).toBe(42)
    expect((await errorOf(() => runtime.call(id, 'fail'))).detail).toBe("'fail' returned 3")
    expect(runtime.script(id).status).toBe('active')
  })

  it.each(['_initialize', '_start'])('runs %s first', async (name) => {
    const wat = plugin(
      `(global $ready (mut i32) (i32.const 1)) (func (export "${name}") (global.set $ready (i32.const 0)))
       (func (export "run") (result i32) (global.get $ready))`,
    )
    const { runtime, id } = await load(wat)
    expect(runtime.call(id, 'run')).toBe(0)
  })
})
