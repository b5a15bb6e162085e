import {
  addComponent,
  addComponents,
  addEntity,
  addPrefab,
  createRelation,
  createWorld,
  entityExists,
  getAllEntities,
  getEntityComponents,
  getHierarchyDepth,
  getRelationTargets,
  Hierarchy,
  hasComponent,
  IsA,
  isNested,
  Not,
  observe,
  onAdd,
  onRemove,
  Pair,
  query,
  removeComponent,
  removeEntity,
  Wildcard,
} from 'bitecs'
import { History, hashWorld, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, type Game } from '../../fixtures/game.ts'
import { tickScript } from '../../fixtures/scripts.ts'

const hash = ({ world, components }: Game): string => hashWorld(world, components)
/** Returns every entity with its components, as bitECS reports them. */
const inventory = ({ world }: Game): unknown[] =>
  [...getAllEntities(world)].sort((one, other) => one - other).map((entity) => [entity, new Set(getEntityComponents(world, entity))])

describe('restore restores', () => {
  it('removed entities, and removes entities added since', async () => {
    const game = await createGame()
    const { world, components, runtime } = game
    const [one, two, three] = [1, 2, 3].map(() => addEntity(world, components.Position)) as [number, number, number]
    components.Position.x[two] = 7
    const before = [hash(game), inventory(game)]
    const snapshot = runtime.snapshot()
    removeEntity(world, one)
    removeEntity(world, two)
    const [reborn, born, later] = [addEntity(world), addEntity(world, components.Dead), addEntity(world, components.Position)]
    components.Position.x[two] = 9
    runtime.restore(snapshot)
    expect([one, two, three].map((entity) => entityExists(world, entity))).toEqual([true, true, true])
    expect(entityExists(world, later)).toBe(false)
    expect([reborn, born].sort()).toEqual([one, two])
    expect(components.Position.x[two]).toBe(7)
    expect([hash(game), inventory(game)]).toEqual(before)
  })

  it('nothing of an entity that was added later and moved in the list of entities', async () => {
    const game = await createGame()
    const { world, runtime } = game
    const [one] = [addEntity(world), addEntity(world), addEntity(world)]
    const before = inventory(game)
    const snapshot = runtime.snapshot()
    addEntity(world)
    removeEntity(world, one as number)
    runtime.restore(snapshot)
    expect(inventory(game)).toEqual(before)
  })

  it('the order of all entities', async () => {
    const { world, runtime } = await createGame()
    const entities = Array.from({ length: 4 }, () => addEntity(world))
    const snapshot = runtime.snapshot()
    removeEntity(world, entities[1] as number)
    runtime.restore(snapshot)
    expect([...getAllEntities(world)]).toEqual(entities)
  })

  it('the order of entities added before the runtime', async () => {
    const world = createWorld()
    const entities = [addEntity(world), addEntity(world), addEntity(world)]
    removeEntity(world, entities[0] as number)
    addEntity(world)
    const order = [...getAllEntities(world)]
    const { runtime } = await createGame({ world, components: {} })
    const snapshot = runtime.snapshot()
    removeEntity(world, entities[1] as number)
    runtime.restore(snapshot)
    expect([...getAllEntities(world)]).toEqual(order)
  })

  it('the order in which free ids are reused', async () => {
    const { world, runtime } = await createGame()
    const entities = Array.from({ length: 8 }, () => addEntity(world))
    for (const place of [2, 5, 3]) removeEntity(world, entities[place] as number)
    const snapshot = runtime.snapshot()
    const run = (): number[] => Array.from({ length: 5 }, () => addEntity(world))
    const first = run()
    removeEntity(world, entities[0] as number)
    run()
    runtime.restore(snapshot)
    expect(run()).toEqual(first)
  })

  it('added and removed components and tags, including those registered since', async () => {
    const game = await createGame()
    const { world, components, runtime } = game
    const { Position, Velocity, Dead } = components
    const [one, two] = [addEntity(world, Position, Dead), addEntity(world, Position)]
    const before = [hash(game), inventory(game)]
    const snapshot = runtime.snapshot()
    // More than 31 components, so that bitECS uses more than one set of bits.
    const tags = Array.from({ length: 70 }, () => ({}))
    for (const tag of tags) addComponent(world, one, tag)
    removeComponent(world, one, Dead)
    addComponent(world, two, Velocity)
    runtime.restore(snapshot)
    expect([hash(game), inventory(game)]).toEqual(before)
    expect(tags.filter((tag) => hasComponent(world, one, tag))).toEqual([])
    expect([...query(world, [Dead])]).toEqual([one])
    expect([...query(world, [Velocity])]).toEqual([])
    addComponent(world, two, tags[69] as object)
    expect([...query(world, [tags[69] as object])]).toEqual([two])
  })

  it('the order of query results, and pending removals', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Dead } = components
    const entities = Array.from({ length: 6 }, () => addEntity(world, Position))
    query(world, [Position])
    removeComponent(world, entities[1] as number, Position)
    query(world, [Position])
    addComponent(world, entities[1] as number, Position)
    removeComponent(world, entities[3] as number, Position)
    const pending = [...query(world, [Position], isNested)]
    expect(pending).toContain(entities[3])
    const snapshot = runtime.snapshot()
    expect([...query(world, [Position], isNested)]).toEqual(pending)
    const alive = [...query(world, [Position])]
    removeEntity(world, entities[0] as number)
    addComponent(world, entities[2] as number, Dead)
    query(world, [Position, Not(Dead)])
    runtime.restore(snapshot)
    expect([...query(world, [Position], isNested)]).toEqual(pending)
    expect([...query(world, [Position])]).toEqual(alive)
    expect([...query(world, [Position, Not(Dead)])].sort()).toEqual([...alive].sort())
  })

  it('relations: pairs, exclusive relations, and entities that are removed with their target', async () => {
    const game = await createGame()
    const { world, runtime } = game
    const Likes = createRelation()
    const Targets = createRelation({ exclusive: true })
    const ChildOf = createRelation({ autoRemoveSubject: true })
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = Array.from({ length: 5 }, () => addEntity(world))
    addComponent(world, a, Pair(Likes, b))
    addComponent(world, a, Targets(e))
    addComponent(world, c, ChildOf(b))
    const before = inventory(game)
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      addComponent(world, a, Targets(d))
      addComponent(world, d, Pair(Likes, a))
      removeEntity(world, b)
      expect([entityExists(world, c), getRelationTargets(world, a, Likes), getRelationTargets(world, a, Targets)]).toEqual([false, [], [d]])
      runtime.restore(snapshot)
      expect(inventory(game)).toEqual(before)
      expect([getRelationTargets(world, a, Likes), getRelationTargets(world, a, Targets)]).toEqual([[b], [e]])
      expect([...query(world, [Pair(ChildOf, b)])]).toEqual([c])
      expect([...query(world, [Pair(Likes, Wildcard)])]).toEqual([a])
    }
    addComponent(world, a, Targets(c))
    expect(getRelationTargets(world, a, Targets)).toEqual([c])
  })

  it('the order of the targets of a relation', async () => {
    const { world, runtime } = await createGame()
    const Likes = createRelation()
    const [a, b, c] = [addEntity(world), addEntity(world), addEntity(world)]
    for (const target of [b, c]) addComponent(world, a, Pair(Likes, target))
    const snapshot = runtime.snapshot()
    removeComponent(world, a, Pair(Likes, b))
    addComponent(world, a, Pair(Likes, b))
    runtime.restore(snapshot)
    expect(getRelationTargets(world, a, Likes)).toEqual([b, c])
  })

  it('the order of the components of a prefab, which its instances inherit', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Velocity } = components
    const told: string[] = []
    const prefab = addPrefab(world)
    addComponents(world, prefab, Velocity, Position)
    observe(world, onAdd(Position), () => told.push('Position'))
    observe(world, onAdd(Velocity), () => told.push('Velocity'))
    const snapshot = runtime.snapshot()
    removeComponent(world, prefab, Velocity)
    addComponent(world, prefab, Velocity)
    runtime.restore(snapshot)
    told.length = 0
    addComponent(world, addEntity(world), IsA(prefab))
    expect(told).toEqual(['Velocity', 'Position'])
  })

  it('hierarchies', async () => {
    const { world, components, runtime } = await createGame()
    const { Position } = components
    const ChildOf = createRelation()
    const [root, child, grandchild] = [1, 2, 3].map(() => addEntity(world, Position)) as [number, number, number]
    addComponent(world, child, ChildOf(root))
    addComponent(world, grandchild, ChildOf(child))
    const look = (): unknown => [
      [...query(world, [Position, Hierarchy(ChildOf)])],
      [0, 1, 2].map((depth) => [...query(world, [Hierarchy(ChildOf, depth)])]),
      getHierarchyDepth(world, grandchild, ChildOf),
    ]
    const before = look()
    expect(before).toEqual([[root, child, grandchild], [[root], [child], [grandchild]], 2])
    const snapshot = runtime.snapshot()
    removeComponent(world, child, ChildOf(root))
    addComponent(world, root, ChildOf(grandchild))
    expect(look()).not.toEqual(before)
    runtime.restore(snapshot)
    expect(look()).toEqual(before)
  })
})

