import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addComponent, addEntity, createWorld, getAllEntities } from 'bitecs'
import {
  defineComponents,
  type Manifest,
  Mods,
  type ModsOptions,
  Recorder,
  Replay,
  type RuntimeOptions,
  type ScriptAsset,
  type ScriptError,
  Snapshot,
  WasmScriptRuntime,
} from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Counts its ticks. */
const COUNTER = `(module
  (global $ticks (mut i32) (i32.const 0))
  (func (export "tick") (param f32) (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "count") (result i32) (global.get $ticks)))`
/** Spawns an entity in `init`. */
const SPAWNS = `(module (import "ecs" "spawn" (func $spawn (result i32)))
  (func (export "init") (drop (call $spawn))) (func (export "tick") (param f32)))`
const FAILS = '(module (func (export "init") unreachable))'
const TRAPS = '(module (func (export "tick") (param f32) unreachable))'

async function game(options: ModsOptions = {}, more: Partial<RuntimeOptions> = {}) {
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32' }, Health: { points: 'i32' } }, { capacity: 1000 })
  const runtime = await WasmScriptRuntime.create({ world, components, onLog: () => undefined, ...more })
  runtime.on('error', () => undefined)
  return { world, components, runtime, mods: new Mods(runtime, options) }
}

type Parts = Partial<Manifest> & { needs?: Record<string, string> }

/** A mod in memory. */
function mod(name: string, source: string = COUNTER, { needs, ...parts }: Parts = {}) {
  return { manifest: { name, version: '1.0.0', ...(needs && { requires: { mods: needs } }), ...parts }, source }
}

async function errorOf(work: Promise<unknown> | (() => unknown)): Promise<Pick<ScriptError, 'code' | 'script' | 'detail'>> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    const { code, script = '', detail } = error as ScriptError
    return { code, script, detail }
  }
  throw new Error('it did not fail')
}

