import { readFile } from 'node:fs/promises'
import { addEntity, getComponent, query, removeEntity } from 'bitecs'
import { defineComponents, hashWorld, type SavedState, type ScriptAsset, type ScriptId, ScriptState } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { counterScript, jsonScript } from '../../fixtures/scripts.ts'

const stateOf = ({ world, runtime }: Game, id: ScriptId): SavedState | undefined =>
  getComponent(world, runtime.script(id).entity, ScriptState) as SavedState | undefined

describe('reloadModule', () => {
  it('saves the state_version with the state', async () => {
    const game = await createGame()
    const state = '(data (i32.const 100) "[]") (func (export "get_state") (result i32 i32) (i32.const 100) (i32.const 2))'
    const script = jsonScript('get_metadata', '{"name":"a","version":"1","state_version":4}', state)
    const id = await game.runtime.loadModule(script)
    await game.runtime.reloadModule(id, script)
    expect(stateOf(game, id)).toEqual({ state: [], version: 4, generation: 1 })
  })

  it('lets set_state read the version of the state and migrate it, as in the README', async () => {
    const game = await createGame()
    const { runtime } = game
    const readme = await readFile(new URL('../../../scripts-wat/README.md', import.meta.url), 'utf8')
    const [first, second] = [...readme.matchAll(/```wat\n([\s\S]*?)```/g)].map(([, text]) => text as string) as [string, string]
    const id = await runtime.loadModule(first)
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    await runtime.reloadModule(id, second)
    expect(stateOf(game, id)).toEqual({ state: 3, version: 1, generation: 1 })
    expect(runtime.call(id, 'halves')).toBe(6)
    runtime.tick(1)
    await runtime.reloadModule(id, `${second} `.replace('(i32.const 2))))', '(i32.const 4))))'))
    expect(stateOf(game, id)).toMatchObject({ state: 'h', version: 2 })
    expect(runtime.call(id, 'halves')).toBe(8)
  })

  it('returns state_version 0 for code without a version, and outside of set_state', async () => {
    const { runtime } = await createGame()
    const asking = `(func (export "now") (result i32) (call $version))`
    const script = counterScript(1, asking).replace('(module', '(module (import "host" "state_version" (func $version (result i32)))')
    const id = await runtime.loadModule(script)
    await runtime.reloadModule(id, script)
    expect(runtime.call(id, 'now')).toBe(0)
  })

  it('keeps the generation if only comments or spaces were edited, and reports it', async () => {
    const { runtime, errors } = await createGame()
    const text = (comment: string, body: string): string =>
      `(module\n${comment}\n (global $n (mut i32) (i32.const 0))\n (func (export "n") (result i32) (global.get $n))\n (func (export "tick") (param f32) (global.set $n (i32.add (global.get $n) (i32.const 1))) ${body}))`
    const trap = '(if (i32.gt_s (global.get $n) (i32.const 2)) (then unreachable))'
    const id = await runtime.loadModule(text('', trap))
    const reports: unknown[] = []
    runtime.on('reload', (report) => reports.push(report))
    runtime.tick(1)
    const report = await runtime.reloadModule(id, text(';; counts\n\n', trap))
    expect(report).toMatchObject({ generation: 1, unchanged: true, state: 'preserved', carried: [], dropped: [] })
    expect(reports).toEqual([report])
    expect(runtime.call(id, 'n')).toBe(1)
    for (let tick = 0; tick < 2; tick++) runtime.tick(1)
    // The location of a trap refers to the current text.
    expect(errors).toMatchObject([{ code: 'Trap', location: { line: 7 } }])
    // A faulted script is reloaded even if its code is the same, and so is a script whose text is exactly the same.
    expect(await runtime.reloadModule(id, text(';; counts', trap))).toMatchObject({ generation: 2, unchanged: false })
    expect(await runtime.reloadModule(id, text(';; counts', trap))).toMatchObject({ generation: 3, unchanged: false })
  })

  it('starts from the initial state and calls init if the old code has no get_state or the new one no set_state', async () => {
    const inits: number[] = []
    const game = await createGame({ host: { test: { init: () => void inits.push(1) } } })
    const init = '(import "test" "init" (func $init)) (func (export "init") (call $init))'
    const id = await game.runtime.loadModule(`(module ${init})`)
    expect(await game.runtime.reloadModule(id, `(module ${init})`)).toMatchObject({ state: 'reset', generation: 2 })
    expect(inits).toHaveLength(2)
    expect(await game.runtime.reloadModule(id, counterScript())).toMatchObject({ state: 'reset' })
    expect(await game.runtime.reloadModule(id, `(module ${init})`)).toMatchObject({ state: 'reset' })
  })

  it('does not call init if the state was kept', async () => {
    const inits: number[] = []
    const game = await createGame({ host: { test: { init: () => void inits.push(1) } } })
    const script = counterScript(1, '(func (export "init") (call $init))').replace('(module', '(module (import "test" "init" (func $init))')
    const id = await game.runtime.loadModule(script)
    expect(await game.runtime.reloadModule(id, script)).toMatchObject({ state: 'restored' })
    expect(inits).toEqual([1])
  })

  it('accepts text, bytes and URLs, and updates the url of the script', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const url = new URL('../../fixtures/seven.wat', import.meta.url)
    await runtime.reloadModule(id, url)
    expect(runtime.call(id, 'seven')).toBe(7)
    expect(runtime.script(id).url).toEqual(url)
    expect(await codeOf(runtime.reloadModule(999 as ScriptId, url))).toBe('ScriptNotFound')
  })

  it('drops the earlier of two overlapping reloads', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const slow = new Response(
      new ReadableStream({
        async start(controller) {
          await new Promise((resolve) => setImmediate(resolve))
          controller.enqueue(new TextEncoder().encode(counterScript(5)))
          controller.close()
        },
      }),
    )
    const results = await Promise.allSettled([
      runtime.reloadModule(id, slow),
      runtime.reloadModule(id, counterScript(7)),
      runtime.reloadModule(id, counterScript(9)),
    ])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(results[0]).toMatchObject({ reason: { code: 'LoadFailed' } })
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(9)
    expect(runtime.script(id).generation).toBe(2)
  })

  it('is dropped even if the later reload fails', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const results = await Promise.allSettled([runtime.reloadModule(id, counterScript(5)), runtime.reloadModule(id, '(module')])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
    expect(runtime.script(id).generation).toBe(1)
  })

  it('rejects if the script is unloaded or the runtime disposed of meanwhile', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const reload = runtime.reloadModule(id, counterScript())
    runtime.unloadModule(id)
    expect(await codeOf(reload)).toBe('ScriptNotFound')
    const other = await runtime.loadModule(counterScript())
    const again = runtime.reloadModule(other, counterScript())
    const load = runtime.loadModule(counterScript())
    runtime.dispose()
    expect(await codeOf(again)).toBe('Disposed')
    expect(await codeOf(load)).toBe('Disposed')
  })
})

