import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addEntity, createWorld, hasComponent, query } from 'bitecs'
import {
  defineComponents,
  describeEntity,
  describeModule,
  hashWorld,
  listComponents,
  type Manifest,
  Recorder,
  Replay,
  type RuntimeOptions,
  type ScriptId,
  WasmScriptRuntime,
} from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const COUNTER = `(module
  (import "emit" "tick" (func $emit (param i32)))
  (global $ticks (mut i32) (i32.const 0))
  (func (export "tick") (param f32) (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "count") (result i32) (global.get $ticks))
  (func (export "beat") (call $emit (global.get $ticks))))`
const MANIFEST = { name: 'counter', version: '1.2.0', source: './counter.wat' } satisfies Manifest

let folder: string
const urlOf = (file: string): URL => pathToFileURL(join(folder, file))

async function save(file: string, content: string | object): Promise<URL> {
  await writeFile(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content))
  return urlOf(file)
}

async function game(options: Partial<RuntimeOptions> = {}) {
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 1000 })
  const runtime = await WasmScriptRuntime.create({ world, components, onLog: () => undefined, ...options })
  return { world, components, runtime }
}

/** A script that exports `get_version`. */
const versioned = (version: string): string => `(module (memory (export "memory") 1) (data (i32.const 8) "${version}")
  (func (export "get_version") (result i32 i32) (i32.const 8) (i32.const ${version.length})))`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-mods-'))
  await save('counter.wat', COUNTER)
})
afterAll(() => rm(folder, { recursive: true }))

