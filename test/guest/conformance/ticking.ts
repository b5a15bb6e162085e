import { query } from 'bitecs'
import { type Chapter, crowd, type Loaded, ticks } from './suite.ts'

export const ticking: Chapter = ({ it, expect, guest, load, add, needs }) => {
  const { programs } = guest

  it('updates exactly the entities that it is attached to', async () => {
    const game = await load(programs.mover)
    const { runtime, components } = game
    const [one = 0, two = 0, three = 0] = crowd(game, 3)
    runtime.detach(two, game.id)
    expect(runtime.tick(0.5)).toMatchObject({ tick: 1, time: 0.5, dt: 0.5, entities: 2, faults: 0 })
    runtime.tick(0.25)
    expect([one, two, three].map((entity) => components.Position.x[entity])).toEqual([0.75, 0, 0.75])
    expect(runtime.script(game.id).stats).toMatchObject({ entities: 2 })
    expect([...query(game.world, [runtime.tag(game.id), components.Position])].sort()).toEqual([one, three])
  })

  it('handles attachments, then events, then each script by order, with tick before update', async () => {
    const game = await load(programs.diary, { name: 'late', order: 2 })
    const { runtime, logs } = game
    const early = await add(game, programs.diary, { name: 'early', order: -1 })
    await add(game, programs.diary, { name: 'also', order: 2 })
    const [entity = 0] = crowd(game, 1)
    runtime.attach(entity, early)
    runtime.emit('ping')
    const told = (): string[] => logs.splice(0).map(({ script, message }) => `${script} ${message}`)
    runtime.tick(1)
    expect(told()).toEqual([
      ...['early attach', 'late attach', 'early ping', 'late ping', 'also ping'],
      ...['early tick', 'early update', 'late tick', 'late update', 'also tick'],
    ])
    runtime.detach(entity, game.id)
    runtime.tick(1)
    expect(told()).toEqual(['late detach', 'early tick', 'early update', 'late tick', 'also tick'])
  })

  it('emits events, which are heard in the next tick', async () => {
    const game = await load(programs.emitter)
    const receiver = await add(game, programs.receiver, { name: 'receiver' })
    const heard: unknown[] = []
    game.runtime.on('event', (event) => heard.push(event))
    const last = (): unknown => game.runtime.callJson(receiver, 'count')
    ticks(game, 1)
    expect([heard, last()]).toEqual([[{ name: 'hit', args: [3, 5], script: 'guest' }], 0])
    ticks(game, 1)
    expect(last()).toEqual(35)
    game.runtime.unloadModule(game.id)
    ticks(game, 1)
    game.runtime.emit('hit', 4, 2)
    ticks(game, 1)
    expect(last()).toEqual(42)
  })

  it('calls host functions, which know the script', async () => {
    const notes: unknown[] = []
    const host = {
      test: { note: ({ script }: { readonly script: { readonly name: string } }, n: number) => void notes.push([script.name, n]) },
    }
    const { runtime } = await load(programs.hosted, {}, { host })
    runtime.tick(1)
    expect(notes).toEqual([['guest', 7]])
  })

  it('calls exports for what happens to entities, and at intervals', async () => {
    const hooks = [{ on: 'add', component: 'Health', export: 'born' }] as const
    const game = await load(programs.scheduled, { hooks, every: [{ ticks: 2, export: 'each' }] })
    for (let count = 0; count < 3; count++) game.runtime.spawn({ Health: {} })
    ticks(game, 5)
    expect([game.json('count'), game.errors]).toEqual([3 + 2 * 10, []])
  })

  it('may be unloaded by its own host function', async () => {
    const note = (): void => game.runtime.unloadModule(game.id)
    const game: Loaded = await load(programs.hosted, {}, { host: { test: { note } } })
    expect(game.runtime.tick(1).faults).toEqual(0)
    expect([game.runtime.scripts(), game.errors]).toEqual([[], []])
  })

  it('draws the same random numbers from the same seed', async () => {
    const walks = []
    for (const seed of [7, 7, 8]) {
      const game = await load(programs.wanderer, {}, { seed })
      const entities = crowd(game, 2)
      ticks(game, 2)
      walks.push(entities.map((entity) => game.components.Position.x[entity]))
    }
    expect(walks[1]).toEqual(walks[0])
    expect([walks[2]?.[0] === walks[0]?.[0], walks[0]?.[1] === walks[0]?.[0]]).toEqual([false, false])
  })

  it('runs an instance for each entity', async () => {
    const game = await needs('perEntity', () => load(programs.perEntity, { instances: 'entity' }))
    const [one = 0] = crowd(game, 1)
    ticks(game, 1)
    const [two = 0] = crowd(game, 1)
    ticks(game, 2)
    expect([one, two].map((entity) => game.components.Health.points[entity])).toEqual([3, 2])
  })
}
