import { addEntity, createWorld, Not, observe, onAdd, onRemove, query, removeEntity } from 'bitecs'
import { defineComponents, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame } from '../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'

describe('WasmScriptRuntime', () => {
  it('keeps the world and the components that it was created with', async () => {
    const { world, components, runtime } = await createGame()
    expect(runtime.world).toBe(world)
    expect(runtime.components).toBe(components)
  })

  it('runs without components', async () => {
    const runtime = await WasmScriptRuntime.create({ world: createWorld() })
    const id = await runtime.loadModule(counterScript())
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(1)
  })

  it('finds scripts by id and name', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript(), { name: 'counter' })
    expect(runtime.find('counter')).toBe(runtime.script(id))
    expect(runtime.scripts()).toEqual([runtime.script(id)])
    expect(runtime.find('other')).toBeUndefined()
    expect(await codeOf(() => runtime.script(99 as ScriptId))).toBe('ScriptNotFound')
    expect(() => Object.assign(runtime.script(id), { name: 'changed' })).toThrow()
  })

  it('attaches only existing entities below the capacity to loaded scripts', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const entity = addEntity(world)
    for (const wrong of [entity + 1, -1, 1.5, Number.NaN, 5000])
      expect(await codeOf(() => runtime.attach(wrong, id))).toBe('EntityOutOfRange')
    for (const work of [
      () => runtime.attach(entity, 99 as ScriptId),
      () => runtime.detach(entity, 99 as ScriptId),
      () => runtime.tag(99 as ScriptId),
    ]) {
      expect(await codeOf(work)).toBe('ScriptNotFound')
    }
    runtime.attach(entity, id)
    runtime.attach(entity, id)
    expect(query(world, [runtime.tag(id)])).toEqual([entity])
    runtime.detach(entity, id)
    runtime.detach(entity, id)
    removeEntity(world, entity)
    runtime.detach(entity, id)
    expect([...query(world, [runtime.tag(id)])]).toEqual([])
  })

  it('throws Disposed from every method but dispose after dispose', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const entity = addEntity(world)
    runtime.attach(entity, id)
    const tag = runtime.tag(id)
    const info = runtime.script(id)
    runtime.dispose()
    runtime.dispose()
    expect(info.status).toBe('disposed')
    expect([...query(world, [tag])]).toEqual([])
    const works: (() => unknown)[] = [
      () => runtime.loadModule(counterScript()),
      () => runtime.reloadModule(id, counterScript()),
      () => runtime.checkModule(counterScript()),
      () => runtime.unloadModule(id),
      () => runtime.attach(entity, id),
      () => runtime.detach(entity, id),
      () => runtime.tag(id),
      () => runtime.call(id, 'count'),
      () => runtime.callJson(id, 'count'),
      () => runtime.tick(1),
      () => runtime.script(id),
      () => runtime.scripts(),
      () => runtime.find('a'),
      () => runtime.on('tick', () => undefined),
      () => runtime.emit('a'),
    ]
    for (const work of works) expect(await codeOf(work)).toBe('Disposed')
  })

  it('counts the entities that had an id before, also while observers hear of a removal', async () => {
    const world = createWorld()
    const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 10 })
    const versions: number[] = []
    const note = (entity: number): void => void versions.push(runtime.version(entity))
    // Some observers come before those of the runtime, some after.
    observe(world, onRemove(components.Position), (entity: number) => note(entity))
    const runtime = await WasmScriptRuntime.create({ world, components })
    observe(world, onRemove(components.Position, Not({})), note)
    observe(world, onAdd(components.Position), note)
    for (let round = 0; round < 2; round++) removeEntity(world, addEntity(world, components.Position))
    expect(versions).toEqual([0, 0, 0, 1, 1, 1])
    expect([runtime.version(1), runtime.version(9), runtime.version(1000)]).toEqual([2, 0, 0])
  })

  it('calls on_detach for each entity of an unloaded script', async () => {
    const detached: number[] = []
    const { world, runtime, errors } = await createGame({ host: { test: { gone: (_, entity: number) => void detached.push(entity) } } })
    const id = await runtime.loadModule(
      '(module (import "test" "gone" (func $gone (param i32))) (func (export "on_detach") (param i32) (call $gone (local.get 0))))',
    )
    const entities = [addEntity(world), addEntity(world)]
    for (const entity of entities) runtime.attach(entity, id)
    runtime.tick(1)
    runtime.attach(addEntity(world), id)
    runtime.unloadModule(id)
    expect(detached.sort()).toEqual(entities)
    const failing = await runtime.loadModule('(module (func (export "on_detach") (param i32) unreachable))')
    runtime.attach(entities[0] as number, failing)
    runtime.tick(1)
    runtime.unloadModule(failing)
    expect(errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(runtime.scripts()).toEqual([])
  })

  it('detaches an unloaded script from every entity, and reuses its tag', async () => {
    const { world, runtime } = await createGame()
    const first = await runtime.loadModule(updateScript('nop'))
    const entity = addEntity(world)
    runtime.attach(entity, first)
    runtime.tick(1)
    runtime.unloadModule(first)
    const second = await runtime.loadModule(updateScript('nop'))
    expect(runtime.tick(1).entities).toBe(0)
    runtime.attach(entity, second)
    expect(runtime.tick(1).entities).toBe(1)
  })

  it('supports two runtimes on one world', async () => {
    const one = await createGame()
    const two = await createGame({ world: one.world, components: one.components })
    const [first, second] = [await one.runtime.loadModule(counterScript()), await two.runtime.loadModule(counterScript())]
    one.runtime.tick(1)
    expect([one.runtime.call(first, 'count'), two.runtime.call(second, 'count')]).toEqual([1, 0])
    expect(one.runtime.script(first).entity).not.toBe(two.runtime.script(second).entity)
    one.runtime.dispose()
    two.runtime.tick(1)
    expect(two.runtime.call(second, 'count')).toBe(1)
  })
})

