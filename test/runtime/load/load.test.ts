import { createServer } from 'node:http'
import { $internal, hasComponent, type WorldContext } from 'bitecs'
import { defineComponents, type ScriptId, ScriptState } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { jsonScript } from '../../fixtures/scripts.ts'

const SEVEN = '(module (func (export "seven") (result i32) (i32.const 7)))'

describe('loadModule', () => {
  it('accepts WAT text as a string or bytes, and wasm as bytes, an array buffer or a view', async () => {
    const { runtime } = await createGame()
    const text = new TextEncoder().encode(SEVEN)
    const wasm = await assembleWat(SEVEN, 'seven.wat')
    const padded = new Uint8Array([9, ...wasm, 9]).subarray(1, wasm.length + 1)
    for (const source of [SEVEN, text, wasm, wasm.buffer, padded]) {
      expect(runtime.call(await runtime.loadModule(source), 'seven')).toBe(7)
    }
  })

  it('accepts WAT text that begins with a byte order mark, and counts its columns without it', async () => {
    const { runtime } = await createGame()
    const marked = `\ufeff${SEVEN}`
    const url = new URL('file:///marked.wat')
    const asset = { name: 'asset', url: url.href, bytes: await assembleWat(SEVEN, 'seven.wat'), text: marked }
    for (const source of [marked, new TextEncoder().encode(marked), { url, content: marked }, asset]) {
      expect(runtime.call(await runtime.loadModule(source), 'seven')).toBe(7)
    }
    expect((await errorOf(runtime.loadModule('\ufeff(module (func nop nope))'))).location).toMatchObject({ line: 1, column: 19 })
  })

  it('accepts URLs (data, file, http) and responses', async () => {
    const { runtime } = await createGame()
    const wasm = await assembleWat(SEVEN, 'seven.wat')
    const server = createServer((request, response) => {
      if (request.url !== '/seven.wat') response.statusCode = 404
      response.end(SEVEN)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const sources = [
      new URL(`data:application/wasm;base64,${Buffer.from(wasm).toString('base64')}`),
      new URL('../../fixtures/seven.wat', import.meta.url),
      new Response(SEVEN),
    ]
    for (const source of sources) expect(runtime.call(await runtime.loadModule(source), 'seven')).toBe(7)
    runtime.unloadModule(runtime.find('seven')?.id as ScriptId)
    const served = await runtime.loadModule(new URL(`http://127.0.0.1:${port}/seven.wat`))
    expect(runtime.script(served).name).toBe('seven')
    expect(await codeOf(runtime.loadModule(new URL(`http://127.0.0.1:${port}/gone.wat`)))).toBe('LoadFailed')
    server.close()
    expect(await codeOf(runtime.loadModule(new URL('http://127.0.0.1:1/no.wat')))).toBe('LoadFailed')
  })

  it('reports a source that cannot be read', async () => {
    const { runtime } = await createGame()
    const missing = await errorOf(runtime.loadModule(new URL('../missing.wat', import.meta.url)))
    expect(missing).toMatchObject({ code: 'LoadFailed', script: 'missing' })
    expect(missing.message).toContain('ENOENT')
    expect(await codeOf(runtime.loadModule(new URL('ftp://example.org/x.wat')))).toBe('LoadFailed')
    expect(await codeOf(runtime.loadModule(new Response('no', { status: 500 })))).toBe('LoadFailed')
    expect(await codeOf(runtime.loadModule(42 as never))).toBe('InvalidOptions')
  })

  it('names a script by the option or after its file, and refuses a name that is taken', async () => {
    const { runtime } = await createGame()
    const file = new URL('../../fixtures/seven.wat', import.meta.url)
    expect(runtime.script(await runtime.loadModule(file)).name).toBe('seven')
    expect(runtime.script(await runtime.loadModule(file, { name: 'other' })).name).toBe('other')
    expect(runtime.script(await runtime.loadModule(SEVEN)).name).toMatch(/^script-\d+$/)
    expect(await codeOf(runtime.loadModule(file))).toBe('DuplicateName')
    expect(await codeOf(runtime.loadModule(SEVEN, { name: 'other' }))).toBe('DuplicateName')
    const [one, two] = await Promise.allSettled([runtime.loadModule(SEVEN, { name: 'twin' }), runtime.loadModule(SEVEN, { name: 'twin' })])
    expect([one.status, two.status]).toEqual(['fulfilled', 'rejected'])
  })

  it('assigns each script an id that is never reused, and an entity with ScriptState', async () => {
    const { runtime, world } = await createGame()
    const first = await runtime.loadModule(SEVEN, { name: 'first' })
    const { entity } = runtime.script(first)
    expect(hasComponent(world, entity, ScriptState)).toBe(true)
    runtime.unloadModule(first)
    expect(await runtime.loadModule(SEVEN, { name: 'first' })).not.toBe(first)
    expect(await codeOf(() => runtime.unloadModule(first))).toBe('ScriptNotFound')
  })

  it('passes through loading, validating, initializing and active, and ends disposed', async () => {
    const seen: string[] = []
    const { runtime } = await createGame({ host: { test: { look: (context) => void seen.push(context.script.status) } } })
    const loading = runtime.loadModule('(module (import "test" "look" (func $look)) (func (export "init") (call $look)))', {
      name: 'watched',
    })
    const info = runtime.find('watched')
    let status = info?.status
    while (status !== 'active') {
      if (seen.at(-1) !== status) seen.push(status as string)
      await Promise.resolve()
      if (status === 'validating') await loading
      status = info?.status
    }
    seen.push(status)
    runtime.unloadModule(await loading)
    seen.push(info?.status as string)
    expect(seen).toEqual(['loading', 'validating', 'initializing', 'active', 'disposed'])
  })

  it('calls init once, with the config as JSON if it has parameters', async () => {
    const configs: unknown[] = []
    const { runtime } = await createGame({
      host: { test: { got: (context, pointer: number, length: number) => void configs.push(context.readJson(pointer, length)) } },
    })
    const script = `(module (import "test" "got" (func $got (param i32 i32))) (memory (export "memory") 1)
      (func (export "init") (param i32 i32) (call $got (local.get 0) (local.get 1))) (func (export "tick") (param f32)))`
    await runtime.loadModule(script, { config: { größe: [1, 'ü', null] } })
    await runtime.loadModule(script)
    runtime.tick(1)
    expect(configs).toEqual([{ größe: [1, 'ü', null] }, null])
  })

  it('reads the metadata of a script, as an i64 or as two results', async () => {
    const { runtime } = await createGame()
    const metadata = { name: 'Möwe', version: '1.2.0', abi: 1, description: 'flies', state_version: 3 }
    const id = await runtime.loadModule(jsonScript('get_metadata', JSON.stringify(metadata)))
    expect(runtime.script(id).metadata).toEqual(metadata)
    const packed = `(module (memory (export "memory") 1) (data (i32.const 8) "{\\"name\\":\\"a\\",\\"version\\":\\"1\\"}")
      (func (export "get_metadata") (result i64) (i64.const ${8n * 2n ** 32n + 26n})))`
    expect(runtime.script(await runtime.loadModule(packed)).metadata).toEqual({ name: 'a', version: '1' })
  })

  it.each([
    ['{"version":"1"}', 'InvalidMetadata', /name must be given/],
    ['{"name":"a","version":1}', 'InvalidMetadata', /version must be a string/],
    ['[]', 'InvalidMetadata', /must be/],
    ['{"name"', 'InvalidMetadata', /not JSON/],
  ])('refuses the metadata %s', async (json, code, message) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(jsonScript('get_metadata', json), { name: 'odd' }))
    expect(error).toMatchObject({ code, script: 'odd' })
    expect(error.message).toMatch(message)
  })

  it('loads a module as the guest that is named', async () => {
    const { runtime } = await createGame()
    for (const guest of ['script', 'extism'] as const) {
      expect(runtime.script(await runtime.loadModule(SEVEN, { guest })).guest).toBe(guest)
    }
  })

  it('reports a mistake in a text with its location and frame', async () => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule('(module\n  (func (export "tick") (param f32)\n    i32.cost 1))', { name: 'typo' }))
    expect(error).toMatchObject({ code: 'InvalidText', script: 'typo', location: { file: 'typo.wat', line: 3, column: 5 } })
    expect(error.frame).toBe('  1 | (module\n  2 |   (func (export "tick") (param f32)\n> 3 |     i32.cost 1))\n    |     ^')
  })

  it('refuses bytes that are not a module', async () => {
    const { runtime } = await createGame()
    expect(await codeOf(runtime.loadModule(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99])))).toBe('InvalidBinary')
    expect(await codeOf(runtime.loadModule(new Uint8Array([0xff, 0xfe])))).toBe('InvalidBinary')
    const invalidBody = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x6a, 0x0b])
    const error = await errorOf(runtime.loadModule(invalidBody))
    expect(error.code).toBe('InvalidBinary')
    expect(error.message).toContain('i32.add')
  })

  it('registers no query in bitECS until everything is linked', async () => {
    const names = 'ABCDEFGH'.split('')
    const components = defineComponents(Object.fromEntries(names.map((name) => [name, {}])), { capacity: 10 })
    const { runtime, world } = await createGame({ components })
    const { queries } = (world as never)[$internal] as WorldContext
    const asking = (from: number, rest: string): string => {
      const terms = Array.from({ length: 64 }, (_, index) => names.filter((_, bit) => ((from + index) >> bit) & 1).join(' '))
      return `(module ${terms.map((term) => `(import "ecs.query" "${term}" (func (result i32)))`).join('')} ${rest})`
    }
    // Each registers its tag.
    await runtime.loadModule(SEVEN)
    for (let count = 0; count < 2; count++) await codeOf(runtime.loadModule('(module'))
    const before = queries.size
    for (let count = 0; count < 10; count++) {
      const missing = '(import "ecs.has" "Missing" (func (param i32) (result i32))) (func (export "tick") (param f32))'
      expect(await codeOf(runtime.loadModule(asking(1 + count * 16, missing)))).toBe('UnknownImport')
      await runtime.checkModule(asking(1 + count * 16, '(func (export "tick") (param f32))'))
    }
    expect(queries.size).toBe(before)
    for (let count = 0; count < 3; count++) {
      expect(await codeOf(runtime.loadModule(asking(1 + count * 64, '(func (export "init") unreachable)')))).toBe('InitFailed')
    }
    expect(queries.size).toBe(before + 3 * 64)
    // All 255 sets of components, over and over.
    for (let count = 0; count < 10; count++) await codeOf(runtime.loadModule(asking(1 + count * 19, '(func (export "init") unreachable)')))
    expect(queries.size).toBeLessThanOrEqual(before + 256)
  })

  it('emits load and unload', async () => {
    const { runtime } = await createGame()
    const told: string[] = []
    runtime.on('load', (script) => told.push(`load ${script.name} ${script.status}`))
    runtime.on('unload', (script) => told.push(`unload ${script.name} ${script.status}`))
    runtime.unloadModule(await runtime.loadModule(SEVEN, { name: 'guest' }))
    expect(told).toEqual(['load guest active', 'unload guest disposed'])
  })
})
