import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ExtismManifest, Recorder, Recording, Replay, type ScriptSource, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { createGame, errorOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const binary = (wat: string): Promise<Uint8Array<ArrayBuffer>> => assembleWat(wat, 'module.wat')

const COUNTER = await binary(`(module (global $n (mut i32) (i32.const 0))
  (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
  (func (export "spin") (loop (br 0))))`)
/** Outputs a digit: how often it was called. */
const MAIN = await binary(
  plugin(
    `(func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.add (i32.const 48) (call $next))) (call $output (i32.const 0) (i32.const 1)) (i32.const 0))
    (func (export "spin") (result i32) (call $spin) (i32.const 0))`,
    '(import "counter" "next" (func $next (result i32))) (import "counter" "spin" (func $spin))',
  ),
)
const CONFIG = await binary(
  plugin(`(func (export "read") (result i32) (local $block i64)
    (local.set $block (call $config_get (call $input_offset)))
    (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))`),
)
const COUNTING: ExtismManifest = { wasm: [{ name: 'counter', data: COUNTER }, { data: base64(MAIN) }] }

describe('the manifest of an Extism plugin', () => {
  it('links its modules, which share one budget', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(COUNTING)
    expect([1, 2, 3].map(() => runtime.callJson(id, 'run'))).toEqual([1, 2, 3])
    expect(runtime.script(id).guest).toBe('extism')
    expect((await errorOf(() => runtime.callJson(id, 'spin'))).code).toBe('OutOfFuel')
  })

  it('is read from JSON, in text, in bytes and at a URL, with paths relative to it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitscript-'))
    await writeFile(join(folder, 'counter.wasm'), COUNTER)
    await writeFile(join(folder, 'main.wasm'), MAIN)
    const json = JSON.stringify({
      wasm: [
        { name: 'counter', path: 'counter.wasm' },
        { name: 'main', url: './main.wasm' },
      ],
    })
    await writeFile(join(folder, 'plugin.json'), json)
    const held = JSON.stringify({ wasm: [{ name: 'counter', data: base64(COUNTER) }, { data: base64(MAIN) }] })
    const sources: ScriptSource[] = [pathToFileURL(join(folder, 'plugin.json')), held, new TextEncoder().encode(` ${held}`)]
    const { runtime } = await createGame()
    for (const source of sources) expect(runtime.callJson(await runtime.loadModule(source), 'run')).toBe(1)
    const names = (index: number): string[] =>
      runtime.scripts()[index]?.files.map(({ pathname }) => pathname.split('/').at(-1) as string) ?? []
    expect([names(0), names(1)]).toEqual([['plugin.json', 'counter.wasm', 'main.wasm'], []])
  })

  it('gives a config, over which the option wins', async () => {
    const { runtime } = await createGame()
    const manifest: ExtismManifest = { wasm: [{ data: CONFIG }], config: { name: '"Ada"', level: '1' } }
    const id = await runtime.loadModule(manifest, { config: { level: 2 } })
    const read = (key: string): unknown => {
      const output = runtime.callBytes(id, 'read', new TextEncoder().encode(key))
      return output && JSON.parse(new TextDecoder().decode(output))
    }
    expect([read('name'), read('level')]).toEqual(['Ada', 2])
  })

  it('lowers the limit of pages, and does not raise it', async () => {
    const { runtime } = await createGame()
    const grow = await binary(plugin('(func (export "grow") (result i32) (i32.lt_s (memory.grow (i32.const 3)) (i32.const 0)))'))
    const pages = async (max_pages: number, memoryPages: number): Promise<unknown> =>
      runtime.callJson(
        await runtime.loadModule({ wasm: [{ data: grow }], memory: { max_pages } }, { limits: { memoryPages, jsonBytes: 1 } }),
        'grow',
      )
    await expect(pages(3, 100)).rejects.toMatchObject({ code: 'GuestError' })
    expect(await pages(100, 10)).toBeUndefined()
    await expect(pages(100, 3)).rejects.toMatchObject({ code: 'GuestError' })
  })

  it('holds its modules to their hashes', async () => {
    const { runtime } = await createGame()
    const hash = createHash('sha256').update(CONFIG).digest('hex')
    await runtime.loadModule({ wasm: [{ data: CONFIG, hash }] })
    const error = await errorOf(runtime.loadModule({ wasm: [{ data: COUNTER, hash }] }))
    expect(error).toMatchObject({ code: 'LoadFailed', detail: 'wasm[0] has another SHA-256 than the manifest says' })
  })

  it.each<[string, unknown, string]>([
    ['no modules', { wasm: [] }, 'wasm must be a list with at least one module'],
    [
      'mistakes in several places',
      { wasm: [{ data: 5, hash: 'x' }], config: { a: 1 } },
      'wasm[0].hash must be a SHA-256 in hexadecimal; wasm[0].data must be base64 or bytes; config.a must be a text',
    ],
    ['a module in two places', { wasm: [{ path: 'a', url: 'b' }] }, 'wasm[0] must have one of path, url and data'],
    [
      'a module without a name',
      { wasm: [{ data: 'AA==' }, { data: 'AA==' }] },
      "wasm[0].name must be given: only the last module may be without; wasm[1].name must not be that of another module, 'main'",
    ],
    [
      'many modules',
      { wasm: Array.from({ length: 101 }, (_, index) => ({ name: `m${index}`, data: 'AA==' })) },
      'wasm must be a list of at most 100 modules',
    ],
    ['no base64', { wasm: [{ data: '*' }] }, 'wasm[0].data is not base64'],
  ])('is refused with %s', async (_, manifest, detail) => {
    const { runtime } = await createGame()
    expect(await errorOf(runtime.loadModule(manifest as ExtismManifest))).toMatchObject({ code: 'InvalidManifest', detail })
  })

  it('is refused when its modules import each other', async () => {
    const circle = (other: string): Promise<Uint8Array<ArrayBuffer>> =>
      binary(`(module (import "${other}" "f" (func $g)) (func (export "f") (call $g)))`)
    const { runtime } = await createGame()
    const wasm = [{ name: 'a', data: await circle('b') }, { name: 'b', data: await circle('a') }, { data: CONFIG }]
    expect(await errorOf(runtime.loadModule({ wasm }))).toMatchObject({
      code: 'UnknownImport',
      detail: "the modules 'a', 'b' import each other",
    })
  })

  it('from the network may not name files', async () => {
    const { runtime } = await createGame()
    const response = new Response(JSON.stringify({ wasm: [{ url: 'file:///etc/passwd' }] }))
    Object.defineProperty(response, 'url', { value: 'https://example.com/plugin.json' })
    expect((await errorOf(runtime.loadModule(response))).detail).toBe(
      'wasm[0] is a file: URL, which a manifest from the network may not name',
    )
  })

  it('keeps the state of all its modules in snapshots, in memory and in bytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(COUNTING, { name: 'p' })
    runtime.callJson(id, 'run')
    const snapshot = runtime.snapshot()
    const bytes = snapshot.toBytes()
    runtime.callJson(id, 'run')
    runtime.restore(snapshot)
    expect(runtime.callJson(id, 'run')).toBe(2)
    const other = await createGame()
    const loaded = await other.runtime.loadModule(COUNTING, { name: 'p' })
    other.runtime.restore(Snapshot.fromBytes(bytes))
    expect(other.runtime.callJson(loaded, 'run')).toBe(2)
  })

  it('is held by recordings with its modules, which may name no file and no URL', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(COUNTING, { name: 'first' })
    const recorder = new Recorder(runtime)
    await runtime.loadModule(COUNTING, { name: 'p' })
    runtime.tick(1)
    const { content } = recorder.stop()
    const other = await createGame()
    const replay = await Replay.begin(other.runtime, new Recording(content), { load: true, scripts: 'recorded' })
    await replay.step()
    await replay.step()
    expect(other.runtime.scripts().map(({ name, guest }) => [name, guest])).toEqual([
      ['first', 'extism'],
      ['p', 'extism'],
    ])
    const naming = JSON.stringify({ wasm: [{ path: '/secret.wasm' }] })
    const inputs = content.inputs.map((input) => (input.kind === 'load' ? { ...input, content: naming } : input))
    expect(await errorOf(() => new Recording({ ...content, inputs }))).toMatchObject({
      code: 'LoadFailed',
      detail: expect.stringContaining('a manifest that holds its modules'),
    })
  })
})