describe('Mods', () => {
  it('loads mods from memory, those that others require first, and lists them', async () => {
    const { runtime, mods } = await game()
    const loaded = await mods.load([
      mod('doors', COUNTER, { needs: { keys: '^1.0.0', base: '*' } }),
      mod('keys', COUNTER, { needs: { base: '>=1 <2' } }),
      mod('base'),
    ])
    expect(loaded.map(({ name }) => name)).toEqual(['base', 'keys', 'doors'])
    expect(mods.list()).toEqual(loaded)
    expect(runtime.scripts().map(({ name }) => name)).toEqual(['base', 'keys', 'doors'])
    expect(mods.get('keys')).toMatchObject({
      name: 'keys',
      version: '1.0.0',
      status: 'enabled',
      script: runtime.find('keys')?.id,
      granted: undefined,
    })
    expect(mods.get('keys')?.manifest.requires).toEqual({ mods: { base: '>=1 <2' } })
    expect(mods.get('nothing')).toBeUndefined()
  })

  it('refuses names that are taken, and requirements that are not met, with who needs what', async () => {
    const { runtime, mods } = await game()
    await runtime.loadModule(COUNTER, { name: 'taken' })
    await mods.load([mod('base')])
    expect(await errorOf(mods.load([mod('base')]))).toMatchObject({ code: 'DuplicateName', script: 'base' })
    expect(await errorOf(mods.load([mod('taken')]))).toMatchObject({ code: 'DuplicateName', script: 'taken' })
    expect(await errorOf(mods.load([mod('one'), mod('one')]))).toMatchObject({ code: 'DuplicateName', script: 'one' })
    expect(await errorOf(mods.load([mod('doors', COUNTER, { needs: { bace: '*' } })]))).toEqual({
      code: 'DependencyUnmet',
      script: 'doors',
      detail: "it requires the mod 'bace' *, and there is none; did you mean 'base'?",
    })
    expect(await errorOf(mods.load([mod('doors', COUNTER, { needs: { base: '^2.0.0' } })]))).toMatchObject({
      code: 'DependencyUnmet',
      detail: "it requires the mod 'base' ^2.0.0, and its version is 1.0.0",
    })
    expect(
      await errorOf(
        mods.load([
          mod('a', COUNTER, { needs: { b: '*' } }),
          mod('b', COUNTER, { needs: { c: '*' } }),
          mod('c', COUNTER, { needs: { b: '*' } }),
        ]),
      ),
    ).toMatchObject({
      code: 'DependencyUnmet',
      detail: "mods require each other in a circle: 'b' → 'c' → 'b'; one of them must do without the next",
    })
    expect(mods.list().map(({ name }) => name)).toEqual(['base'])
  })

  it('loads all of a set or none: what one did is undone when another fails', async () => {
    const { world, runtime, mods } = await game()
    addEntity(world)
    const before = getAllEntities(world).length
    const heard: string[] = []
    runtime.on('load', ({ name }) => heard.push(name))
    expect(
      await errorOf(mods.load([mod('one', SPAWNS), mod('two', SPAWNS, { components: { Door: {} } }), mod('three', FAILS)])),
    ).toMatchObject({
      code: 'InitFailed',
      script: 'three',
    })
    expect(mods.list()).toEqual([])
    expect(runtime.scripts()).toEqual([])
    expect(getAllEntities(world).length).toBe(before)
    expect(heard).toEqual([])
    expect(
      await errorOf(mods.load([mod('one', SPAWNS), mod('two', '(module (func (export "tick") (param f32) i32.cost 1))')])),
    ).toMatchObject({
      code: 'InvalidText',
      script: 'two',
    })
    expect(getAllEntities(world).length).toBe(before)
    await mods.load([mod('one', SPAWNS), mod('two', SPAWNS)])
    expect(heard).toEqual(['one', 'two'])
    expect(getAllEntities(world).length).toBe(before + 4)
  })

  it('disables a mod: ticks, events, hooks and messages do not reach it, and it goes on where it was', async () => {
    const { world, components, runtime, mods } = await game()
    const LISTENER = `(module (memory (export "memory") 1)
      (global $ticks (mut i32) (i32.const 0)) (global $heard (mut i32) (i32.const 0))
      (func $hear (global.set $heard (i32.add (global.get $heard) (i32.const 1))))
      (func (export "tick") (param f32) (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
      (func (export "update") (param i32 f32) (call $hear))
      (func (export "on_ping") (call $hear))
      (func (export "added") (param i32) (call $hear))
      (func (export "beat") (call $hear))
      (func (export "handle_message") (param i32 i32) (call $hear))
      (func (export "ticks") (result i32) (global.get $ticks)) (func (export "heard") (result i32) (global.get $heard)))`
    await mods.load([
      mod('ears', LISTENER, {
        hooks: [{ on: 'add', component: 'Position', export: 'added' }],
        every: [{ ticks: 1, export: 'beat' }],
        onFault: { restart: 1, within: 10 },
      }),
    ])
    const id = runtime.find('ears')?.id as never
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    expect([runtime.call(id, 'ticks'), runtime.call(id, 'heard')]).toEqual([1, 2])
    mods.disable('ears')
    expect(mods.get('ears')?.status).toBe('disabled')
    mods.disable('ears')
    addComponent(world, entity, components.Position)
    runtime.emit('ping')
    runtime.send('ears', 'hello')
    const reply = errorOf(runtime.request('ears', 'hello'))
    const report = runtime.tick(1)
    expect(await reply).toMatchObject({ code: 'ScriptNotFound', detail: "'ears' is disabled" })
    expect(report).toMatchObject({ entities: 0, fuel: 0, faults: 0 })
    expect(runtime.script(id).stats).toMatchObject({ calls: 0, fuel: 0, entities: 0 })
    expect([runtime.call(id, 'ticks'), runtime.call(id, 'heard')]).toEqual([1, 2])
    mods.enable('ears')
    runtime.tick(1)
    expect([runtime.call(id, 'ticks'), runtime.call(id, 'heard')]).toEqual([2, 4])
  })

  it('keeps what another enabled mod needs', async () => {
    const { mods } = await game()
    await mods.load([mod('base'), mod('doors', COUNTER, { needs: { base: '*' } }), mod('keys', COUNTER, { needs: { base: '*' } })])
    expect(await errorOf(() => mods.disable('base'))).toEqual({
      code: 'DependencyUnmet',
      script: 'base',
      detail: "it cannot be disabled: 'doors', 'keys' need it",
    })
    mods.disable('keys')
    expect((await errorOf(() => mods.unload('base'))).detail).toBe("it cannot be unloaded: 'doors' needs it")
    mods.disable('doors')
    mods.disable('base')
    expect((await errorOf(() => mods.enable('doors'))).detail).toBe("it requires the mod 'base' *, and it is disabled")
    expect((await errorOf(mods.load([mod('more', COUNTER, { needs: { base: '*' } })]))).detail).toMatch(/it is disabled/)
    mods.unload('base')
    expect((await errorOf(() => mods.enable('doors'))).code).toBe('DependencyUnmet')
    for (const work of [() => mods.enable('base'), () => mods.disable('base'), () => mods.unload('base'), () => mods.reload('base')])
      expect(await errorOf(work)).toMatchObject({ code: 'ScriptNotFound', detail: "there is no mod 'base'" })
  })

  it('forgets a mod whose script the game unloads', async () => {
    const { runtime, mods } = await game()
    const [{ script }] = (await mods.load([mod('base')])) as never as [{ script: never }]
    runtime.unloadModule(script)
    expect(mods.list()).toEqual([])
    await mods.load([mod('base')])
  })

  it('shows a mod that faulted, and runs it again after a reload', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitscript-mods-'))
    try {
      await writeFile(join(folder, 'bad.wat'), TRAPS)
      await writeFile(join(folder, 'bad.script.json'), JSON.stringify({ name: 'bad', version: '1.0.0', source: 'bad.wat' }))
      const { runtime, mods } = await game()
      await mods.load(pathToFileURL(folder))
      runtime.tick(1)
      expect(mods.get('bad')?.status).toBe('faulted')
      await writeFile(join(folder, 'bad.wat'), COUNTER)
      await writeFile(join(folder, 'bad.script.json'), JSON.stringify({ name: 'bad', version: '1.1.0', source: 'bad.wat' }))
      const [report] = await mods.reload('bad')
      expect(report).toMatchObject({ script: 'bad', generation: 2 })
      expect(mods.get('bad')).toMatchObject({ status: 'enabled', version: '1.1.0' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('refuses changes while scripts run', async () => {
    const host = { game: { off: () => mods.disable('one') } }
    const { runtime, mods } = await game({}, { host })
    await mods.load([mod('one', '(module (import "game" "off" (func $off)) (func (export "tick") (param f32) (call $off)))')])
    runtime.tick(1)
    expect(runtime.find('one')?.fault?.cause).toMatchObject({ code: 'HostError', detail: 'Mods was called while scripts are running' })
    runtime.dispose()
    expect(await errorOf(mods.load([mod('two')]))).toMatchObject({ code: 'Disposed' })
    expect(mods.list()).toEqual([])
  })
})

describe('what a mod is granted', () => {
  const READS =
    '(module (import "ecs.get" "Position.x" (func $get (param i32) (result f32))) (func (export "read") (result f32) (call $get (i32.const 1))))'

  it('is what it asks for, and no more than is allowed', async () => {
    const asked: string[] = []
    const { mods } = await game({
      allow({ name }) {
        asked.push(name)
        return { read: ['Position'], host: ['math', 'host.log'] }
      },
    })
    const [loaded] = await mods.load([mod('reads', READS, { grant: { read: ['Position'], host: ['math.sin'] } })])
    expect(loaded?.granted).toEqual({ read: ['Position'], host: ['math.sin'] })
    expect(asked).toEqual(['reads'])
    expect(
      await errorOf(mods.load([mod('more', READS, { grant: { read: ['Position'], write: ['Health'], spawn: true, host: ['host'] } })])),
    ).toEqual({
      code: 'GrantDenied',
      script: 'more',
      detail: "its manifest asks for what is not allowed: write 'Health', host 'host', spawn",
    })
  })

  it('is all that is allowed if it does not say, and its own components', async () => {
    const { mods } = await game({ allow: async () => ({ read: ['Position'] }) })
    const own = { components: { Door: { open: 'f32' } } } as const
    const [first, second] = await mods.load([mod('one', READS), mod('two', READS, { ...own, grant: { read: ['Position', 'Door'] } })])
    expect(first?.granted).toEqual({ read: ['Position'] })
    expect(second?.granted).toMatchObject({ read: ['Position', 'Door'], write: ['Door'], change: ['Door'] })
    expect(await errorOf(mods.load([mod('three', SPAWNS)]))).toMatchObject({ code: 'GrantDenied', script: 'three' })
  })

  it('has limits no higher than those of the registry', async () => {
    const { runtime, mods } = await game({ limits: { fuel: 1000 } })
    await mods.load([mod('low', COUNTER, { limits: { fuel: 500 } }), mod('high', COUNTER, { limits: { fuel: 50_000 } })])
    expect(runtime.find('low')?.limits.fuel).toBe(500)
    expect(runtime.find('high')?.limits.fuel).toBe(1000)
  })

  it('does not have services that the registry leaves out', async () => {
    const { mods } = await game({ services: [] })
    const asks = '(module (import "storage" "used" (func $used (result i32))) (func (export "tick") (param f32)))'
    expect((await errorOf(mods.load([mod('asks', asks)]))).code).toBe('GrantDenied')
  })

  it('refuses options that are wrong', async () => {
    const { runtime, mods } = await game()
    expect(await errorOf(() => new Mods(runtime, { allow: 3 as never }))).toMatchObject({ code: 'InvalidOptions' })
    expect(await errorOf(() => new Mods(runtime, { services: ['htp' as never] }))).toMatchObject({ code: 'InvalidOptions' })
    expect(await errorOf(() => new Mods({} as never))).toMatchObject({ code: 'InvalidOptions' })
    expect(await errorOf(mods.load('mods' as never))).toMatchObject({ code: 'InvalidOptions' })
    expect(await errorOf(mods.load(Array.from({ length: 1001 }, (_, index) => mod(`mod-${index}`))))).toMatchObject({ code: 'TooLarge' })
    expect(await errorOf(mods.load([mod('odd', COUNTER, { requires: { host: { constructor: '*' } } })]))).toMatchObject({
      code: 'DependencyUnmet',
    })
  })
})

describe('mods in files and on a server', () => {
  let folder: string
  let server: Server
  let origin: string
  const pages = new Map<string, { status?: number; location?: string; body?: string | Uint8Array }>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscript-mods-'))
    await mkdir(join(folder, 'doors'))
    await writeFile(join(folder, 'counter.wat'), COUNTER)
    await writeFile(join(folder, 'keys.script.json'), JSON.stringify({ name: 'keys', version: '1.0.0', source: './counter.wat' }))
    await writeFile(join(folder, 'doors/counter.wat'), COUNTER)
    await writeFile(
      join(folder, 'doors/doors.script.json'),
      JSON.stringify({ name: 'doors', version: '1.0.0', source: './counter.wat', requires: { mods: { keys: '1' } } }),
    )
    await writeFile(join(folder, 'notes.json'), '{}')
    server = createServer((request, response) => {
      const { status = 200, location, body = '' } = pages.get(request.url ?? '') ?? { status: 404 }
      response.writeHead(status, location === undefined ? {} : { location }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true })
  })

  it('loads a folder and the folders in it, and one manifest', async () => {
    const { mods } = await game()
    expect((await mods.load(pathToFileURL(folder))).map(({ name }) => name)).toEqual(['keys', 'doors'])
    const other = await game()
    expect((await other.mods.load(pathToFileURL(join(folder, 'keys.script.json')))).map(({ name }) => name)).toEqual(['keys'])
    expect(await errorOf(mods.load(pathToFileURL(join(folder, 'nothing'))))).toMatchObject({ code: 'LoadFailed' })
  })

  it('says which of several manifests has mistakes', async () => {
    const own = await mkdtemp(join(tmpdir(), 'bitscript-mods-'))
    try {
      await writeFile(join(own, 'good.script.json'), JSON.stringify({ name: 'good', version: '1.0.0', source: { text: COUNTER } }))
      await writeFile(join(own, 'wrong.script.json'), '{ "name": "x" }')
      const { mods } = await game()
      expect(await errorOf(mods.load(pathToFileURL(own)))).toEqual({
        code: 'InvalidManifest',
        script: 'wrong',
        detail: 'it has 2 mistakes: version: must be given; source: must be given',
      })
    } finally {
      await rm(own, { recursive: true })
    }
  })

  it('follows the saves of what bitscript/vite imports, and knows the version of the code that runs', async () => {
    const { runtime, mods } = await game()
    const manifest = (version: string): Manifest => ({ name: 'live', version, source: './live.wat' })
    const bytes = new TextEncoder().encode(COUNTER)
    let save: ((version: string) => Promise<unknown>) | undefined
    const asset = { name: 'live.script', url: 'https://game.example/live.script.json', bytes, mod: manifest('1.0.0') }
    const follow: ScriptAsset['follow'] = (script) => {
      save = (version) => script.loaded.then(() => script.reload({ ...asset, mod: manifest(version) }))
      return () => undefined
    }
    await mods.load([{ ...asset, follow }])
    await save?.('1.1.0')
    expect(mods.get('live')).toMatchObject({ version: '1.1.0', status: 'enabled' })
    expect(runtime.find('live')?.generation).toBe(2)
  })

  it('follows the saves of a module that is given beside a manifest', async () => {
    const { runtime, mods } = await game()
    let save: (() => Promise<unknown>) | undefined
    const asset = { name: 'live', url: 'https://game.example/live.wat', bytes: new TextEncoder().encode(COUNTER) }
    const follow: ScriptAsset['follow'] = (script) => {
      save = () => script.loaded.then(() => script.reload(asset))
      return () => undefined
    }
    await mods.load([{ manifest: { name: 'live', version: '1.0.0' }, source: { ...asset, follow } }])
    await save?.()
    expect(mods.get('live')).toMatchObject({ version: '1.0.0', status: 'enabled' })
    expect(runtime.find('live')?.generation).toBe(2)
  })

  it('loads an index over HTTP, relative to it, and follows redirects', async () => {
    const sha256 = createHash('sha256').update(COUNTER).digest('hex')
    pages.set('/mods/index.json', { body: JSON.stringify({ mods: ['keys/keys.script.json', `${origin}/moved.script.json`] }) })
    pages.set('/mods/keys/keys.script.json', {
      body: JSON.stringify({ name: 'keys', version: '1.0.0', source: { path: 'keys.wat', sha256 } }),
    })
    pages.set('/mods/keys/keys.wat', { status: 302, location: '/counter.wat' })
    pages.set('/moved.script.json', { status: 302, location: '/doors.script.json' })
    pages.set('/doors.script.json', { body: JSON.stringify({ name: 'doors', version: '1.0.0', source: './counter.wat' }) })
    pages.set('/counter.wat', { body: COUNTER })
    const { runtime, mods } = await game()
    expect((await mods.load(new URL(`${origin}/mods/index.json`))).map(({ name }) => name)).toEqual(['keys', 'doors'])
    runtime.tick(1)
    expect(runtime.call(runtime.find('keys')?.id as never, 'count')).toBe(1)
    await mods.reload()
    expect(runtime.find('doors')?.generation).toBe(2)
  })

  it('refuses what is too large, has another hash, or leads to files', async () => {
    const { mods } = await game({ limits: { moduleBytes: 10_000 } })
    const manifest = (source: unknown): string => JSON.stringify({ name: 'keys', version: '1.0.0', source })
    const load = (body: string | Uint8Array) => {
      pages.set('/keys.script.json', { body })
      return errorOf(mods.load(new URL(`${origin}/keys.script.json`)))
    }
    pages.set('/large.wat', { body: new Uint8Array(20_000) })
    expect(await load(manifest('large.wat'))).toMatchObject({ code: 'TooLarge' })
    expect(await load(new Uint8Array(20_000))).toMatchObject({ code: 'TooLarge' })
    pages.set('/counter.wat', { body: COUNTER })
    expect(await load(manifest({ path: 'counter.wat', sha256: 'a'.repeat(64) }))).toMatchObject({ code: 'HashMismatch' })
    const given = { manifest: manifest({ text: COUNTER, sha256: 'a'.repeat(64) }) }
    expect(await errorOf(mods.load([given]))).toMatchObject({ code: 'HashMismatch', script: 'keys' })
    expect(await load(manifest(pathToFileURL(join(folder, 'counter.wat')).href))).toMatchObject({ code: 'LoadFailed' })
    expect(await load(manifest('gone.wat'))).toMatchObject({ code: 'LoadFailed' })
    for (const [body, code] of [
      ['{', 'InvalidManifest'],
      ['{"mod":[]}', 'InvalidManifest'],
      [JSON.stringify({ mods: [pathToFileURL(folder).href] }), 'LoadFailed'],
    ] as const) {
      pages.set('/index.json', { body })
      expect(await errorOf(mods.load(new URL(`${origin}/index.json`)))).toMatchObject({ code })
    }
  })

  it('reloads all in one step, or none', async () => {
    const own = await mkdtemp(join(tmpdir(), 'bitscript-mods-'))
    try {
      const save = async (name: string, code: string, version = '1.0.0', needs?: object) => {
        await writeFile(join(own, `${name}.wat`), code)
        const manifest = { name, version, source: `${name}.wat`, ...(needs && { requires: { mods: needs } }) }
        await writeFile(join(own, `${name}.script.json`), JSON.stringify(manifest))
      }
      const { world, runtime, mods } = await game()
      await save('a', COUNTER)
      await save('b', COUNTER, '1.0.0', { a: '^1.0.0' })
      await mods.load(pathToFileURL(own))
      runtime.tick(1)
      const count = getAllEntities(world).length
      await save('a', SPAWNS)
      await save('b', FAILS)
      expect(await errorOf(mods.reload())).toMatchObject({ code: 'InitFailed', script: 'b' })
      expect(runtime.scripts().map(({ generation }) => generation)).toEqual([1, 1])
      expect(getAllEntities(world).length).toBe(count)
      runtime.tick(1)
      expect(runtime.call(runtime.find('a')?.id as never, 'count')).toBe(2)
      await save('b', COUNTER)
      await save('a', COUNTER, '2.0.0')
      await save('b', COUNTER, '1.0.0', { a: '^1.0.0' })
      expect(await errorOf(mods.reload('a'))).toMatchObject({ code: 'DependencyUnmet', script: 'b' })
      await save('a', SPAWNS, '1.1.0')
      expect((await mods.reload()).map(({ generation }) => generation)).toEqual([2, 2])
      expect(mods.get('a')?.version).toBe('1.1.0')
      runtime.tick(1)
    } finally {
      await rm(own, { recursive: true })
    }
  })
})

describe('snapshots and recordings', () => {
  it('hold which mods are disabled', async () => {
    const { runtime, mods } = await game()
    await mods.load([mod('one'), mod('two')])
    mods.disable('one')
    const snapshot = runtime.snapshot()
    const bytes = snapshot.toBytes()
    mods.enable('one')
    mods.disable('two')
    runtime.restore(snapshot)
    expect(mods.list().map(({ status }) => status)).toEqual(['disabled', 'enabled'])
    const other = await game()
    await other.mods.load([mod('one'), mod('two')])
    other.runtime.restore(Snapshot.fromBytes(bytes))
    expect(other.mods.list().map(({ status }) => status)).toEqual(['disabled', 'enabled'])
  })

  it('play loads, reloads, enabling and disabling again', async () => {
    const { runtime, mods } = await game()
    await mods.load([mod('one')])
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    await mods.load([mod('two', SPAWNS, { needs: { one: '*' } }), mod('three', COUNTER, { components: { Door: { open: 'f32' } } })])
    await errorOf(mods.load([mod('four', SPAWNS), mod('five', FAILS)]))
    runtime.tick(1)
    mods.disable('three')
    runtime.tick(1)
    mods.enable('three')
    await mods.reload()
    runtime.tick(1)
    mods.unload('two')
    runtime.tick(1)
    const recording = recorder.stop()
    const count = runtime.call(runtime.find('three')?.id as never, 'count')
    const other = await game()
    await other.mods.load([mod('one')])
    const replay = await Replay.begin(other.runtime, recording, { load: true })
    expect(await errorOf(() => other.mods.disable('one'))).toMatchObject({ code: 'HostError' })
    expect(await replay.run()).toMatchObject({ matches: true, ticks: 5 })
    replay.end()
    expect(other.runtime.call(other.runtime.find('three')?.id as never, 'count')).toBe(count)
    expect(other.runtime.scripts().map(({ name }) => name)).toEqual(['one', 'three'])
  })
})
