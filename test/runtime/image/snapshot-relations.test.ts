import {
  addComponent,
  addComponents,
  addEntity,
  addPrefab,
  createRelation,
  entityExists,
  getEntityComponents,
  getRelationTargets,
  Hierarchy,
  hasComponent,
  IsA,
  observe,
  onAdd,
  onRemove,
  Pair,
  Prefab,
  query,
  removeComponent,
  removeEntity,
  Wildcard,
  type World,
} from 'bitecs'
import { History, hashWorld, type RuntimeOptions, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'

function makeRelations() {
  return {
    ChildOf: createRelation({ exclusive: true, autoRemoveSubject: true }),
    Likes: createRelation({ store: () => ({ since: [] as number[], mood: [] as object[] }) }),
    Owes: createRelation({ store: () => ({ amount: new Float32Array(1000) }) }),
  }
}

interface Family extends Game {
  readonly relations: ReturnType<typeof makeRelations>
  readonly hash: () => string
}

async function createFamily(options: Partial<RuntimeOptions> = {}): Promise<Family> {
  const relations = makeRelations()
  const game = await createGame({ relations, ...options })
  return { ...game, relations, hash: () => hashWorld(game.world, game.components, relations) }
}

/** Adds entities 1 to 6, related in each way. */
function populate({ world, components, relations }: Family): void {
  const { ChildOf, Likes, Owes } = relations
  for (let entity = 1; entity <= 6; entity++) addEntity(world, components.Position)
  addComponent(world, 2, ChildOf(1))
  addComponent(world, 3, ChildOf(1))
  addComponent(world, 4, ChildOf(2))
  for (const target of [6, 3]) addComponent(world, 5, Likes(target))
  Likes(6).since[5] = 7
  Likes(3).mood[5] = { glad: true }
  addComponent(world, 5, Owes(6))
  Owes(6).amount[5] = 2.5
  const prefab = addPrefab(world)
  addComponents(world, prefab, components.Velocity, components.Health)
  addComponent(world, addEntity(world), IsA(prefab))
}

/** Returns the components of each entity in order, pairs as `relation(target)`. */
function inventory({ world, components, relations }: Family): unknown {
  const names = new Map<object, string>([...Object.entries(components), ...Object.entries(relations)].map(([name, each]) => [each, name]))
  names.set(Prefab, 'Prefab').set(IsA, 'IsA').set(Wildcard, '*')
  const nameOf = (component: object): string => {
    for (const relation of names.keys()) {
      if (typeof relation !== 'function') continue
      for (const target of [...names.keys(), ...Array.from({ length: 20 }, (_, entity) => entity)]) {
        if (typeof target === 'object') continue
        if (Pair(relation as typeof Wildcard, target as number) === component)
          return `${names.get(relation)}(${names.get(target as never) ?? target})`
      }
    }
    return names.get(component) ?? '?'
  }
  const living = Array.from({ length: 20 }, (_, entity) => entity).filter((entity) => entityExists(world, entity))
  return living.map((entity) => [entity, getEntityComponents(world, entity).map(nameOf)])
}

function disturb({ world, relations }: Family): void {
  const { ChildOf, Likes, Owes } = relations
  addComponent(world, 3, ChildOf(2))
  removeEntity(world, 2)
  removeComponent(world, 5, Likes(6))
  addComponent(world, 5, Likes(6))
  addComponent(world, 6, Likes(5))
  Likes(6).since[5] = 1
  Likes(5).since[6] = 1
  ;(Likes(3).mood[5] as { glad: boolean }).glad = false
  Owes(6).amount[5] = 9
  removeComponent(world, 7, Prefab)
}

describe.each(['in memory', 'as bytes', 'as bytes, in another game', 'in a history'])('a snapshot %s', (how) => {
  it('holds relations in order, their data, prefabs and their instances', async () => {
    const game = await createFamily()
    populate(game)
    const [before, hash] = [inventory(game), game.hash()]
    const history = new History(game.runtime)
    const snapshot = game.runtime.snapshot()
    const bytes = snapshot.toBytes()
    game.runtime.tick(1)
    const target = how.endsWith('another game') ? await createFamily() : game
    if (target !== game) populate(target)
    for (let round = 0; round < 2; round++) {
      disturb(target)
      expect(target.hash()).not.toBe(hash)
      if (how === 'in memory') target.runtime.restore(snapshot)
      else if (how === 'in a history') history.goTo(0)
      else target.runtime.restore(Snapshot.fromBytes(bytes))
      expect(inventory(target)).toEqual(before)
      expect(target.hash()).toBe(hash)
      const { Likes, Owes, ChildOf } = target.relations
      expect([Likes(6).since[5], Likes(3).mood[5], Owes(6).amount[5]]).toEqual([7, { glad: true }, 2.5])
      expect([...query(target.world, [ChildOf(1)])]).toEqual([2, 3])
      expect(getRelationTargets(target.world, 5, Likes)).toEqual([6, 3])
    }
    // The options of relations hold on: exclusive, and removed with its target.
    const { world, relations, components } = target
    addComponent(world, 3, relations.ChildOf(2))
    expect(getRelationTargets(world, 3, relations.ChildOf)).toEqual([2])
    removeEntity(world, 1)
    expect([2, 3, 4].map((entity) => entityExists(world, entity))).toEqual([false, false, false])
    expect([...query(world, [components.Velocity])]).toEqual([8])
    const child = addEntity(world)
    addComponent(world, child, IsA(7))
    expect(hasComponent(world, child, components.Health)).toBe(true)
  })
})

it('a restored game goes on as it did the first time, also in what bitECS keeps inside', async () => {
  const one = await createFamily()
  populate(one)
  const other = await createFamily()
  other.runtime.restore(Snapshot.fromBytes(one.runtime.snapshot().toBytes()))
  for (const game of [one, other]) disturb(game)
  expect(inventory(other)).toEqual(inventory(one))
  expect(other.runtime.snapshot().toBytes()).toEqual(one.runtime.snapshot().toBytes())
})

it('a rollback from probation, and a reload that fails, put relations back', async () => {
  const game = await createFamily()
  const { world, runtime, relations } = game
  const script = (body: string): string => `(module
    (import "ecs.relate" "ChildOf" (func $relate (param i32 i32))) (import "ecs.target" "ChildOf" (func $target (param i32) (result i32)))
    (import "ecs" "despawn" (func $despawn (param i32))) (func (export "tick") (param f32)) ${body})`
  const id = await runtime.loadModule(script(''), { name: 'family' })
  const [parent, child, other] = [addEntity(world), addEntity(world), addEntity(world)] as [number, number, number]
  addComponent(world, child, relations.ChildOf(parent))
  const before = inventory(game)
  const change = `(call $relate (i32.const ${child}) (i32.const ${other})) (call $despawn (i32.const ${parent}))`
  const failing = script(`(func (export "init") ${change} unreachable)`)
  expect(await codeOf(runtime.reloadModule(id, failing))).toBe('InitFailed')
  expect(inventory(game)).toEqual(before)
  const faulty = script('').replace('(func (export "tick") (param f32))', `(func (export "tick") (param f32) ${change} unreachable)`)
  await runtime.reloadModule(id, faulty)
  expect(runtime.tick(1).faults).toBe(1)
  expect([inventory(game), runtime.script(id).generation]).toEqual([before, 1])
})

it('a restore tells observers of pairs what entered and left', async () => {
  const { world, runtime, relations } = await createFamily()
  const [parent, child] = [addEntity(world), addEntity(world)]
  const told: string[] = []
  observe(world, onAdd(relations.ChildOf(parent)), (entity) => told.push(`add ${entity}`))
  observe(world, onRemove(relations.ChildOf(parent)), (entity) => told.push(`remove ${entity}`))
  const apart = runtime.snapshot()
  addComponent(world, child, relations.ChildOf(parent))
  const together = runtime.snapshot()
  told.length = 0
  runtime.restore(apart)
  runtime.restore(together)
  expect(told).toEqual([`remove ${child}`, `add ${child}`])
})

it('the data of a pair that is newer than the snapshot begin anew', async () => {
  const { world, runtime, relations } = await createFamily()
  const [one, other] = [addEntity(world), addEntity(world)]
  const snapshot = runtime.snapshot()
  addComponent(world, one, relations.Likes(other))
  relations.Likes(other).since[one] = 5
  const { since } = relations.Likes(other)
  runtime.restore(snapshot)
  expect(relations.Likes(other).since).toBe(since)
  expect(since[one]).toBeUndefined()
})

it('a relation removed with its target while a query of it was run stays gone after a restore', async () => {
  const { world, runtime, relations } = await createFamily()
  const [parent, child] = [addEntity(world), addEntity(world)]
  addComponent(world, child, relations.Likes(parent))
  query(world, [relations.Likes(parent)])
  removeEntity(world, parent)
  const snapshot = runtime.snapshot()
  addComponent(world, child, relations.Likes(addEntity(world)))
  runtime.restore(snapshot)
  expect(getRelationTargets(world, child, relations.Likes)).toEqual([])
})

it.each([
  ['ChildOf', true],
  ['Likes', true],
  ['IsA', false],
] as const)('circles of %s, which a game may have, are restored, and end when an entity does', async (name, isHierarchy) => {
  const family = await createFamily()
  const { world, runtime, relations, components } = family
  const relation = name === 'IsA' ? IsA : relations[name]
  const ring = [1, 2, 3].map(() => addEntity(world, components.Position)) as [number, number, number]
  for (const [place, entity] of ring.entries()) addComponent(world, entity, relation(ring[(place + 1) % 3] as number))
  addComponent(world, ring[0], relations.Owes(ring[0]))
  if (isHierarchy) query(world, [Hierarchy(relation)])
  const [before, save] = [family.hash(), runtime.snapshot().toBytes()]
  runtime.despawn(ring[0])
  expect(ring.filter((entity) => entityExists(world, entity))).toHaveLength(name === 'ChildOf' ? 0 : 2)
  runtime.restore(Snapshot.fromBytes(save))
  expect(family.hash()).toBe(before)
  expect(getRelationTargets(world, ring[2], relation)).toContain(ring[0])
  removeEntity(world, ring[1])
  runtime.restore(Snapshot.fromBytes(save))
  expect(family.hash()).toBe(before)
})

describe('what create does not name', () => {
  async function unnamed(): Promise<{
    game: Game
    Secret: object
    Fears: ReturnType<typeof createRelation>
    ids: readonly [number, number]
  }> {
    const game = await createGame()
    const { world, components } = game
    const [one, other] = [addEntity(world, components.Position), addEntity(world, components.Position)]
    const Secret = { code: [] as number[], from: [] as number[] }
    const Fears = createRelation()
    addComponents(world, one, Secret, Fears(other))
    return { game, Secret, Fears, ids: [one, other] }
  }

  it('is refused with a description of each', async () => {
    const { game } = await unnamed()
    const { code, message } = await errorOf(() => game.runtime.snapshot().toBytes())
    expect(code).toBe('InvalidOptions')
    expect(message).toContain('a component with code, from, of entity 1, among getEntityComponents(world, 1)')
    expect(message).toContain('a relation, of entity 1 to entity 2')
    expect(message).toContain("toBytes({ without: 'unnamed' })")
  })

  it.each([
    ["'unnamed'", () => 'unnamed' as const],
    ['listed', ({ Secret, Fears }: { Secret: object; Fears: object }) => [Secret, Fears]],
  ])('is left out when asked: %s', async (_, without) => {
    const { game, Secret, Fears, ids } = await unnamed()
    const bytes = game.runtime.snapshot().toBytes({ without: without({ Secret, Fears }) })
    const plain = await createGame()
    for (let entity = 0; entity < 2; entity++) addEntity(plain.world, plain.components.Position)
    expect(bytes.length).toBe(plain.runtime.snapshot().toBytes().length)
    const { world, runtime } = game
    runtime.restore(Snapshot.fromBytes(bytes))
    expect(ids.map((entity) => getEntityComponents(world, entity))).toEqual([[game.components.Position], [game.components.Position]])
  })

  it('and a named component or relation is left out by its name, with what belongs to it', async () => {
    const one = await createFamily()
    populate(one)
    const bytes = one.runtime.snapshot().toBytes({ without: ['Velocity', 'Likes', one.relations.ChildOf] })
    const { Owes } = makeRelations()
    const other = await createGame({ relations: { Owes } })
    other.runtime.restore(Snapshot.fromBytes(bytes))
    expect([5, 2, 3].map((entity) => getRelationTargets(other.world, entity, Owes))).toEqual([[6], [], []])
    expect([Owes(6).amount[5], getEntityComponents(other.world, 4)]).toEqual([2.5, [other.components.Position]])
    expect(other.runtime.snapshot().toBytes().length).toBeGreaterThan(0)
    expect(await codeOf(() => one.runtime.snapshot().toBytes({ without: ['Nobody'] }))).toBe('InvalidOptions')
    expect(await codeOf(() => Snapshot.fromBytes(bytes).toBytes({ without: ['Owes'] }))).toBe('InvalidOptions')
  })

  it('is refused in bytes of a game with other relations', async () => {
    const one = await createFamily()
    populate(one)
    const bytes = one.runtime.snapshot().toBytes()
    const other = await createGame()
    const error = await errorOf(() => other.runtime.restore(Snapshot.fromBytes(bytes)))
    expect([error.code, error.message]).toEqual(['StateRejected', expect.stringContaining("it has the relation 'ChildOf'")])
  })

  it('is refused in bytes whose relation has other data', async () => {
    const one = await createFamily()
    populate(one)
    const bytes = one.runtime.snapshot().toBytes()
    const Owes = createRelation({ store: () => ({ amount: new Float64Array(1000) }) })
    const other = await createFamily({ relations: { ...makeRelations(), Owes } })
    const error = await errorOf(() => other.runtime.restore(Snapshot.fromBytes(bytes)))
    expect([error.code, error.message]).toEqual(['StateRejected', expect.stringContaining('Owes(6).amount is Float32Array there')])
  })
})

describe('create({ relations })', () => {
  const Related = createRelation()
  it.each<[string, unknown, string]>([
    ['a component', { ChildOf: {} }, 'createRelation()'],
    ['Wildcard', { Any: Wildcard }, 'Wildcard'],
    ['a name that files cannot hold', { 'Child(Of': Related }, 'brackets'],
    ["bitECS's own name", { IsA: Related }, 'IsA'],
    ['one relation twice', { A: Related, B: Related }, 'relations.A'],
    ['the name of a component', { Position: Related }, 'Position'],
    ['a list', [Related], 'relations'],
  ])('refuses %s', async (_, relations, detail) => {
    const error = await errorOf(createGame({ relations: relations as never }))
    expect([error.code, error.message]).toEqual(['InvalidOptions', expect.stringContaining(detail)])
  })

  it('refuses a relation among the components, and a component whose name is that of a pair', async () => {
    expect((await errorOf(createGame({ components: { ChildOf: Related } }))).message).toContain('belongs in relations')
    expect(await codeOf(createGame({ components: { 'IsA(3)': {} } }))).toBe('InvalidOptions')
  })

  it('takes IsA by any name', async () => {
    const game = await createGame({ relations: { KindOf: IsA } })
    const base = addEntity(game.world)
    const kind = addEntity(game.world)
    addComponent(game.world, kind, IsA(base))
    const bytes = game.runtime.snapshot().toBytes()
    removeComponent(game.world, kind, IsA(base))
    game.runtime.restore(Snapshot.fromBytes(bytes))
    expect(getRelationTargets(game.world, kind, IsA)).toEqual([base])
    expect(game.runtime.relations).toEqual({ KindOf: IsA })
  })
})

/** Returns a world of 20 entities, related as numbers say. */
function shuffled(world: World, relation: ReturnType<typeof createRelation>, numbers: readonly number[]): void {
  for (let entity = 1; entity <= 20; entity++) if (!entityExists(world, entity)) addEntity(world)
  numbers.forEach((target, index) => {
    const entity = (index % 20) + 1
    if (target === 0) removeEntity(world, entity)
    else if (entityExists(world, entity) && entityExists(world, target)) addComponent(world, entity, relation(target))
  })
}

it('any sequence of relations and removals is restored, twice, with queries of pairs', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const game = await createFamily()
    const { world, runtime, relations } = game
    let state = seed
    const next = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 16) % 21
    }
    const some = (): number[] => Array.from({ length: 60 }, next)
    const [first, second, third] = [some(), some(), some()] as const
    shuffled(world, relations.Likes, first)
    const pairs = [1, 2, 3].map((target) => relations.Likes(target))
    const found = (): unknown => pairs.map((pair) => [...query(world, [pair])])
    found()
    const snapshot = runtime.snapshot()
    const before = inventory(game)
    shuffled(world, relations.ChildOf, second)
    runtime.restore(snapshot)
    expect(inventory(game)).toEqual(before)
    shuffled(world, relations.Likes, third)
    const [after, list] = [inventory(game), found()]
    runtime.restore(Snapshot.fromBytes(snapshot.toBytes()))
    expect(inventory(game)).toEqual(before)
    shuffled(world, relations.Likes, third)
    expect([inventory(game), found()]).toEqual([after, list])
  }
})