describe('a reload that fails', () => {
  const hostile = (what: string, body: string): string => `(module
    (import "ecs" "spawn" (func $spawn (result i32)))
    (import "ecs" "despawn" (func $despawn (param i32)))
    (import "ecs" "attach" (func $attach (param i32)))
    (import "ecs.add" "Position" (func $add (param i32)))
    (import "ecs.set" "Position.x" (func $x (param i32 f32)))
    (import "ecs.set" "Plain.hp" (func $hp (param i32 f64)))
    (import "emit" "boo" (func $boo))
    (import "host" "random" (func $random (result f64)))
    (memory (export "memory") 1)
    (func $harm (local $eid i32)
      (local.set $eid (call $spawn)) (call $add (local.get $eid)) (call $x (local.get $eid) (f32.const 5))
      (call $add (i32.const 2)) (call $x (i32.const 2) (f32.const 7)) (call $hp (i32.const 2) (f64.const 8))
      (call $attach (i32.const 2)) (call $despawn (i32.const 2)) (call $boo) (drop (call $random)))
    ${what === 'start' ? '(start $harmful)' : ''}
    (func $harmful ${what === 'start' ? '' : `(export "${what}")`} ${what === 'set_state' ? '(param i32 i32)' : ''} (call $harm) ${body})
    ${what === 'set_state' ? '' : '(func (export "set_state") (param i32 i32))'})`

  const broken: readonly [string, string, string][] = [
    ['text', '(module (func', 'InvalidText'],
    ['types', '(module (func (export "tick") (param f32) i32.add))', 'InvalidText'],
    ['exports', '(module (func (export "tick")))', 'SignatureMismatch'],
    ['an import', '(module (import "host" "tim" (func)) (func (export "tick") (param f32)))', 'UnknownImport'],
    ['start', hostile('start', 'unreachable'), 'Trap'],
    ['set_state', hostile('set_state', 'unreachable'), 'StateRejected'],
    ['its own get_state', counterScript().replace('(result i32 i32)', '(result i32 i32) unreachable'), 'Trap'],
    ['get_metadata', jsonScript('get_metadata', '{"name":"a","version":"1","abi":3}'), 'AbiMismatch'],
  ]

  it.each(broken)('in %s changes nothing', async (_, source, code) => {
    const Plain = { hp: [] as number[] }
    const game = await createGame()
    game.runtime.dispose()
    const { world, components } = game
    const { runtime, errors } = await createGame({ world, components: { ...components, Plain }, seed: 5 })
    const heard: unknown[] = []
    runtime.on('event', (event) => heard.push(event))
    const id = await runtime.loadModule(
      counterScript().replace(
        '(module',
        '(module (import "host" "random" (func $random (result f64))) (func (export "roll") (result f64) (call $random))',
      ),
      { name: 'counter' },
    )
    const entity = addEntity(world)
    expect(entity).toBe(2)
    runtime.attach(entity, id)
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    const before = hashWorld(world, { ...components, Plain })
    const state = getComponent(world, runtime.script(id).entity, ScriptState)
    const alive = query(world, []).length

    const error = await errorOf(runtime.reloadModule(id, source))
    expect(error).toMatchObject({ code, script: 'counter', scriptId: id })
    expect(hashWorld(world, { ...components, Plain })).toBe(before)
    expect(getComponent(world, runtime.script(id).entity, ScriptState)).toEqual(state)
    expect(query(world, []).length).toBe(alive)
    expect([components.Position.x[2], Plain.hp[2]]).toEqual([0, undefined])
    expect(heard).toEqual([])
    expect(errors).toEqual([])
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
    expect(runtime.call(id, 'count')).toBe(3)
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(4)

    const twin = await createGame({ seed: 5 })
    const same = await twin.runtime.loadModule(
      '(module (import "host" "random" (func $r (result f64))) (func (export "roll") (result f64) (call $r)))',
      { name: 'counter' },
    )
    expect(runtime.call(id, 'roll')).toBe(twin.runtime.call(same, 'roll'))
  })

  it('keeps the state for the next reload', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    runtime.tick(1)
    for (const [, source] of broken.filter(([what]) => what === 'text' || what === 'an import'))
      await codeOf(runtime.reloadModule(id, source))
    expect(await runtime.reloadModule(id, counterScript(5))).toMatchObject({ generation: 2, state: 'restored' })
    expect(runtime.call(id, 'count')).toBe(1)
  })

  it('because the old get_state fails keeps the old generation running', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(
      jsonScript('get_state', '{"half":', '(func (export "set_state") (param i32 i32)) (func (export "tick") (param f32))'),
    )
    const error = await errorOf(runtime.reloadModule(id, counterScript()))
    expect(error.code).toBe('InvalidJson')
    expect(error.message).toContain('generation 1, which is running, cannot save its state')
    runtime.tick(1)
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
    expect(errors).toEqual([])
  })
})

