import { describeModule, type ExtismManifest } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

const binary = (wat: string): Promise<Uint8Array<ArrayBuffer>> => assembleWat(wat, 'module.wat')
const PLUGIN = plugin('(func (export "init") (result i32) (drop (call $input_length)) (i32.const 0)) (func (export "plain") (param i32))')
const LIBRARY = await binary(
  `(module (import "ecs" "exists" (func (param i32) (result i32))) (func (export "next") (result i32) (i32.const 1)))`,
)
const MAIN = await binary(
  `(module (import "library" "next" (func $next (result i32))) (func (export "run") (result i32) (drop (call $next)) (i32.const 0)))`,
)
const MANIFEST: ExtismManifest = { wasm: [{ name: 'library', data: LIBRARY }, { data: MAIN }] }

describe('describeModule', () => {
  it('describes a script', async () => {
    const described = await describeModule('(module (func (export "tick") (param f32)))')
    expect(described).toMatchObject({ guest: 'script', exports: [{ name: 'tick', type: '(f32) → ()' }] })
    expect(described).not.toHaveProperty('pluginFunctions')
    expect(described).not.toHaveProperty('linked')
  })

  it('describes an Extism plugin: its functions, and what it imports from Extism', async () => {
    expect(await describeModule(PLUGIN)).toMatchObject({
      guest: 'extism',
      pluginFunctions: ['init'],
      linked: [],
      imports: expect.arrayContaining([{ module: 'extism:host/env', name: 'input_length', type: '() → i64' }]),
      exports: expect.arrayContaining([{ name: 'plain', type: '(i32) → ()' }]),
    })
  })

  it('warns of a function that Extism does not have', async () => {
    const wrong = '(module (import "extism:host/env" "input_lenght" (func (result i64))) (func (export "f") (result i32) (i32.const 0)))'
    const { imports } = await describeModule(wrong)
    expect(imports[0]?.warning).toBe("extism:host/env has no function 'input_lenght'; did you mean 'input_length'?")
  })

  it('describes a manifest with the modules that it links, as checkModule does', async () => {
    const expected = {
      guest: 'extism',
      pluginFunctions: ['run'],
      linked: [{ name: 'library', imports: [{ module: 'ecs', name: 'exists' }], exports: [{ name: 'next', type: '() → i32' }] }],
    }
    expect(await describeModule(MANIFEST)).toMatchObject(expected)
    const { runtime } = await createGame()
    expect(await runtime.checkModule(MANIFEST)).toMatchObject(expected)
    const { link, ...checked } = await runtime.checkModule(MANIFEST)
    expect(checked).toEqual(await describeModule(MANIFEST))
    expect(link).toMatchObject({ path: 'inline', vector: false })
  })

  it('refuses what loading refuses', async () => {
    const network =
      '(module (import "extism:host/env" "http_request" (func (param i64 i64) (result i64))) (func (export "f") (result i32) (i32.const 0)))'
    const circle = (other: string): Promise<Uint8Array> => binary(`(module (import "${other}" "f" (func)) (func (export "f")))`)
    const manifest = { wasm: [{ name: 'a', data: await circle('b') }, { name: 'b', data: await circle('a') }, { data: MAIN }] }
    for (const [source, code] of [
      [network, 'EngineUnavailable'],
      [{ wasm: [{ data: new TextEncoder().encode('no module') }] }, 'InvalidBinary'],
      [{ wasm: [] }, 'InvalidManifest'],
      [manifest, 'UnknownImport'],
    ] as const) {
      expect(await codeOf(describeModule(source))).toBe(code)
      const { runtime } = await createGame()
      expect(await codeOf(runtime.loadModule(source))).toBe(code)
    }
  })
})

it('a manifest is a plugin, even if its module imports nothing from Extism itself', async () => {
  const { runtime } = await createGame()
  const id = await runtime.loadModule({ wasm: [{ name: 'library', data: LIBRARY }, { data: MAIN }] })
  expect(runtime.script(id).guest).toBe('extism')
  expect(runtime.call(id, 'run')).toBe(0)
})
