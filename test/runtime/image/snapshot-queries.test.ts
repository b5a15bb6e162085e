import { addComponent, addEntity, isNested, observe, onAdd, query, removeComponent, removeEntity } from 'bitecs'
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
