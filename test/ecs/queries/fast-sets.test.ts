import {
  addComponent,
  addEntity,
  asBuffer,
  createRelation,
  createWorld,
  entityExists,
  Hierarchy,
  hasComponent,
  isNested,
  Not,
  observe,
  onAdd,
  onRemove,
  type QueryTerm,
  query,
  removeComponent,
  removeEntity,
  type World,
} from 'bitecs'
import { Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { contextOf, type SparseSet } from '../../../src/ecs/components/bitecs-internals.ts'
import { speedUpQueries } from '../../../src/ecs/queries/fast-sets.ts'
import { createGame } from '../../fixtures/game.ts'
import { SeededRandom } from '../../wasm/differential/random.ts'

const [A, B, C] = [{}, {}, {}]
const QUERIES: readonly QueryTerm[][] = [[A], [A, B], [Not(A)], [C, Not(B)]]

/** A world, and what the observers of its queries were called with. */
interface Observed {
  readonly world: World
  readonly calls: string[]
}

function observed(): Observed {
  const world = createWorld()
  const calls: string[] = []
  for (const [index, terms] of QUERIES.entries()) {
    query(world, terms)
    observe(world, onAdd(...terms), (entity) => void calls.push(`${index} gets ${entity}`))
    observe(world, onRemove(...terms), (entity) => void calls.push(`${index} loses ${entity}`))
  }
  return { world, calls }
}

/** Returns what queries give, with the entities that are about to leave them and without. */
function results(world: World): (readonly number[])[] {
  const nested = QUERIES.map((terms) => [...query(world, terms, isNested)])
  return [...nested, ...QUERIES.map((terms) => [...query(world, terms)])]
}

describe('fast sets', () => {
  it('give the same queries in the same order, and call the same observers, as those of bitECS', () => {
    const random = new SeededRandom(7)
    const [plain, fast] = [observed(), observed()]
    const both = (change: (world: World) => void): void => {
      for (const { world } of [plain, fast]) change(world)
    }
    for (let step = 0; step < 4000; step++) {
      if (step % 1000 === 200) speedUpQueries(fast.world)
      const entity = 1 + random.below(60)
      const component = [A, B, C][random.below(3)] as object
      const kind = random.below(8)
      both((world) => {
        if (kind < 2) addEntity(world)
        else if (!entityExists(world, entity)) return
        else if (kind === 2) removeEntity(world, entity)
        else if (hasComponent(world, entity, component)) removeComponent(world, entity, component)
        else addComponent(world, entity, component)
      })
      if (random.below(10) === 0) expect(results(fast.world)).toEqual(results(plain.world))
    }
    expect(fast.calls).toEqual(plain.calls)
    expect(fast.calls.length).toBeGreaterThan(1000)
  })

  it('sort a query by its hierarchy', () => {
    const orders = [false, true].map((isFast) => {
      const ChildOf = createRelation()
      const world = createWorld()
      const [child, parent, other] = [addEntity(world), addEntity(world), addEntity(world)]
      for (const entity of [child, parent, other]) addComponent(world, entity, A)
      query(world, [A])
      if (isFast) speedUpQueries(world)
      addComponent(world, child, ChildOf(parent))
      const sorted = [...query(world, [A, Hierarchy(ChildOf)])]
      removeEntity(world, parent)
      return [sorted, [...query(world, [A])]]
    })
    expect(orders[1]).toEqual(orders[0])
    expect(orders[1]).toEqual([
      [2, 1, 3],
      [3, 1],
    ])
  })

  it('leave buffered queries as they are', () => {
    const world = createWorld()
    query(world, [A], asBuffer)
    speedUpQueries(world)
    const entity = addEntity(world)
    addComponent(world, entity, A)
    expect(query(world, [A], asBuffer)).toEqual(Uint32Array.of(entity))
  })

  it('write to a list what has moved since it was last written, if they know that', () => {
    const world = createWorld()
    const entities = Array.from({ length: 100 }, () => addEntity(world))
    for (const entity of entities) addComponent(world, entity, A)
    query(world, [A])
    speedUpQueries(world)
    const [set] = contextOf(world).queries as ReadonlySet<SparseSet>
    const list = Uint32Array.from(entities)
    expect(set?.writeMoved?.(list), 'it was never written').toBe(false)
    const readd = (): void => {
      removeComponent(world, entities[10] as number, A)
      query(world, [A])
      addComponent(world, entities[10] as number, A)
    }
    readd()
    list[50] = 0
    expect(set?.writeMoved?.(list)).toBe(true)
    expect([list[10], list[99], list[50]]).toEqual([100, 11, 0])
    expect(set?.writeMoved?.(new Uint32Array(100)), 'it is another list').toBe(false)
    for (let times = 0; times < 200; times++) readd()
    expect(set?.writeMoved?.(list), 'too much has moved').toBe(false)
  })

  it('are those of the queries of a game with an update, and are restored in their order', async () => {
    const game = await createGame()
    const { world, runtime, components } = game
    const { Position } = components
    const script = await runtime.loadModule('(module (func (export "update") (param i32 f32)))')
    const entities = Array.from({ length: 20 }, () => addEntity(world, Position))
    for (const entity of entities) runtime.attach(entity, script)
    query(world, [Position])
    runtime.tick(1 / 60)
    for (const each of contextOf(world).queries) expect('writeMoved' in each).toBe(true)
    removeEntity(world, entities[3] as number)
    runtime.tick(1 / 60)
    const order = [...query(world, [Position])]
    const listed = [...query(world, [runtime.tag(script)])]
    const snapshot = Snapshot.fromBytes(runtime.snapshot().toBytes())
    for (const entity of [entities[0], entities[7], entities[19]]) removeEntity(world, entity as number)
    runtime.tick(1 / 60)
    runtime.restore(snapshot)
    expect([...query(world, [Position])]).toEqual(order)
    expect([...query(world, [runtime.tag(script)])]).toEqual(listed)
    expect(runtime.tick(1 / 60).entities).toBe(19)
    removeEntity(world, entities[5] as number)
    expect(runtime.tick(1 / 60).entities).toBe(18)
  })
})