describe('loadModule of a manifest', () => {
  it('takes a URL, its text, its bytes and an object, with the options that it says', async () => {
    const manifest = { ...MANIFEST, order: 3, every: [{ ticks: 2, export: 'beat' }], limits: { fuel: 1000 } }
    const url = await save('counter.script.json', manifest)
    const absolute = { ...manifest, source: urlOf('counter.wat').href }
    const text = JSON.stringify(absolute)
    for (const source of [
      url,
      text,
      new TextEncoder().encode(text),
      { manifest: absolute },
      { manifest, url },
      { url, content: JSON.stringify(manifest) },
    ]) {
      const { runtime } = await game()
      const beats: unknown[] = []
      runtime.on('event', ({ args }) => beats.push(...args))
      const id = await runtime.loadModule(source)
      for (let tick = 0; tick < 4; tick++) runtime.tick(1)
      expect(beats).toEqual([1, 3])
      expect(runtime.script(id)).toMatchObject({ name: 'counter', order: 3, limits: { fuel: 1000 } })
      runtime.dispose()
    }
  })

  it('shows the files of the mod, and names its module in mistakes', async () => {
    const { runtime } = await game()
    const url = await save('counter.script.json', MANIFEST)
    const id = await runtime.loadModule(url)
    expect(runtime.script(id).url?.href).toBe(url.href)
    expect(runtime.script(id).files.map(({ href }) => href)).toEqual([url.href, urlOf('counter.wat').href])
    await save('broken.wat', '(module (func (export "tick") (param f32) i32.cost 1))')
    const broken = await save('broken.script.json', { ...MANIFEST, name: 'broken', source: { path: './broken.wat' } })
    await expect(runtime.loadModule(broken)).rejects.toMatchObject({
      code: 'InvalidText',
      location: { file: urlOf('broken.wat').pathname, line: 1 },
    })
  })

  it('has its module as text in it, or beside it', async () => {
    const { runtime } = await game()
    await runtime.loadModule({ manifest: { ...MANIFEST, name: 'one', source: { text: COUNTER } } })
    await runtime.loadModule({ manifest: { name: 'two', version: '1.0.0' }, source: COUNTER })
    await runtime.loadModule({ manifest: JSON.stringify({ name: 'three', version: '1.0.0' }), source: urlOf('counter.wat') })
    expect(runtime.scripts().map(({ name }) => name)).toEqual(['one', 'two', 'three'])
    await expect(runtime.loadModule(JSON.stringify(MANIFEST))).rejects.toMatchObject({
      code: 'LoadFailed',
      detail: expect.stringMatching(/the manifest has no URL/),
    })
  })

  it('takes the place of its call among the scripts, though it is read first', async () => {
    const { runtime } = await game()
    const url = await save('counter.script.json', MANIFEST)
    await Promise.all([runtime.loadModule(url), runtime.loadModule(COUNTER, { name: 'other' })])
    expect(runtime.scripts().map(({ name }) => name)).toEqual(['counter', 'other'])
  })

  it('lets the options of the call win, and a grant only narrow', async () => {
    const { runtime } = await game()
    const manifest = { ...MANIFEST, order: 3, grant: { emit: ['tick', 'tock'] } }
    const id = await runtime.loadModule({ manifest, source: COUNTER }, { name: 'mine', order: -1 })
    expect(runtime.script(id)).toMatchObject({ name: 'mine', order: -1 })
    await expect(runtime.loadModule({ manifest, source: COUNTER }, { grant: { spawn: true } })).rejects.toMatchObject({
      code: 'GrantDenied',
    })
    const less = { ...manifest, grant: { emit: ['tock'] } }
    await expect(runtime.loadModule({ manifest: less, source: COUNTER }, { grant: { emit: ['tick'] } })).rejects.toMatchObject({
      code: 'GrantDenied',
    })
  })

  it('refuses a manifest with mistakes, and a module with another SHA-256', async () => {
    const { runtime } = await game()
    const sha256 = createHash('sha256').update(COUNTER).digest('hex')
    const hashed = (given: string): object => ({ ...MANIFEST, source: { path: 'counter.wat', sha256: given } })
    await runtime.loadModule(await save('hashed.script.json', hashed(sha256.toUpperCase())))
    await expect(runtime.loadModule(await save('hashed.script.json', hashed('0'.repeat(64))), { name: 'two' })).rejects.toMatchObject({
      code: 'HashMismatch',
      detail: `the SHA-256 of the module is ${sha256}, and the manifest says ${'0'.repeat(64)}`,
    })
    await expect(runtime.loadModule(await save('wrong.script.json', { name: '', sorce: 'x' }))).rejects.toMatchObject({
      code: 'InvalidManifest',
      detail: expect.stringMatching(/^it has 4 mistakes: name: .*; version: must be given; source: must be given; sorce: is unknown/),
    })
    await expect(runtime.loadModule(await save('no.script.json', '{ "name": '))).rejects.toMatchObject({ code: 'InvalidManifest' })
    expect(runtime.scripts().map(({ name }) => name)).toEqual(['counter'])
  })

  it('compares what get_version returns, at load and at reload', async () => {
    const { runtime } = await game()
    const manifest = { name: 'doors', version: '1.2.0' }
    const id = await runtime.loadModule({ manifest, source: versioned('1.2.0') })
    await expect(runtime.loadModule({ manifest: { ...manifest, name: 'two' }, source: versioned('1.3.0') })).rejects.toMatchObject({
      code: 'InvalidMetadata',
      detail: "get_version returns '1.3.0', and the manifest says '1.2.0'",
    })
    await expect(runtime.reloadModule(id, { manifest, source: versioned('2.0.0') })).rejects.toMatchObject({ code: 'InvalidMetadata' })
    await runtime.reloadModule(id, { manifest: { ...manifest, version: '2.0.0' }, source: versioned('2.0.0') })
    expect(runtime.script(id).generation).toBe(2)
  })

  it('requires exports, and host modules in a range of versions', async () => {
    const host = { audio: { version: '1.4.0', play: () => undefined }, ui: { show: () => undefined } }
    const { runtime } = await game({ host })
    const load = (requires: Manifest['requires'], name = 'mod') =>
      runtime.loadModule({ manifest: { name, version: '1.0.0', ...(requires && { requires }) }, source: COUNTER })
    await load({ exports: ['beat'], host: { audio: '^1.2.0' } })
    await expect(load({ exports: ['beet'] }, 'two')).rejects.toMatchObject({
      code: 'MissingExport',
      detail: expect.stringMatching(/did you mean 'beat'/),
    })
    for (const [requires, detail] of [
      [{ audio: '>=2' }, "it requires the host module 'audio' >=2, and the game has 1.4.0"],
      [
        { ui: '*' },
        "it requires the host module 'ui' *, and the game does not say which version it has: create({ host: { ui: { version: '1.0.0' } } })",
      ],
      [{ audo: '*' }, "it requires the host module 'audo' *, and the game has none; did you mean 'audio'?"],
    ] as const)
      await expect(load({ host: requires }, 'two')).rejects.toMatchObject({ code: 'DependencyUnmet', detail })
  })

  it.each([
    [
      'an expression that takes any time',
      { pattern: '^(a+)+$' },
      /^configSchema\.pattern: 'pattern' may take any time; check it in validate_config/,
    ],
    [
      'a reference',
      { properties: { pattern: { items: [{ $ref: '#' }] } } },
      /^configSchema\.properties\.pattern\.items\[0\]\.\$ref: '\$ref' may take any time/,
    ],
  ])('is refused for %s in its schema', async (_, configSchema, detail) => {
    const { runtime } = await game()
    const manifest = { name: 'doors', version: '1.0.0', config: `${'a'.repeat(40)}!`, configSchema }
    await expect(runtime.loadModule({ manifest, source: COUNTER })).rejects.toMatchObject({
      code: 'InvalidManifest',
      detail: expect.stringMatching(detail),
    })
  })

  it('is refused for a schema and a config that take long together, and reports thousands of mistakes at once', async () => {
    const { runtime } = await game()
    const load = (config: unknown, configSchema: Readonly<Record<string, unknown>>) =>
      runtime.loadModule({ manifest: { name: 'doors', version: '1.0.0', config, configSchema }, source: COUNTER })
    await expect(load(new Array(2000).fill(''), { anyOf: new Array(500).fill({ minLength: 1 }) })).rejects.toMatchObject({
      code: 'TooLarge',
      detail: expect.stringMatching(/^the configSchema of \d+ characters cannot check a config of 6001: both multiplied may be 16777216/),
    })
    await expect(load(new Array(5000).fill(''), { items: { minLength: 1 } })).rejects.toMatchObject({ code: 'InvalidOptions' })
    // The names of properties and the content of data are no keywords.
    await load({ pattern: 'x' }, { properties: { pattern: { enum: [{ $ref: 1 }, 'x'] } }, default: { pattern: 1 } })
  })

  it('checks its config against its schema, every mistake with its path', async () => {
    const { runtime } = await game()
    const configSchema = {
      type: 'object',
      properties: { speed: { type: 'number', maximum: 10 }, doors: { type: 'array', items: { type: 'string' } } },
      required: ['speed'],
    }
    const manifest = { name: 'doors', version: '1.0.0', config: { speed: 3 }, configSchema }
    await runtime.loadModule({ manifest, source: COUNTER })
    const load = (config: unknown) => runtime.loadModule({ manifest: { ...manifest, name: 'two' }, source: COUNTER }, { config })
    await expect(load({ speed: 11, doors: ['a', 3] })).rejects.toMatchObject({
      code: 'InvalidOptions',
      detail: expect.stringMatching(/^config\.speed: .*; config\.doors\[1\]: /),
    })
    await expect(load({})).rejects.toMatchObject({ code: 'InvalidOptions', detail: expect.stringMatching(/^config: .*speed/) })
    const id = runtime.find('doors')?.id as ScriptId
    expect(() => runtime.configure(id, { speed: 11 })).toThrow(/InvalidOptions|config\.speed/)
    runtime.configure(id, { speed: 4 })
    expect(runtime.readConfig(id)).toEqual({ speed: 4 })
    await expect(
      runtime.loadModule({ manifest: { ...manifest, name: 'two', configSchema: { enum: 3 } }, source: COUNTER }),
    ).rejects.toMatchObject({ code: 'InvalidManifest', detail: expect.stringMatching(/^configSchema: cannot be used: /) })
  })

  it('warns on a reload that the options stay as they are', async () => {
    const { runtime } = await game()
    const id = await runtime.loadModule({ manifest: { name: 'doors', version: '1.0.0', order: 1 }, source: COUNTER })
    const { warnings } = await runtime.reloadModule(id, { manifest: { name: 'doors', version: '1.1.0', order: 2 }, source: COUNTER })
    expect(warnings).toEqual(['its manifest has another order, which a reload does not take over; unload it and load it again'])
  })

  it('is described without a game', async () => {
    const url = await save('counter.script.json', { ...MANIFEST, every: [{ ticks: 1, export: 'bet' }] })
    await expect(describeModule(url)).rejects.toMatchObject({
      code: 'MissingExport',
      detail: "every[0] names 'bet', which it does not export; did you mean 'beat'?",
    })
    await save('counter.script.json', MANIFEST)
    expect((await describeModule(url)).exports.map(({ name }) => name)).toContain('beat')
  })
})

