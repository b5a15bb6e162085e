import {
  All,
  Any,
  addComponent,
  addEntity,
  createRelation,
  Hierarchy,
  isNested,
  Not,
  Or,
  observe,
  onAdd,
  type QueryTerm,
  query,
  removeComponent,
  removeEntity,
} from 'bitecs'
import { Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame, type Game } from '../../fixtures/game.ts'

describe('a run from a snapshot returns the results of new queries in the same order', () => {
  const started = async (): Promise<Game & { readonly mark: () => void; readonly dead: () => number[] }> => {
    const game = await createGame()
    const { world, components } = game
    const [one, two, three] = [1, 2, 3].map(() => addEntity(world)) as [number, number, number]
    const mark = (): void => {
      for (const entity of [two, one]) addComponent(world, entity, components.Dead)
      removeEntity(world, three)
      addComponent(world, addEntity(world), components.Dead)
    }
    return { ...game, mark, dead: () => [...query(world, [components.Dead])] }
  }

  it('each time', async () => {
    const { runtime, mark, dead } = await started()
    const snapshot = runtime.snapshot()
    const run = (): number[][] => {
      mark()
      return [dead(), dead()]
    }
    const first = run()
    for (let round = 0; round < 3; round++) {
      runtime.restore(snapshot)
      expect(run()).toEqual(first)
    }
  })

  it.each(['runs', 'observes'])('if it %s the query before it has members', async (how) => {
    const { world, components, runtime, mark, dead } = await started()
    const snapshot = runtime.snapshot()
    const run = (): number[] => {
      if (how === 'runs') dead()
      else observe(world, onAdd(components.Dead), () => undefined)
      mark()
      return dead()
    }
    const first = run()
    for (let round = 0; round < 2; round++) {
      runtime.restore(snapshot)
      expect(run()).toEqual(first)
    }
  })

  it('if members leave and return while it queries', async () => {
    const { world, components, runtime, mark } = await started()
    const { Dead } = components
    const snapshot = runtime.snapshot()
    const run = (): number[][] => {
      mark()
      removeComponent(world, 1, Dead)
      const before = [...query(world, [Dead], isNested)]
      addComponent(world, 1, Dead)
      return [before, [...query(world, [Dead])]]
    }
    const first = run()
    runtime.restore(snapshot)
    expect(run()).toEqual(first)
  })

  it('from a file, if the other game has run the query before', async () => {
    const { runtime, mark, dead } = await started()
    const snapshot = runtime.snapshot()
    mark()
    const first = dead()
    runtime.restore(snapshot)
    mark()
    const other = await started()
    other.dead()
    other.runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes()))
    expect(other.dead()).toEqual(first)
  })

  it('from later snapshots, before and after the query', async () => {
    const { runtime, mark, dead } = await started()
    const first = runtime.snapshot()
    mark()
    const found = dead()
    const asked = runtime.snapshot()
    runtime.restore(first)
    mark()
    const marked = runtime.snapshot()
    runtime.restore(asked)
    expect(dead()).toEqual(found)
    runtime.restore(marked)
    expect(dead()).toEqual(found)
    runtime.restore(first)
    runtime.restore(asked)
    expect(dead()).toEqual(found)
  })

  it('and notifies those who observe the query meanwhile', async () => {
    const { world, components, runtime, mark, dead } = await started()
    const snapshot = runtime.snapshot()
    const told: number[] = []
    const stop = observe(world, onAdd(components.Dead), (entity: number) => told.push(entity))
    mark()
    const all = [...told]
    expect([...dead()].sort()).toEqual([...all].sort())
    for (let round = 0; round < 2; round++) {
      runtime.restore(snapshot)
      told.length = 0
      mark()
      expect(told).toEqual(all)
    }
    stop()
    runtime.restore(snapshot)
    mark()
    expect(told).toEqual(all)
  })
})

describe('a game that queried', () => {
  const ChildOf = createRelation()
  type Terms = (components: Game['components']) => readonly QueryTerm[]
  const kinds: readonly (readonly [string, Terms])[] = [
    ['nothing in particular', () => []],
    ['what has not', ({ Dead }) => [Not(Dead)]],
    ['one of two', ({ Position, Dead }) => [Or(Position, Dead)]],
    ['one, and one of it and another', ({ Position, Dead }) => [Position, Or(Position, Dead)]],
    ['both', ({ Position, Dead }) => [Position, Dead]],
    ['nested terms', ({ Position, Dead }) => [Not(All(Position, Dead))]],
    ['more nested terms', ({ Position, Dead, Velocity }) => [Position, All(Dead, Any(Dead, Velocity))]],
    ['a hierarchy', () => [Hierarchy(ChildOf)]],
    ['a level of a hierarchy', () => [Hierarchy(ChildOf, 1)]],
    ['any target', () => [ChildOf('*')]],
  ]
  const started = async (...ran: readonly Terms[]) => {
    const game = await createGame({ relations: { ChildOf } })
    const { world, components } = game
    const { Position, Velocity, Dead } = components
    const entities = [[], [Position], [Dead], [Position, Dead], [Position, Velocity]].map((each) => addEntity(world, ...each))
    addComponent(world, entities[1] as number, ChildOf(entities[0] as number))
    addComponent(world, entities[2] as number, ChildOf(entities[1] as number))
    const look = (): number[][] => ran.map((terms) => [...query(world, [...terms(components)])])
    look()
    return { ...game, entities, look }
  }

  it.each(kinds)('%s has a save that can be restored', async (_, terms) => {
    const { world, runtime, entities, components, look } = await started(terms)
    const [before, save] = [look(), runtime.snapshot().toBytes()]
    removeEntity(world, entities[1] as number)
    addComponent(world, addEntity(world), components.Position)
    look()
    runtime.restore(Snapshot.fromBytes(save))
    expect(look()).toEqual(before)
    for (const ran of [[terms], []]) {
      const other = await started(...ran)
      other.runtime.restore(Snapshot.fromBytes(save))
      expect([...query(other.world, [...terms(other.components)])]).toEqual(before[0])
    }
  })

  it('in many ways has a save that mixes no query up with another', async () => {
    const all = kinds.map(([, terms]) => terms)
    const { world, runtime, entities, components, look } = await started(...all)
    const [before, save] = [look(), runtime.snapshot().toBytes()]
    removeComponent(world, entities[3] as number, components.Dead)
    removeEntity(world, entities[2] as number)
    look()
    runtime.restore(Snapshot.fromBytes(save))
    expect(look()).toEqual(before)
  })

  it('the entities of a script, whatever its name, returns them in order in another game', async () => {
    const start = async () => {
      const game = await createGame()
      return { ...game, id: await game.runtime.loadModule('(module (func (export "update") (param i32 f32)))', { name: 'gun (2)' }) }
    }
    const { world, components, runtime, id } = await start()
    const entities = [1, 2, 3].map(() => addEntity(world, components.Position))
    for (const entity of entities.toReversed()) runtime.attach(entity, id)
    query(world, [runtime.tag(id), components.Position])
    removeEntity(world, entities[2] as number)
    runtime.attach(addEntity(world, components.Position), id)
    const before = [...query(world, [runtime.tag(id), components.Position])]
    const other = await start()
    other.runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes()))
    expect([...query(other.world, [other.runtime.tag(other.id), other.components.Position])]).toEqual(before)
  })
})
