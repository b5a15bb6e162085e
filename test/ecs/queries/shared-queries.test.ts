import { $internal, addComponent, addEntity, createWorld, Not, observe, onAdd, query, type World, type WorldContext } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { acquireQuery, MAX_SHARED_QUERIES, type SharedQuery } from '../../../src/ecs/queries/shared-queries.ts'
import { errorOf } from '../../fixtures/game.ts'

const contextOf = (world: World): WorldContext => (world as never)[$internal]
const queriesOf = (world: World): number => contextOf(world).queries.size

/** Components enough for more queries than scripts may have. */
const COMPONENTS = Array.from({ length: MAX_SHARED_QUERIES + 1 }, () => ({}))

describe('queries of equal terms', () => {
  it('are one, in any order', () => {
    const world = createWorld()
    const [A, B, C] = [{}, {}, {}]
    const first = acquireQuery(world, [A, B], [C])
    expect(acquireQuery(world, [B, A], [C])).toBe(first)
    expect(acquireQuery(world, [A], [B, C])).not.toBe(first)
    expect(acquireQuery(createWorld(), [A, B], [C])).not.toBe(first)
    expect(queriesOf(world)).toBe(2)
  })

  it('tell by their version when another run may find other entities', () => {
    const world = createWorld()
    const [A, B] = [{}, {}]
    const shared = acquireQuery(world, [A], [B])
    const seen = [shared.version]
    const entity = addEntity(world, A)
    seen.push(shared.version)
    addEntity(world, B)
    seen.push(shared.version)
    addComponent(world, entity, B)
    seen.push(shared.version)
    expect(new Set(seen).size).toBe(3)
    expect(seen[1]).toBe(seen[2])
  })
})

describe('the queries of the scripts of a world', () => {
  const acquireAll = (world: World): SharedQuery[] =>
    COMPONENTS.slice(0, MAX_SHARED_QUERIES).map((component) => acquireQuery(world, [component], []))

  it('are limited in number while they are used', async () => {
    const world = createWorld()
    const all = acquireAll(world)
    const { code, detail } = await errorOf(() => acquireQuery(world, COMPONENTS.slice(0, 2), []))
    expect([code, detail]).toEqual([
      'TooLarge',
      expect.stringContaining('256 different queries already, the limit, which no option raises'),
    ])
    expect(queriesOf(world)).toBe(MAX_SHARED_QUERIES)
    all[7]?.release()
    acquireQuery(world, COMPONENTS.slice(0, 2), [])
    expect(queriesOf(world)).toBe(MAX_SHARED_QUERIES)
  })

  it('stay registered for scripts to come, and leave bitECS when there are too many, the longest unused first', () => {
    const world = createWorld()
    const all = acquireAll(world)
    for (const shared of all.toReversed()) shared.release()
    const [first, last] = [COMPONENTS[0] as object, COMPONENTS[MAX_SHARED_QUERIES - 1] as object]
    expect(acquireQuery(world, [first], [])).toBe(all[0])
    for (let count = 0; count < 1000; count++) acquireQuery(world, [first, last], [{}]).release()
    expect(queriesOf(world)).toBe(MAX_SHARED_QUERIES)
    const { componentMap, queriesHashMap, notQueries, dirtyQueries } = contextOf(world)
    expect(queriesHashMap.size).toBe(MAX_SHARED_QUERIES)
    expect([notQueries.size <= MAX_SHARED_QUERIES, dirtyQueries.size]).toEqual([true, 0])
    expect(componentMap.get(last)?.queries.size).toBeLessThan(MAX_SHARED_QUERIES)
    // Their results are right when they are used again.
    const entity = addEntity(world, last)
    expect([...query(world, acquireQuery(world, [last], []).terms)]).toEqual([entity])
  })

  it('do not leave bitECS if the game has them, too', () => {
    const world = createWorld()
    const [Mine, Observed, Missing] = [{}, {}, {}]
    const list = query(world, [Mine, Not(Missing)])
    const heard: number[] = []
    acquireQuery(world, [Mine], [Missing]).release()
    acquireQuery(world, [Observed], []).release()
    observe(world, onAdd(Observed), (entity) => heard.push(entity))
    acquireAll(world)
    const entity = addEntity(world, Mine, Observed)
    expect(query(world, [Mine, Not(Missing)])).toBe(list)
    expect([[...list], heard]).toEqual([[entity], [entity]])
  })
})