describe('a host function that uses the runtime', () => {
  it('may call other scripts, attach, unload and dispose of the runtime during a tick', async () => {
    let act: () => unknown = () => undefined
    const game = await createGame({ host: { test: { act: () => void act() } } })
    const { world, runtime, errors } = game
    const other = await runtime.loadModule(counterScript(), { order: 1 })
    const acting = updateScript('(call $act)', '(import "test" "act" (func $act))')
    const id = await runtime.loadModule(acting)
    const entities = [addEntity(world), addEntity(world)]
    for (const entity of entities) runtime.attach(entity, id)
    act = () => runtime.call(other, 'count')
    expect(runtime.tick(1)).toMatchObject({ entities: 2, faults: 0 })
    act = () => runtime.detach(entities[1] as number, id)
    expect(runtime.tick(1)).toMatchObject({ entities: 1, faults: 0 })
    expect(runtime.tick(1).entities).toBe(1)
    act = () => runtime.unloadModule(id)
    expect(runtime.tick(1).faults).toBe(0)
    expect(runtime.scripts().map((script) => script.id)).toEqual([other])
    const last = await runtime.loadModule(tickScript('(call $act)', '(import "test" "act" (func $act))'))
    act = () => runtime.dispose()
    runtime.tick(1)
    expect(await codeOf(() => runtime.script(last))).toBe('Disposed')
    expect(errors).toEqual([])
  })
})

describe('checkModule', () => {
  it('returns a description of a module without loading it', async () => {
    const { runtime } = await createGame({
      host: {
        test: {
          run: () => {
            throw new Error('it ran')
          },
        },
      },
    })
    const description =
      await runtime.checkModule(`(module (import "test" "run" (func $run)) (import "ecs.get" "Position.x" (func (param i32) (result f32)))
      (memory (export "memory") 2 4) (global (export "g") (mut i64) (i64.const 1)) (start $run)
      (func (export "tick") (param f32)))`)
    expect(description).toMatchObject({
      functions: 1,
      memoryPages: 2,
      imports: [
        { module: 'test', name: 'run', type: '() → ()' },
        { module: 'ecs.get', name: 'Position.x', type: '(i32) → f32' },
      ],
      exports: [
        { name: 'memory', type: 'memory 2 4' },
        { name: 'g', type: 'global (mut i64)' },
        { name: 'tick', type: '(f32) → ()' },
      ],
    })
    expect(runtime.scripts()).toEqual([])
    expect(await codeOf(runtime.checkModule('(module (import "ecs.get" "P.x" (func)) (func (export "a")))'))).toBe('UnknownImport')
    expect(await codeOf(runtime.checkModule('(module'))).toBe('InvalidText')
  })
})