describe('a reload of a script that faulted', () => {
  it('uses the last saved state if get_state fails', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    for (let tick = 0; tick < 5; tick++) runtime.tick(1)
    const failing = counterScript(
      1,
      '(global $broken (mut i32) (i32.const 0)) (func (export "on_boom") (global.set $broken (i32.const 1)) unreachable)',
    )
    await runtime.reloadModule(id, failing.replace('(result i32 i32)', '(result i32 i32) (if (global.get $broken) (then unreachable))'))
    runtime.emit('boom')
    runtime.tick(1)
    expect(await runtime.reloadModule(id, counterScript())).toMatchObject({ state: 'restored' })
    expect(runtime.call(id, 'count')).toBe(5)
  })
})

describe('a script whose entity the host removed', () => {
  it('gets a new entity in its next reload', async () => {
    const game = await createGame()
    const id = await game.runtime.loadModule(counterScript())
    game.runtime.tick(1)
    removeEntity(game.world, game.runtime.script(id).entity)
    expect(await game.runtime.reloadModule(id, counterScript())).toMatchObject({ state: 'restored' })
    expect(stateOf(game, id)).toEqual({ state: 1, generation: 1 })
  })
})

describe('many scripts and many entities', () => {
  it('run 200 scripts in one tick', async () => {
    const { runtime } = await createGame()
    const ids = await Promise.all(Array.from({ length: 200 }, (_, index) => runtime.loadModule(counterScript(1 + (index % 5)))))
    runtime.tick(1)
    expect(ids.map((id) => runtime.call(id, 'count'))).toEqual(ids.map((_, index) => 1 + (index % 5)))
  })

  it('run one script on 50,000 entities', async () => {
    const components = defineComponents({ Count: { n: 'u32' } }, { capacity: 60_000, reserve: 0 })
    const { world, runtime } = await createGame({ components })
    const id = await runtime.loadModule(`(module
      (import "ecs.get" "Count.n" (func $get (param i32) (result i32))) (import "ecs.set" "Count.n" (func $set (param i32 i32)))
      (func (export "update") (param i32 f32) (call $set (local.get 0) (i32.add (i32.const 1) (call $get (local.get 0))))))`)
    for (let index = 0; index < 50_000; index++) runtime.attach(addEntity(world), id)
    expect(runtime.tick(1).entities).toBe(50_000)
    expect(runtime.tick(1).entities).toBe(50_000)
    expect(components.Count.n.reduce((sum, n) => sum + n, 0)).toBe(100_000)
  })
})