describe('the components of a mod', () => {
  const ADDS = `(module
    (import "ecs" "spawn" (func $spawn (result i32)))
    (import "ecs.add" "Door" (func $add (param i32)))
    (import "ecs.set" "Door.open" (func $set (param i32 f32)))
    (import "ecs.get" "Door.open" (func $get (param i32) (result f32)))
    (global $door (mut i32) (i32.const 0))
    (func (export "init") (global.set $door (call $spawn)) (call $add (global.get $door)))
    (func (export "tick") (param f32)
      (call $set (global.get $door) (f32.add (call $get (global.get $door)) (f32.const 0.5))))
    (func (export "open") (result f32) (call $get (global.get $door))))`
  const manifest = { name: 'doors', version: '1.0.0', components: { Door: { open: 'f32', opener: 'eid' }, Locked: {} } } as const

  it('are made from the reserve with zeros, and given back', async () => {
    const { runtime } = await game()
    for (let round = 0; round < 200; round++) {
      const id = await runtime.loadModule({ manifest, source: ADDS })
      runtime.tick(1)
      runtime.tick(1)
      expect(runtime.call(id, 'open')).toBe(1)
      runtime.unloadModule(id)
    }
  })

  it('need no grant of the game, and other mods may be granted them', async () => {
    const { runtime } = await game()
    await runtime.loadModule({ manifest: { ...manifest, grant: { spawn: true } }, source: ADDS })
    const reads =
      '(module (import "ecs.get" "Door.open" (func $get (param i32) (result f32))) (func (export "read") (result f32) (call $get (i32.const 2))))'
    await runtime.loadModule(reads, { grant: { read: ['Door' as never] } })
    await expect(runtime.loadModule(reads, { grant: { read: ['Dor' as never] } })).rejects.toMatchObject({ code: 'InvalidOptions' })
  })

  it('are shared by mods that declare the same, until the last is unloaded', async () => {
    const { runtime, world } = await game()
    const one = await runtime.loadModule({ manifest, source: ADDS })
    const two = await runtime.loadModule({ manifest: { ...manifest, name: 'two' }, source: ADDS })
    runtime.unloadModule(one)
    runtime.tick(1)
    expect(runtime.call(two, 'open')).toBe(0.5)
    await expect(
      runtime.loadModule({ manifest: { ...manifest, name: 'three', components: { Door: { open: 'f64' } } }, source: ADDS }),
    ).rejects.toMatchObject({ code: 'DuplicateName', detail: "it declares the component 'Door', and there is another with that name" })
    await expect(
      runtime.loadModule({ manifest: { ...manifest, name: 'three', components: { Position: { x: 'f32' } } }, source: ADDS }),
    ).rejects.toMatchObject({ code: 'DuplicateName', detail: expect.stringMatching(/there is one of the game/) })
    expect(query(world, []).length).toBeGreaterThan(0)
  })

  it('are among all components of the runtime while they are declared', async () => {
    const { runtime, world } = await game()
    const id = await runtime.loadModule({ manifest, source: ADDS })
    expect(Object.keys(listComponents(runtime))).toEqual(['Position', 'Door', 'Locked'])
    const { Door = {} } = listComponents(runtime) as Readonly<Record<string, object>>
    const [door = 0] = query(world, [Door])
    const hash = (): string => hashWorld(world, listComponents(runtime))
    const before = hash()
    runtime.tick(1)
    expect(describeEntity(world, listComponents(runtime), door)).toEqual({ Door: { open: 0.5, opener: 0 } })
    expect(hash()).not.toBe(before)
    runtime.unloadModule(id)
    expect(listComponents(runtime)).toEqual(runtime.components)
  })

  it('are compared by a replay', async () => {
    const recorded = await game()
    await recorded.runtime.loadModule({ manifest, source: ADDS })
    const recorder = new Recorder(recorded.runtime)
    recorded.runtime.tick(1)
    const recording = recorder.stop()
    const played = async (source: string): Promise<boolean> => {
      const { runtime } = await game()
      await runtime.loadModule({ manifest, source })
      return (await (await Replay.begin(runtime, recording)).run()).matches
    }
    expect(await played(ADDS)).toBe(true)
    expect(await played(ADDS.replace('0.5', '0.25'))).toBe(false)
  })

  it('that find no room are refused, and none of them is made', async () => {
    const world = createWorld()
    const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 10_000, reserve: 0 })
    const runtime = await WasmScriptRuntime.create({ world, components })
    await expect(
      runtime.loadModule({ manifest: { ...manifest, components: { Door: { open: 'f32', opener: 'f64' } } }, source: ADDS }),
    ).rejects.toMatchObject({
      code: 'OutOfMemory',
      detail: expect.stringMatching(/raise reserve in defineComponents/),
    })
    expect(runtime.scripts()).toEqual([])
    addEntity(world)
    expect(hasComponent(world, 1, components.Position)).toBe(false)
  })

  it('are in snapshots and their bytes', async () => {
    const { runtime } = await game()
    const id = await runtime.loadModule({ manifest, source: ADDS })
    runtime.tick(1)
    const snapshot = runtime.snapshot()
    const bytes = snapshot.toBytes()
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    runtime.restore(snapshot)
    expect(runtime.call(id, 'open')).toBe(0.5)
    const { Snapshot } = await import('bitscript')
    const { runtime: other } = await game()
    const copy = await other.loadModule({ manifest, source: ADDS })
    other.tick(1)
    other.tick(1)
    other.restore(Snapshot.fromBytes(bytes))
    expect(other.call(copy, 'open')).toBe(0.5)
  })

  it('of a mod that was unloaded are left out of a restore, and are there again with the mod', async () => {
    const { runtime, world } = await game()
    const id = await runtime.loadModule({ manifest, source: ADDS })
    runtime.tick(1)
    const before = runtime.snapshot()
    const bytes = before.toBytes()
    runtime.unloadModule(id)
    runtime.tick(1)
    runtime.restore(before)
    runtime.tick(1)
    const { Snapshot } = await import('bitscript')
    expect(() => runtime.restore(Snapshot.fromBytes(bytes))).toThrow(/it has the component 'Door'/)
    const again = await runtime.loadModule({ manifest, source: ADDS })
    runtime.tick(1)
    expect(runtime.call(again, 'open')).toBe(0.5)
    runtime.restore(Snapshot.fromBytes(bytes))
    expect(runtime.call(again, 'open')).toBe(0.5)
    expect(world).toBe(runtime.world)
  })

  it('begin at zero when a moment before their mod is restored', async () => {
    const { runtime } = await game()
    const before = runtime.snapshot()
    const id = await runtime.loadModule({ manifest, source: ADDS })
    runtime.tick(1)
    expect(runtime.call(id, 'open')).toBe(0.5)
    runtime.restore(before)
    expect(runtime.call(id, 'open')).toBe(0)
  })
})
