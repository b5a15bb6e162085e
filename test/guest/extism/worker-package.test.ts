import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { expect, it, vi } from 'vitest'
import { errorOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

let warns = false
let createPlugin: (() => Promise<unknown>) | undefined
vi.mock('@extism/extism', () => {
  if (warns) process.emitWarning('WASI is an experimental feature and might change at any time', 'ExperimentalWarning')
  if (warns) process.emitWarning('something else')
  if (createPlugin === undefined) throw new Error('Cannot find package')
  return { CAPABILITIES: { hasWorkerCapability: true }, createPlugin: () => createPlugin?.() }
})

const load = async (options: object): Promise<unknown> => {
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  const wat = plugin('(func (export "run") (result i32) (drop (call $input_length)) (i32.const 0))')
  return runtime.loadModule(wat, { name: 'plugin', worker: true, ...options })
}

it('hides that the package loads an experimental part of Node, and no other warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
  const warned = process.emitWarning
  warns = true
  await Promise.allSettled([load({}), load({})])
  expect(new Set(warn.mock.calls.map(([said]) => said))).toEqual(new Set(['something else']))
  expect(process.emitWarning).toBe(warned)
  warn.mockRestore()
  warns = false
})

it('says how to install the package that runs plugins in workers, where it is missing', async () => {
  expect(await errorOf(() => load({}))).toMatchObject({
    code: 'EngineUnavailable',
    detail: "a plugin in a worker needs the package @extism/extism: run 'npm install @extism/extism@2.0.0-rc13'",
  })
})

it.each([
  [
    'is another version',
    async () => ({ call: () => undefined }),
    'the plugin needs @extism/extism 2.0.0-rc13, and another version is installed',
  ],
  [
    'starts no worker in time',
    () => new Promise(() => undefined),
    'the worker did not start within 20 milliseconds (limits.loadMs); a content security policy must allow worker-src data:',
  ],
])('says so if the package %s', async (_, create, detail) => {
  createPlugin = create
  expect(await errorOf(() => load({ limits: { loadMs: 20 } }))).toMatchObject({ code: 'EngineUnavailable', detail })
})