describe('observers of the game', () => {
  it('are notified of added and removed components after everything is restored', async () => {
    const game = await createGame()
    const { world, components, runtime } = game
    const { Position, Dead } = components
    const [one, two] = [addEntity(world, Position), addEntity(world, Position)] as [number, number]
    const told: unknown[] = []
    observe(world, onAdd(Position), (entity: number) => told.push(['add', entity, hasComponent(world, entity, Position), runtime.snapshot]))
    observe(world, onRemove(Position), (entity: number) => told.push(['remove', entity, hasComponent(world, entity, Position)]))
    observe(world, onAdd(Position, Not(Dead)), (entity: number) => told.push(['alive', entity]))
    const snapshot = runtime.snapshot()
    removeEntity(world, one)
    const later = [addEntity(world), addEntity(world, Position)][1] as number
    addComponent(world, two, Dead)
    told.length = 0
    runtime.restore(snapshot)
    const plain = told.map((each) => (each as unknown[]).slice(0, 3))
    expect(plain).toHaveLength(4)
    expect(plain).toEqual(
      expect.arrayContaining([
        ['add', one, true],
        ['remove', later, false],
        ['alive', one],
        ['alive', two],
      ]),
    )
    told.length = 0
    runtime.restore(snapshot)
    expect(told).toEqual([])
  })

  it('hear that an entity took the place of another with its id', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Health, Dead } = components
    const told: string[] = []
    const sprites = new Map<number, string>()
    const kindOf = (entity: number): string => `${Health.points[entity]} as ${entity}:${runtime.version(entity)}`
    // Two queries, of which the one that is observed first hears of the removal.
    observe(world, onRemove(Health), (entity: number) => {
      told.push(`remove ${entity}:${runtime.version(entity)}`)
      sprites.delete(entity)
    })
    observe(world, onAdd(Health, Not(Dead)), (entity: number) => {
      told.push(`add ${entity}:${runtime.version(entity)}`)
      sprites.set(entity, kindOf(entity))
    })
    Health.points[1] = 1
    const first = addEntity(world, Position, Health)
    const other = addEntity(world, Health)
    const snapshot = runtime.snapshot()
    const saved = [...sprites]
    removeEntity(world, first)
    Health.points[1] = 2
    expect(addEntity(world, Position, Health)).toBe(first)
    expect(sprites.get(first)).toBe(`2 as ${first}:1`)
    const later = runtime.snapshot()
    told.length = 0
    runtime.restore(snapshot)
    expect(told).toEqual([`remove ${first}:1`, `add ${first}:0`])
    expect([...sprites].sort()).toEqual(saved.sort())
    expect(runtime.version(first)).toBe(0)
    runtime.restore(later)
    expect(sprites.get(first)).toBe(`2 as ${first}:1`)
    // One that is the same on both sides is not mentioned.
    expect(told.some((each) => each.includes(`${other}:`))).toBe(false)
    told.length = 0
    runtime.restore(later)
    expect(told).toEqual([])
  })

  it('hear of it through bytes, a history and a probation, too', async () => {
    const { world, components, runtime } = await createGame()
    const { Health } = components
    const told: string[] = []
    observe(world, onRemove(Health), (entity: number) => told.push(`remove ${entity}`))
    observe(world, onAdd(Health), (entity: number) => told.push(`add ${entity}`))
    const entity = runtime.spawn({ Health: {} })
    const reborn = (): void => {
      runtime.despawn(entity)
      expect(runtime.spawn({ Health: {} })).toBe(entity)
      told.length = 0
    }
    const heard = [`remove ${entity}`, `add ${entity}`]
    const bytes = runtime.snapshot().toBytes()
    reborn()
    runtime.restore(Snapshot.fromBytes(bytes))
    expect(told).toEqual(heard)
    const history = new History(runtime)
    runtime.tick(1)
    reborn()
    runtime.tick(1)
    told.length = 0
    history.back(2)
    expect(told).toEqual(heard)
    history.dispose()
    const id = await runtime.loadModule(tickScript('nop'))
    await runtime.reloadModule(id, tickScript('unreachable'))
    reborn()
    runtime.tick(1)
    expect(told).toEqual(heard)
  })

  it('that throw are reported, and do not prevent the restore', async () => {
    const game = await createGame()
    const { world, components, runtime, errors } = game
    const entity = addEntity(world, components.Position)
    const before = hash(game)
    const snapshot = runtime.snapshot()
    removeEntity(world, entity)
    observe(world, onAdd(components.Position), () => {
      throw new Error('boom')
    })
    runtime.restore(snapshot)
    expect(hash(game)).toBe(before)
    expect(errors.map(({ code, detail }) => [code, detail])).toEqual([['HostError', expect.stringContaining('boom')]])
  })
})

