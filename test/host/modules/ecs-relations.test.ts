import {
  addComponent,
  addEntity,
  addPrefab,
  createRelation,
  entityExists,
  getRelationTargets,
  hasComponent,
  IsA,
  query,
  removeEntity,
} from 'bitecs'
import { PRICES, type ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/ecs/components/bitecs-internals.ts'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'

const FAMILY = `(module
  (import "ecs.target" "ChildOf" (func $target (param i32) (result i32)))
  (import "ecs.relate" "ChildOf" (func $relate (param i32 i32)))
  (import "ecs.unrelate" "ChildOf" (func $unrelate (param i32 i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (func (export "target") (param i32) (result i32) (call $target (local.get 0)))
  (func (export "relate") (param i32 i32) (result i32) (call $relate (local.get 0) (local.get 1)) (call $target (local.get 0)))
  (func (export "unrelate") (param i32 i32) (result i32) (call $unrelate (local.get 0) (local.get 1)) (call $target (local.get 0)))
  (func (export "despawn") (param i32) (call $despawn (local.get 0))))`

async function family(
  ChildOf = createRelation(),
): Promise<Game & { ChildOf: typeof ChildOf; id: ScriptId; call: (name: string, ...args: number[]) => unknown }> {
  const game = await createGame({ relations: { ChildOf } })
  const id = await game.runtime.loadModule(FAMILY, { name: 'family' })
  return { ...game, ChildOf, id, call: (name, ...args) => game.runtime.call(id, name, ...args) }
}

describe('ecs.target', () => {
  it('is the first target that was added, and 0 if there is none', async () => {
    const { world, ChildOf, call } = await family()
    const [child, first, second] = [addEntity(world), addEntity(world), addEntity(world)]
    expect(call('target', child)).toBe(0)
    for (const target of [second, first]) addComponent(world, child, ChildOf(target))
    expect([call('target', child), call('target', first), call('target', 999), call('target', -1)]).toEqual([second, 0, 0, 0])
    removeEntity(world, second)
    expect(call('target', child)).toBe(first)
  })

  it('costs more for an entity with many other components', async () => {
    const { world, ChildOf, runtime } = await family()
    const parent = addEntity(world)
    await runtime.loadModule(`(module (import "ecs.target" "ChildOf" (func $target (param i32) (result i32)))
      (func (export "tick") (param f32) (drop (call $target (i32.const 2)))))`)
    const fuelWith = (children: number): number => {
      while (children-- > 0) addComponent(world, addEntity(world), ChildOf(parent))
      return runtime.tick(1).fuel
    }
    expect(parent).toBe(2)
    const [none, one, more] = [fuelWith(0), fuelWith(1), fuelWith(9)] as const
    // Beside those of the child, an entity that is the target of a relation has two components.
    expect([one - none, more - one]).toEqual([3 * PRICES.relationStep, 9 * PRICES.relationStep])
  })
})

describe('ecs.relate', () => {
  it('adds a relation at once, which replaces that of an exclusive relation', async () => {
    const { world, ChildOf, call } = await family(createRelation({ exclusive: true }))
    const [child, first, second] = [addEntity(world), addEntity(world), addEntity(world)]
    expect([call('relate', child, first), call('relate', child, second), call('relate', child, second)]).toEqual([first, second, second])
    expect(getRelationTargets(world, child, ChildOf)).toEqual([second])
    expect([...query(world, [ChildOf(second)])]).toEqual([child])
  })

  it('does nothing for an entity that does not exist or belongs to a script, and refuses one beyond the capacity', async () => {
    const { world, runtime, id, call } = await family()
    const child = addEntity(world)
    for (const [entity, target] of [
      [child, 500],
      [500, child],
      [child, runtime.script(id).entity],
      [runtime.script(id).entity, child],
    ] as const) {
      expect(call('relate', entity, target)).toBe(0)
    }
    for (const args of [
      [child, 1000],
      [1000, child],
      [child, -1],
    ]) {
      expect(await codeOf(() => call('relate', ...args))).toBe('EntityOutOfRange')
      await runtime.reloadModule(id, `${FAMILY} ;; ${String(args)}`)
    }
  })

  it('begins the data of the pair at 0', async () => {
    const Owes = createRelation({ store: () => ({ amount: [] as number[], days: new Uint8Array(4) }) })
    const { world, call } = await family(Owes as never)
    const [one, other] = [addEntity(world), addEntity(world)]
    Owes(other).amount[one] = 5
    Owes(other).days[one] = 5
    call('relate', one, other)
    expect([Owes(other).amount[one], Owes(other).days[one]]).toEqual([0, 0])
  })

  it("reports what a game's store throws as the game's fault", async () => {
    const Owes = createRelation({
      store: (): object => {
        throw new Error('no room')
      },
    })
    const { world, call } = await family(Owes as never)
    const error = await errorOf(() => call('relate', addEntity(world), addEntity(world)))
    expect([error.code, error.message]).toEqual(['HostError', expect.stringContaining('no room')])
  })

  it('makes an instance of a prefab by IsA', async () => {
    const game = await createGame({ relations: { IsA } })
    const { world, components, runtime } = game
    const id = await runtime.loadModule(`(module (import "ecs.relate" "IsA" (func $is (param i32 i32)))
      (func (export "is") (param i32 i32) (call $is (local.get 0) (local.get 1))))`)
    const prefab = addPrefab(world)
    addComponent(world, prefab, components.Health)
    const entity = addEntity(world)
    runtime.call(id, 'is', entity, prefab)
    expect(hasComponent(world, entity, components.Health)).toBe(true)
  })

  it('is undone with all that it changed if init fails', async () => {
    const ChildOf = createRelation({ exclusive: true })
    const { world, runtime } = await createGame({ relations: { ChildOf } })
    const [child, first, second] = [addEntity(world), addEntity(world), addEntity(world)]
    addComponent(world, child, ChildOf(first))
    const { entityComponents } = contextOf(world)
    const all = (): object[][] => [child, first, second].map((entity) => [...(entityComponents.get(entity) ?? [])])
    const before = all()
    const load = runtime.loadModule(`(module (import "ecs.relate" "ChildOf" (func $relate (param i32 i32)))
      (func (export "init") (call $relate (i32.const ${child}) (i32.const ${second})) unreachable))`)
    expect(await codeOf(load)).toBe('InitFailed')
    expect(all()).toEqual(before)
    expect(getRelationTargets(world, child, ChildOf)).toEqual([first])
  })
})

describe('ecs.unrelate', () => {
  it("removes a relation when the script's run ends", async () => {
    const { world, ChildOf, call } = await family()
    const [child, first, second] = [addEntity(world), addEntity(world), addEntity(world)]
    for (const target of [first, second]) addComponent(world, child, ChildOf(target))
    expect(call('unrelate', child, first)).toBe(first)
    expect(getRelationTargets(world, child, ChildOf)).toEqual([second])
    expect(call('unrelate', child, first)).toBe(second)
  })
})

describe('ecs.despawn', () => {
  it('removes the relations of an entity, and who is removed with it', async () => {
    const { world, ChildOf, runtime, call } = await family(createRelation({ autoRemoveSubject: true }))
    const [root, child, grandchild, other] = [1, 2, 3, 4].map(() => addEntity(world)) as [number, number, number, number]
    for (const [entity, target] of [
      [child, root],
      [grandchild, child],
      [root, other],
    ] as const) {
      addComponent(world, entity, ChildOf(target))
    }
    const queries = contextOf(world).queries.size
    call('despawn', root)
    expect([root, child, grandchild, other].map((entity) => entityExists(world, entity))).toEqual([false, false, false, true])
    expect(contextOf(world).queries.size).toBe(queries)
    expect(() => runtime.despawn(other)).not.toThrow()
  })

  it('costs what the removal of all of them takes, before any is removed', async () => {
    const ChildOf = createRelation({ autoRemoveSubject: true })
    const { world, runtime } = await createGame({ relations: { ChildOf } })
    const id = await runtime.loadModule(FAMILY, { name: 'family', limits: { fuel: 100_000 } })
    const root = addEntity(world)
    for (let count = 0; count < 100; count++) addComponent(world, addEntity(world), ChildOf(root))
    expect(await codeOf(() => runtime.call(id, 'despawn', root))).toBe('OutOfFuel')
    expect(query(world, [ChildOf(root)]).length).toBe(100)
    runtime.despawn(root)
    expect(query(world, [ChildOf(root)]).length).toBe(0)
  })

  it('of a hierarchy of more levels than bitECS can remove is refused', async () => {
    const { world, ChildOf, runtime, call } = await family(createRelation({ autoRemoveSubject: true }))
    const chain = Array.from({ length: 600 }, () => addEntity(world))
    for (let index = 1; index < chain.length; index++) addComponent(world, chain[index] as number, ChildOf(chain[index - 1] as number))
    expect(await codeOf(() => call('despawn', chain[0] as number))).toBe('StackOverflow')
    expect(await codeOf(() => runtime.despawn(chain[0] as number))).toBe('StackOverflow')
    expect(entityExists(world, chain[599] as number)).toBe(true)
    runtime.despawn(chain[300] as number)
    expect(chain.filter((entity) => entityExists(world, entity)).length).toBe(300)
  })
})

describe('the imports of relations', () => {
  it('are found by the names that create gave', async () => {
    const { runtime } = await family()
    const error = await errorOf(
      runtime.loadModule('(module (import "ecs.target" "ChildOff" (func (param i32) (result i32))) (func (export "tick") (param f32)))'),
    )
    expect([error.code, error.message]).toEqual(['UnknownImport', expect.stringContaining("did you mean 'ChildOf'?")])
  })

  it('are granted by change', async () => {
    const { runtime } = await family()
    expect(await codeOf(runtime.loadModule(FAMILY, { name: 'denied', grant: { read: ['Position'], spawn: true } }))).toBe('GrantDenied')
    await runtime.loadModule(FAMILY, { name: 'granted', grant: { change: ['ChildOf'], spawn: true } })
    expect(await codeOf(runtime.loadModule(FAMILY, { name: 'wrong', grant: { change: ['ChildOff'] } }))).toBe('InvalidOptions')
    expect(await codeOf(runtime.loadModule(FAMILY, { name: 'wrong', grant: { read: ['ChildOf'] } }))).toBe('InvalidOptions')
  })
})
