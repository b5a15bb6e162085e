import {
  addComponent,
  addEntity,
  createEntityIndex,
  createWorld,
  deleteWorld,
  entityExists,
  observe,
  onAdd,
  resetWorld,
  withVersioning,
} from 'bitecs'
import { History, ScriptError, ScriptState, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { counterScript, jsonScript, tickScript } from '../fixtures/scripts.ts'

describe('a world that a runtime cannot use', () => {
  it.each([2, 8, 16])('has an entity index with %d bits of versions: create refuses it, and leaves no observer in it', async (bits) => {
    const world = createWorld(createEntityIndex(withVersioning(bits)))
    const error = await errorOf(WasmScriptRuntime.create({ world }))
    expect(error).toMatchObject({
      code: 'InvalidOptions',
      detail: expect.stringMatching(/^withVersioning of bitECS .*; create the world without it/),
    })
    expect(addEntity(world, ScriptState)).toBe(1)
  })

  it('shares its entity index with a world that has entities, or another runtime: create refuses it', async () => {
    const index = createEntityIndex()
    const [one, other] = [createWorld(index), createWorld(index)]
    addEntity(one)
    const shared = { code: 'InvalidOptions', detail: expect.stringContaining('shares its entity index with another world') }
    expect(await errorOf(WasmScriptRuntime.create({ world: other }))).toMatchObject(shared)
    await WasmScriptRuntime.create({ world: one })
    const empty = createEntityIndex()
    await WasmScriptRuntime.create({ world: createWorld(empty) })
    expect(await errorOf(WasmScriptRuntime.create({ world: createWorld(empty) }))).toMatchObject(shared)
  })

  it('begins to share its entity index: nothing is saved or restored, and a reload has no way back', async () => {
    const index = createEntityIndex()
    const { world, runtime, errors } = await createGame({ world: createWorld(index) })
    const id = await runtime.loadModule(counterScript())
    addEntity(world)
    const saved = runtime.snapshot()
    const history = new History(runtime)
    const foreign = addEntity(createWorld(index))
    const shared = { code: 'HostError', detail: expect.stringContaining('shares its entity index with another world') }
    expect(await errorOf(() => runtime.restore(saved))).toMatchObject(shared)
    expect(await errorOf(() => runtime.snapshot())).toMatchObject(shared)
    expect(await errorOf(() => history.back())).toMatchObject(shared)
    history.dispose()
    await runtime.reloadModule(id, tickScript('unreachable'))
    expect(runtime.tick(1).faults).toBe(1)
    expect(errors).toMatchObject([{ code: 'Trap', detail: 'unreachable' }])
    expect(runtime.script(id).status).toBe('faulted')
    expect(entityExists(world, foreign)).toBe(true)
  })
})

describe.each([
  [
    'resetWorld',
    resetWorld,
    /^the world was reset by resetWorld\(\) while a runtime used it, and the entities are gone; call dispose\(\) before/,
  ],
  ['deleteWorld', deleteWorld, /^the world was deleted by deleteWorld\(\) while/],
])('%s under a live runtime', (_, end, detail) => {
  const gone = { code: 'HostError', detail: expect.stringMatching(detail) }
  const COUNTED = `(module (import "test" "see" (func $see (param i32)))
    (func (export "update") (param $eid i32) (param f32) (call $see (local.get $eid)))
    (func (export "tick") (param f32) (call $see (i32.const -1))) (func (export "see") (call $see (i32.const -2))))`

  it('is found at the next step: every use of the world says so, and no script runs', async () => {
    const seen: number[] = []
    const { world, components, runtime } = await createGame({ host: { test: { see: (_, entity: number) => void seen.push(entity) } } })
    const id = await runtime.loadModule(COUNTED)
    const entity = addEntity(world, components.Position)
    runtime.attach(entity, id)
    runtime.tick(1)
    expect(seen).toEqual([-1, entity])
    const saved = runtime.snapshot()
    end(world)
    const uses: (() => unknown)[] = [
      () => runtime.tick(1),
      () => runtime.call(id, 'see'),
      () => runtime.attach(entity, id),
      () => runtime.detach(entity, id),
      () => runtime.spawn(),
      () => runtime.write(entity, {}),
      () => runtime.despawn(entity),
      () => runtime.version(entity),
      () => runtime.snapshot(),
      () => runtime.restore(saved),
      () => runtime.unloadModule(id),
      () => new History(runtime),
    ]
    for (const use of uses) expect(await errorOf(use)).toMatchObject(gone)
    for (const work of [runtime.loadModule(COUNTED), runtime.reloadModule(id, COUNTED), runtime.checkModule(COUNTED)])
      expect(await errorOf(work)).toMatchObject(gone)
    expect(seen).toHaveLength(2)
    expect(runtime.scripts().map(({ status }) => status)).toEqual(['active'])
    runtime.dispose()
    expect(await codeOf(() => runtime.tick(1))).toBe('Disposed')
  })

  it.each(['stop', 'detach'] as const)('by a host function ends its script and the tick, with onFault: %s', async (onFault) => {
    const seen: number[] = []
    const { world, components, runtime, errors } = await createGame({
      host: {
        test: {
          see(_, entity: number) {
            seen.push(entity)
            if (seen.length === 2) end(world)
          },
        },
      },
    })
    const id = await runtime.loadModule(COUNTED, { name: 'one', onFault })
    const other = await runtime.loadModule(COUNTED, { name: 'two' })
    const entities = [addEntity(world, components.Position), addEntity(world, components.Position)]
    for (const entity of entities) for (const script of [id, other]) runtime.attach(entity, script)
    expect(await errorOf(() => runtime.tick(1))).toMatchObject(gone)
    expect(seen).toEqual([-1, entities[0]])
    expect(errors).toMatchObject([{ ...gone, script: 'one', entity: entities[0] }])
    expect(await errorOf(() => runtime.tick(1))).toMatchObject(gone)
    expect(seen).toHaveLength(2)
    runtime.dispose()
  })

  it('by an observer ends the tick', async () => {
    const { world, components, runtime } = await createGame()
    const seen: string[] = []
    runtime.on('log', ({ script }) => seen.push(script))
    const log = '(import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1)'
    const add = '(import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.add" "Dead" (func $add (param i32)))'
    await runtime.loadModule(tickScript('(call $add (call $spawn))', add), { name: 'one' })
    await runtime.loadModule(tickScript('(call $log (i32.const 0) (i32.const 0))', log), { name: 'two' })
    observe(world, onAdd(components.Dead), () => void end(world))
    expect(await errorOf(() => runtime.tick(1))).toBeInstanceOf(ScriptError)
    expect(seen).toEqual([])
    expect(await errorOf(() => runtime.tick(1))).toMatchObject(gone)
  })

  it('while a script loads or reloads rejects', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const work = [runtime.loadModule(counterScript()), runtime.reloadModule(id, counterScript(2))]
    end(world)
    for (const each of work) expect(await errorOf(each)).toMatchObject(gone)
    runtime.dispose()
  })
})

it('a world that was reset after dispose() serves another runtime: states are kept, and entities keep their order', async () => {
  const world = createWorld()
  const first = await createGame({ world })
  await first.runtime.loadModule(jsonScript('get_state', '1'))
  first.runtime.dispose()
  resetWorld(world)
  const { runtime, components } = await createGame({ world })
  const id = await runtime.loadModule(counterScript())
  for (let tick = 0; tick < 3; tick++) runtime.tick(1)
  expect(await runtime.reloadModule(id, counterScript(5))).toMatchObject({ state: 'restored' })
  const saved = runtime.snapshot()
  const [one, two] = [addEntity(world), addEntity(world)]
  addComponent(world, two, components.Position)
  const later = runtime.snapshot()
  runtime.restore(saved)
  expect([one, two].map((entity) => entityExists(world, entity))).toEqual([false, false])
  runtime.restore(later)
  expect([one, two].map((entity) => entityExists(world, entity))).toEqual([true, true])
  runtime.tick(1)
  expect(runtime.call(id, 'count')).toBe(8)
})
