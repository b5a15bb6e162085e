import {
  addComponent,
  addEntity,
  createWorld,
  entityExists,
  getAllEntities,
  getComponent,
  hasComponent,
  observe,
  onAdd,
  onRemove,
  query,
  removeEntity,
} from 'bitecs'
import { defineComponents, ScriptState, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../../fixtures/scripts.ts'

const ticks = (runtime: WasmScriptRuntime, count: number): void => {
  for (let tick = 0; tick < count; tick++) runtime.tick(0.5)
}
/** Returns the entities of scripts. */
const owned = ({ world }: Pick<WasmScriptRuntime, 'world'>): number[] =>
  [...getAllEntities(world)].filter((entity) => hasComponent(world, entity, ScriptState))

describe('a script that was', () => {
  it('reloaded since receives its state through get_state and set_state', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(counterScript(1), { name: 'counter' })
    ticks(runtime, 4)
    const snapshot = runtime.snapshot()
    ticks(runtime, 4)
    await runtime.reloadModule(id, counterScript(10))
    ticks(runtime, 2)
    expect(runtime.call(id, 'count')).toBe(28)
    expect(getComponent(world, runtime.script(id).entity, ScriptState)).toEqual({ state: 8, generation: 1 })
    expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'counter', state: 'converted' }])
    expect([runtime.call(id, 'count'), runtime.script(id).generation]).toEqual([4, 2])
    expect(getComponent(world, runtime.script(id).entity, ScriptState)).toEqual({})
    await runtime.reloadModule(id, tickScript(''))
    expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'counter', state: 'kept', detail: expect.stringContaining('set_state') }])
  })

  it('loaded since is attached to nothing, and has an entity of its own', async () => {
    const { world, runtime, errors } = await createGame()
    const entity = addEntity(world)
    const snapshot = runtime.snapshot()
    const passing = addEntity(world)
    removeEntity(world, passing)
    const id = await runtime.loadModule(updateScript(''), { name: 'late' })
    runtime.attach(entity, id)
    runtime.tick(1)
    expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'late', state: 'new' }])
    expect(runtime.tick(1).entities).toBe(0)
    expect([...query(world, [runtime.tag(id)])]).toEqual([])
    expect(owned(runtime)).toEqual([runtime.script(id).entity])
    runtime.attach(entity, id)
    expect(runtime.tick(1).entities).toBe(1)
    runtime.unloadModule(id)
    expect([owned(runtime), errors]).toEqual([[], []])
  })

  it('loaded since with the tag of an unloaded script is attached to nothing', async () => {
    const { world, runtime } = await createGame()
    const entity = addEntity(world)
    const gone = await runtime.loadModule(updateScript(''), { name: 'gone' })
    runtime.attach(entity, gone)
    runtime.tick(1)
    const snapshot = runtime.snapshot()
    runtime.unloadModule(gone)
    await runtime.loadModule(updateScript(''), { name: 'late' })
    expect(runtime.restore(snapshot).scripts).toEqual([
      { script: 'late', state: 'new' },
      { script: 'gone', state: 'missing' },
    ])
    expect(runtime.tick(1).entities).toBe(0)
  })

  it('unloaded since is missing, and has no entity', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(updateScript(''), { name: 'gone' })
    const entity = addEntity(world)
    runtime.attach(entity, id)
    const snapshot = runtime.snapshot()
    runtime.unloadModule(id)
    expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'gone', state: 'missing' }])
    expect(entityExists(world, entity)).toBe(true)
    expect(runtime.tick(1)).toMatchObject({ entities: 0, faults: 0 })
    expect(owned(runtime)).toEqual([])
  })

  it('still loading is loaded as usual', async () => {
    const { runtime } = await createGame()
    const snapshot = runtime.snapshot()
    const loading = runtime.loadModule(counterScript())
    runtime.restore(snapshot)
    const id = await loading
    expect(owned(runtime)).toEqual([runtime.script(id).entity])
    ticks(runtime, 2)
    expect(runtime.call(id, 'count')).toBe(2)
  })

  it('loaded since cannot access entities past the capacity', async () => {
    for (const restores of [false, true]) {
      const world = createWorld()
      const { P } = defineComponents({ P: { x: 'f32' } }, { capacity: 8, reserve: 100_000 })
      const { runtime, errors } = await createGame({ world, components: { P } })
      const snapshot = runtime.snapshot()
      const write = '(call $set (local.get $eid) (f32.const 1))'
      const id = await runtime.loadModule(updateScript(write, '(import "ecs.set" "P.x" (func $set (param i32 f32)))'), { link: 'inline' })
      const reach = (): void => {
        while (!entityExists(world, 12)) addEntity(world)
        addComponent(world, 12, runtime.tag(id))
      }
      reach()
      if (restores) {
        runtime.restore(snapshot)
        reach()
      }
      runtime.tick(1)
      expect([restores, errors.map(({ code }) => code)]).toEqual([restores, ['EntityOutOfRange']])
    }
  })

  it('loaded since has an entity that observers are notified of', async () => {
    const { world, runtime } = await createGame()
    const known = new Set<number>()
    observe(world, onAdd(ScriptState), (entity: number) => known.add(entity))
    observe(world, onRemove(ScriptState), (entity: number) => known.delete(entity))
    const snapshot = runtime.snapshot()
    await runtime.loadModule(updateScript(''))
    runtime.restore(snapshot)
    expect([...known]).toEqual(owned(runtime))
  })
})
