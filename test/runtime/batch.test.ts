import { addComponent, addEntity, entityExists, hasComponent, observe, onAdd, removeComponent, removeEntity } from 'bitecs'
import { defineComponents, type ScriptId, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'
import { playBoth, type Scene, type Stage } from '../fixtures/scene.ts'
import { updateScript } from '../fixtures/scripts.ts'

const SET = '(import "ecs.set" "Health.points" (func $set (param i32 i32)))'
const POINTS = `(import "ecs.get" "Health.points" (func $points (param i32) (result i32))) ${SET}`
const COUNT = '(call $set (local.get $eid) (i32.add (call $points (local.get $eid)) (i32.const 1)))'
const ACT = '(import "test" "act" (func $act (param i32)))'

/** Calls the host, and then counts its updates in the points of each entity. */
const TELLING = updateScript(`(call $act (local.get $eid)) ${COUNT}`, `${POINTS} ${ACT}`)

describe('update, run on all entities of a script', () => {
  it('is a loop in the module, which the host calls once', async () => {
    const depths = new Set<string>()
    const { world, runtime } = await createGame({ host: { test: { act: () => void depths.add(String(new Error().stack)) } } })
    const id = await runtime.loadModule(updateScript('(call $act (local.get $eid))', ACT), { link: 'inline' })
    for (let count = 0; count < 3; count++) runtime.attach(addEntity(world), id)
    runtime.tick(1)
    // The module has the functions 0 and 1; the loop is function 2.
    expect([...depths].map((stack) => /wasm-function\[(\d+)\]/.exec(stack)?.[1])).toEqual(['2'])
  })

  it('passes each entity and dt, as f32 or f64', async () => {
    for (const type of ['f32', 'f64']) {
      const told: number[][] = []
      const script = `(module (import "test" "act" (func $act (param i32 ${type})))
        (func (export "update") (param i32 ${type}) (call $act (local.get 0) (local.get 1)) (local.set 0 (i32.const 3)) (local.set 1 (${type}.const 9))))`
      const { first } = await playBoth({
        wat: script,
        host: () => ({ act: (entity, dt) => void told.push([entity as number, dt as number]) }),
      })
      const once = [0, 1, 2, 3, 4].map((index) => [first + index, 0.5])
      expect(told).toEqual([...once, ...once, ...once, ...once])
    }
  })

  it('does nothing without entities', async () => {
    expect(await playBoth({ wat: TELLING, host: () => ({ act: () => undefined }), count: 0 })).toMatchObject({
      ticks: [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      errors: [],
    })
  })

  it('includes entities that are attached later, however many', async () => {
    const ending = await playBoth({
      wat: updateScript(COUNT, POINTS),
      ticks: 8,
      after({ world, runtime, id }, tick) {
        for (let count = 0; count < 15 * tick; count++) runtime.attach(addEntity(world), id)
      },
    })
    expect(ending.ticks.map(([entities]) => entities)).toEqual([5, 5, 20, 50, 95, 155, 230, 320])
    expect(ending.points).toEqual([8, 8, 8, 8, 8])
  })

  it('logs and emits in the order of the entities', async () => {
    const ending = await playBoth({
      wat: updateScript(
        `(i32.store8 (i32.const 8) (i32.add (i32.const 64) (local.get $eid))) (call $log (i32.const 8) (i32.const 1))
         (call $here (local.get $eid))`,
        '(import "host" "log" (func $log (param i32 i32))) (import "emit" "here" (func $here (param i32))) (memory (export "memory") 1)',
      ),
      ticks: 1,
    })
    expect(ending.logs.map(({ message }) => message.charCodeAt(0) - 64 - ending.first)).toEqual([0, 1, 2, 3, 4])
    expect(ending.events.map(({ args }) => Number(args[0]) - ending.first)).toEqual([0, 1, 2, 3, 4])
  })
})

describe('what a script changes in update', () => {
  const importing = (kind: string, name: string): string => `(import "${kind}" "${name}" (func $change (param i32)))`

  it.each([
    ['despawn', importing('ecs', 'despawn'), 0],
    ['detach', importing('ecs', 'detach'), 0],
    ['remove', importing('ecs.remove', 'Position'), 5],
  ])('by %s takes effect after all entities were updated', async (_, imported, left) => {
    for (const other of ['(local.get $eid)', '(i32.add (local.get $eid) (i32.const 1))', '(i32.const 4)']) {
      const ending = await playBoth({ wat: updateScript(`(call $change ${other}) ${COUNT}`, `${POINTS} ${imported}`) })
      expect(ending.ticks[0]?.slice(0, 2)).toEqual([5, 5])
      if (other === '(local.get $eid)') expect(ending.ticks[1]?.[0]).toBe(left)
      expect(Object.values(ending.world).filter((text) => text.startsWith('Position tag')).length).toBeLessThan(5)
    }
  })

  it('by spawn and attach adds entities that are updated from the next tick on', async () => {
    const spawning = updateScript(
      `(call $attach (call $spawn)) ${COUNT}`,
      `${POINTS}
      (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs" "attach" (func $attach (param i32)))`,
    )
    const ending = await playBoth({ wat: spawning, ticks: 4 })
    expect(ending.ticks.map(([entities]) => entities)).toEqual([5, 10, 20, 40])
  })

  it('is reported to an observer, which may detach a later entity', async () => {
    const adding = updateScript(
      `(if (i32.eq (local.get $eid) (i32.const 3)) (then (call $add (local.get $eid)))) ${COUNT}`,
      `${POINTS}
      (import "ecs.add" "Dead" (func $add (param i32)))`,
    )
    const ending = await playBoth({
      wat: adding,
      prepare({ world, components, entities }) {
        observe(world, onAdd(components.Dead), () => removeEntity(world, entities[3] as number))
      },
    })
    expect(ending.first).toBe(2)
    expect(ending.points).toEqual([2, 2, 2, 0, 2])
    expect(ending.world[5]).toBeUndefined()
  })

  it('is visible to its own queries', async () => {
    const querying = updateScript(
      '(call $add (local.get $eid)) (call $set (local.get $eid) (i32.add (i32.mul (call $query) (i32.const 100)) (call $entity (i32.const 0))))',
      `${SET} (import "ecs.add" "Dead" (func $add (param i32))) (import "ecs.query" "Dead Position" (func $query (result i32)))
       (import "ecs.entity" "Position Dead" (func $entity (param i32) (result i32)))`,
    )
    expect((await playBoth({ wat: querying, ticks: 1 })).points).toEqual([102, 202, 302, 402, 502])
  })
})

describe('a host function that is called from update', () => {
  const CHANGES: readonly [string, (stage: Stage, target: number) => void][] = [
    ['detaches', ({ runtime, id }, target) => runtime.detach(target, id)],
    ['removes the tag of', ({ world, runtime, id }, target) => void removeComponent(world, target, runtime.tag(id))],
    ['removes', ({ world }, target) => removeEntity(world, target)],
  ]
  const TARGETS: readonly [string, number, readonly number[]][] = [
    ['a later entity', 4, [1, 1, 1, 1, 0]],
    ['the next entity', 3, [1, 1, 1, 0, 1]],
    ['the entity at hand', 2, [1, 1, 1, 1, 1]],
    ['an earlier entity', 0, [1, 1, 1, 1, 1]],
  ]
  it.each(CHANGES.flatMap(([verb, change]) => TARGETS.map(([what, index, points]) => ({ verb, what, change, index, points }))))(
    '$verb $what: that one is not updated any more',
    async ({ change, index, points }) => {
      const scene: Scene = {
        wat: TELLING,
        host: (stage) => ({ act: (entity) => void (entity === stage.entities[2] && change(stage, stage.entities[index] as number)) }),
      }
      expect((await playBoth({ ...scene, ticks: 1 })).points).toEqual(points)
      const { ticks, points: after } = await playBoth(scene)
      expect(ticks[1]?.[0]).toBe(4)
      expect(after.map((count, place) => count - (points[place] as number))).toEqual(
        [0, 1, 2, 3, 4].map((place) => Number(place !== index)),
      )
    },
  )

  it('removes entities, none of which is updated afterwards', async () => {
    const ending = await playBoth({
      wat: TELLING,
      count: 60,
      host: (stage) => ({ act: (entity) => void ((entity as number) % 2 === 0 && removeEntity(stage.world, (entity as number) + 1)) }),
    })
    expect(ending.points).toEqual(ending.points.map((_, index) => (index % 2 === 0 ? 2 : 0)))
    expect(ending.ticks.map(([entities]) => entities)).toEqual([30, 30])
  })

  it('removes an entity whose id is reused with the tag: the new entity is updated in the next tick', async () => {
    const { first, seen, ticks } = await playBoth({
      wat: TELLING,
      host: (stage) => ({
        act(entity) {
          stage.seen.push(entity)
          const { world, runtime, entities, id } = stage
          if (entity !== entities[1] || stage.seen.length > 5) return
          removeEntity(world, entities[3] as number)
          runtime.attach(addEntity(world), id)
        },
      }),
    })
    expect(seen.slice(0, 4).map((entity) => (entity as number) - first)).toEqual([0, 1, 2, 4])
    expect(ticks.map(([entities]) => entities)).toEqual([4, 5])
  })

  it('unloads the script: the other entities are not updated', async () => {
    for (const link of ['inline', 'host'] as const) {
      let runtime: WasmScriptRuntime | undefined
      const told: number[] = []
      const act = (context: { script: { id: ScriptId } }, entity: number): void => {
        told.push(entity)
        if (told.length === 3) runtime?.unloadModule(context.script.id)
      }
      const game = await createGame({ host: { test: { act } } })
      runtime = game.runtime
      const id = await runtime.loadModule(TELLING, { link })
      const entities = [1, 2, 3, 4, 5].map(() => addEntity(game.world))
      for (const entity of entities) runtime.attach(entity, id)
      expect(runtime.tick(1).faults).toBe(0)
      expect(runtime.tick(1).entities).toBe(0)
      expect(told).toEqual(entities.slice(0, 3))
      expect(runtime.scripts()).toEqual([])
      expect(entities.map((entity) => game.components.Health.points[entity])).toEqual([1, 1, 1, 0, 0])
    }
  })

  it('disposes of the runtime: the other entities are not updated', async () => {
    for (const link of ['inline', 'host'] as const) {
      const game = await createGame({ host: { test: { act: (_, entity: number) => void (entity === 4 && game.runtime.dispose()) } } })
      const id = await game.runtime.loadModule(TELLING, { link })
      const entities = [1, 2, 3, 4, 5].map(() => addEntity(game.world))
      for (const entity of entities) game.runtime.attach(entity, id)
      game.runtime.tick(1)
      expect(entities.map((entity) => game.components.Health.points[entity])).toEqual([1, 1, 1, 0, 0])
    }
  })
})

describe('entities beyond the capacity', () => {
  it('that the game tagged are updated, but cannot be read', async () => {
    const reading = updateScript(COUNT, POINTS)
    for (const onFault of ['stop', 'detach'] as const) {
      const ending = await playBoth({
        wat: reading,
        load: { onFault },
        prepare({ world, runtime, id }) {
          while (addEntity(world) < 1000);
          for (const entity of [1000, 999]) addComponent(world, entity, runtime.tag(id))
        },
      })
      expect(ending.errors).toEqual([
        'EntityOutOfRange update 1000: the entity 1000 is not below the capacity of 1000; raise the option capacity of defineComponents',
      ])
      expect(ending.points).toEqual(onFault === 'stop' ? [1, 1, 1, 1, 1] : [2, 2, 2, 2, 2])
      expect(ending.world[999]).toBe(onFault === 'stop' ? 'tag: 0 0 0' : 'tag: 0 0 2')
    }
  })
})

describe('a memory of columns without room for a list', () => {
  it('changes nothing but the speed', async () => {
    const endings = []
    for (const reserve of [0, 65_536]) {
      for (const link of ['inline', 'host'] as const) {
        const components = defineComponents({ A: { points: 'i32' } }, { capacity: 16_384, reserve })
        const { world, runtime } = await createGame({ components, host: { test: { act: () => undefined } } })
        const id = await runtime.loadModule(TELLING.replaceAll('Health', 'A'), { link })
        for (let count = 0; count < 100; count++) runtime.attach(addEntity(world), id)
        const reports = [runtime.tick(1), runtime.tick(1)].map(({ entities, fuel, faults }) => [entities, fuel, faults])
        endings.push({ reports, points: components.A.points.slice(0, 200) })
      }
    }
    for (const ending of endings) expect(ending).toEqual(endings[0])
    expect(endings[0]?.reports[1]?.[0]).toBe(100)
  })
})

describe('two runtimes on the same components', () => {
  it('do not affect each other if one ticks during update of the other', async () => {
    const endings = []
    for (const link of ['inline', 'host'] as const) {
      const components = defineComponents({ Health: { points: 'i32' } }, { capacity: 1000, reserve: 0 })
      const inner = await createGame({ components })
      const outer = await createGame({ components, host: { test: { act: () => void inner.runtime.tick(1) } } })
      const innerId = await inner.runtime.loadModule(updateScript(COUNT, POINTS), { link })
      const outerId = await outer.runtime.loadModule(TELLING, { link })
      for (let count = 0; count < 5; count++) outer.runtime.attach(addEntity(outer.world), outerId)
      for (let count = 0; count < 90; count++) inner.runtime.attach(addEntity(inner.world), innerId)
      const reports = [outer.runtime.tick(1), outer.runtime.tick(1)].map(({ entities, fuel, faults }) => [entities, fuel, faults])
      endings.push({ reports, points: components.Health.points.slice() })
      expect(entityExists(outer.world, 2) && hasComponent(outer.world, 2, outer.runtime.tag(outerId))).toBe(true)
    }
    expect(endings[0]).toEqual(endings[1])
    expect([...(endings[0]?.points.slice(0, 8) ?? [])]).toEqual([0, 0, 12, 12, 12, 12, 12, 10])
  })
})