describe('snapshot and restore', () => {
  it('are refused while scripts run', async () => {
    const seen: unknown[] = []
    const game = await createGame({
      host: {
        test: {
          snap: () => void seen.push(codeOf(() => game.runtime.snapshot())),
          back: () => void seen.push(codeOf(() => game.runtime.restore(snapshot))),
        },
      },
    })
    const snapshot = game.runtime.snapshot()
    const imports = '(import "test" "snap" (func $snap)) (import "test" "back" (func $back))'
    await game.runtime.loadModule(tickScript('(call $snap) (call $back)', imports))
    expect(game.runtime.tick(1).faults).toBe(0)
    expect(await Promise.all(seen)).toEqual(['HostError', 'HostError'])
  })

  it('are refused with a foreign snapshot, and after dispose', async () => {
    const [{ runtime }, other] = [await createGame(), await createGame()]
    const foreign = other.runtime.snapshot()
    for (const thing of [undefined, null, 1, {}, foreign, { ...foreign }]) {
      expect(await codeOf(() => runtime.restore(thing as typeof foreign))).toBe('InvalidOptions')
    }
    const own = runtime.snapshot()
    runtime.dispose()
    expect(await codeOf(() => runtime.snapshot())).toBe('Disposed')
    expect(await codeOf(() => runtime.restore(own))).toBe('Disposed')
  })
})