describe('a reload of a script that is still loading', () => {
  it('is applied once it has loaded; of several, the last', async () => {
    const { runtime } = await createGame()
    const loading = runtime.loadModule(counterScript(1), { name: 'late' })
    const id = runtime.find('late')?.id as ScriptId
    const overtaken = runtime.reloadModule(id, counterScript(5))
    const report = runtime.reloadModule(id, counterScript(10))
    expect(await codeOf(overtaken)).toBe('LoadFailed')
    expect(await report).toMatchObject({ generation: 2, state: 'restored' })
    expect(await loading).toBe(id)
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(10)
  })

  it('is refused if the load fails, or if the script is unloaded', async () => {
    const { runtime } = await createGame()
    for (const end of ['fails', 'is unloaded']) {
      const source = end === 'fails' ? '(module (func (export "tick")))' : counterScript(1)
      const loading = codeOf(runtime.loadModule(source, { name: 'late' }))
      const id = runtime.find('late')?.id as ScriptId
      const reload = errorOf(runtime.reloadModule(id, counterScript(2)))
      if (end === 'is unloaded') runtime.unloadModule(id)
      expect([await loading, (await reload).code]).toEqual([end === 'fails' ? 'SignatureMismatch' : 'ScriptNotFound', 'ScriptNotFound'])
    }
  })

  it('can come from an asset, which follows its scripts from the moment they begin to load', async () => {
    const { runtime } = await createGame()
    const told: string[] = []
    const asset = (text: string): ScriptAsset => ({
      name: 'asset',
      url: 'file:///game/asset.wat',
      bytes: new TextEncoder().encode(text),
      follow: (script) => {
        told.push(`follows ${script.info.status}`)
        script.loaded.then(
          () => told.push('loaded'),
          ({ code }) => told.push(code),
        )
        void script.reload({ ...asset(counterScript(3)), follow: () => () => undefined }).catch(() => undefined)
        return () => told.push('ends')
      },
    })
    const id = await runtime.loadModule(asset(counterScript(1)))
    await expect.poll(() => runtime.script(id).generation).toBe(2)
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(3)
    expect(told).toEqual(['follows loading', 'loaded', 'ends'])
    told.length = 0
    expect(await codeOf(runtime.loadModule(asset('(module (func (export "tick")))'), { name: 'wrong' }))).toBe('SignatureMismatch')
    await expect.poll(() => told).toEqual(['follows loading', 'ends', 'SignatureMismatch'])
  })
})

describe('a reload that begins the state anew', () => {
  it('reports that init ran again, and what it spawned once more', async () => {
    const { runtime } = await createGame()
    const spawns = (where: string): string =>
      `(module (import "ecs" "spawn" (func $spawn (result i32))) (func $twice (drop (call $spawn)) (drop (call $spawn))) ${where} (func (export "tick") (param f32)))`
    const init = spawns('(func (export "init") (call $twice))')
    const id = await runtime.loadModule(init)
    expect(runtime.script(id).warnings).toEqual([])
    const report = await runtime.reloadModule(id, init)
    expect(report).toMatchObject({ state: 'reset', ran: ['init'] })
    expect(report.warnings).toEqual(['init ran again and spawned 2 entities, beside those of its first run'])
    const start = await runtime.reloadModule(id, spawns('(start $twice)'))
    expect(start.ran).toEqual([])
    expect(start.warnings).toContain('the start function ran again and spawned 2 entities, beside those of its first run')
    expect((await runtime.reloadModule(id, '(module (func (export "init")) (func (export "tick") (param f32)))')).warnings).toEqual([])
  })

  it('reports how many instances of entities ran it again, and nothing if the state was kept', async () => {
    const { world, runtime } = await createGame()
    const script = (name: string): string =>
      `(module (global $${name} (mut i32) (i32.const 0)) (func (export "init")) (func (export "update") (param i32 f32)))`
    const id = await runtime.loadModule(script('n'), { instances: 'entity', preserve: 'auto' })
    for (let count = 0; count < 3; count++) runtime.attach(addEntity(world), id)
    runtime.tick(1)
    expect(await runtime.reloadModule(id, script('n'))).toMatchObject({ state: 'preserved', ran: [] })
    expect(await runtime.reloadModule(id, script('m'))).toMatchObject({ state: 'reset', ran: ['init', 'init of 3 entities'] })
  })
})
