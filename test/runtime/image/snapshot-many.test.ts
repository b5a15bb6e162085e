import {
  addComponent,
  addEntity,
  createRelation,
  entityExists,
  getAllEntities,
  getEntityComponents,
  getRelationTargets,
  isNested,
  Not,
  observe,
  onAdd,
  Pair,
  query,
  removeComponent,
  removeEntity,
  Wildcard,
} from 'bitecs'
import { type Snapshot, WasmScriptRuntime } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

describe('every one of many snapshots', () => {
  type Step = readonly [kind: string, one: number, other: number]
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('spawn', 'spawn', 'despawn', 'mark', 'unmark', 'relate', 'part', 'settle', 'save', 'save', 'back', 'look back'),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 10 }),
    ),
    { minLength: 10, maxLength: 60 },
  )

  it('restores its own moment, whatever came between', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps: readonly Step[]) => {
        const { world, components, runtime } = await createGame()
        const { Position, Dead } = components
        const Likes = createRelation()
        const queries = [[Position], [Position, Not(Dead)], [Dead], [Pair(Likes, Wildcard)]]
        const look = (): unknown => [
          [...getAllEntities(world)],
          [...getAllEntities(world)].map((entity) => [
            new Set(getEntityComponents(world, entity)),
            getRelationTargets(world, entity, Likes),
            getRelationTargets(world, entity, Wildcard),
          ]),
          queries.map((terms) => [...query(world, terms, isNested)]),
        ]
        look()
        const saved: [Snapshot, unknown][] = []
        for (const [kind, one, other] of steps) {
          if (kind === 'spawn') addEntity(world, Position)
          else if (kind === 'settle') query(world, [Position])
          else if (kind === 'save') saved.push([runtime.snapshot(), look()])
          else if (kind.endsWith('back')) {
            const [snapshot, seen] = saved[one % saved.length] ?? []
            if (snapshot === undefined) continue
            runtime.restore(snapshot)
            if (kind === 'look back') expect(look()).toEqual(seen)
          } else if (!entityExists(world, one) || !entityExists(world, other)) continue
          else if (kind === 'despawn') removeEntity(world, one)
          else if (kind === 'mark') addComponent(world, one, Dead)
          else if (kind === 'unmark') removeComponent(world, one, Dead)
          else if (kind === 'relate') addComponent(world, one, Pair(Likes, other))
          else removeComponent(world, one, Pair(Likes, other))
        }
        runtime.dispose()
      }),
      { numRuns: 200 },
    )
  })

  it('does so with two runtimes on one world, one of them created later', async () => {
    const { world, components, runtime } = await createGame()
    const entities = [addEntity(world), addEntity(world)]
    const first = runtime.snapshot()
    const other = await WasmScriptRuntime.create({ world, components })
    removeEntity(world, entities[0] as number)
    addEntity(world)
    removeEntity(world, addEntity(world))
    const changed = [...getAllEntities(world)]
    const second = other.snapshot()
    runtime.restore(first)
    expect([...getAllEntities(world)]).toEqual(entities)
    other.restore(second)
    expect([...getAllEntities(world)]).toEqual(changed)
    const third = runtime.snapshot()
    runtime.restore(first)
    runtime.restore(third)
    expect([...getAllEntities(world)]).toEqual(changed)
  })

  it('can be taken by an observer of an entity that is being added', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Dead } = components
    const [one, two] = [addEntity(world, Position), addEntity(world, Position)] as [number, number]
    const snapshots: Snapshot[] = []
    const stop = observe(world, onAdd(Not(Dead)), () => snapshots.push(runtime.snapshot()))
    const born = addEntity(world, Position)
    stop()
    removeEntity(world, one)
    const later = runtime.snapshot()
    runtime.restore(snapshots[0] as Snapshot)
    expect(entityExists(world, born)).toBe(true)
    addComponent(world, born, Position)
    expect([...query(world, [Position])].sort()).toEqual([one, two, born])
    runtime.restore(later)
    expect([...getAllEntities(world)]).toEqual([two, born])
  })
})
