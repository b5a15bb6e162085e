import { hashWorld, Recorder, Recording, Replay, Snapshot } from 'bitscript'
import { type Chapter, crowd, type Loaded, ticks } from './suite.ts'

export const time: Chapter = ({ it, expect, guest, load, add, source, errorOf, needs }) => {
  const { programs } = guest

  /** A counter, and a script that moves two entities by chance. */
  const wandering = async (): Promise<Loaded & { look(): unknown; readonly wanderer: Loaded['id'] }> => {
    const game = await load(programs.counter(1))
    const wanderer = await add(game, programs.wanderer, { name: 'wanderer' })
    const { world, components, runtime, id, json } = game
    const look = (): unknown => [hashWorld(world, components), json('count'), runtime.script(id).status]
    return { ...game, look, wanderer }
  }

  it('snapshots restore the state of the script, and what follows is the same again', async () => {
    const game = await wandering()
    crowd({ ...game, id: game.wanderer }, 2)
    ticks(game, 3)
    const snapshot = await needs('snapshot', () => game.runtime.snapshot())
    const before = game.look()
    ticks(game, 4)
    game.runtime.emit('boom')
    ticks(game, 1)
    const after = game.look()
    for (let round = 0; round < 2; round++) {
      expect(game.runtime.restore(snapshot).scripts).toEqual([
        { script: 'guest', state: 'restored' },
        { script: 'wanderer', state: 'restored' },
      ])
      expect(game.look()).toEqual(before)
      ticks(game, 4)
      game.runtime.emit('boom')
      ticks(game, 1)
      expect(game.look()).toEqual(after)
    }
  })

  it('snapshots are restored from bytes in another game', async () => {
    const game = await wandering()
    crowd({ ...game, id: game.wanderer }, 2)
    ticks(game, 3)
    const bytes = await needs('snapshot', () => game.runtime.snapshot().toBytes())
    const other = await wandering()
    ticks(other, 5)
    other.runtime.restore(Snapshot.fromBytes(bytes))
    for (const each of [game, other]) ticks(each, 3)
    expect(other.look()).toEqual(game.look())
  })

  it('snapshots hold an instance for each entity', async () => {
    const game = await needs('perEntity', () => load(programs.perEntity, { instances: 'entity' }))
    const points = (): unknown[] => [...game.components.Health.points.slice(0, 10)]
    crowd(game, 1)
    ticks(game, 2)
    crowd(game, 1)
    ticks(game, 1)
    const snapshot = await needs('snapshot', () => game.runtime.snapshot())
    const before = points()
    ticks(game, 2)
    const after = points()
    crowd(game, 1)
    ticks(game, 3)
    game.runtime.restore(snapshot)
    expect(points()).toEqual(before)
    ticks(game, 2)
    expect(points()).toEqual(after)
  })

  it('a replay repeats ticks, events, calls, reloads and what failed', async () => {
    const game = await wandering()
    ticks(game, 2)
    const recorder = await needs('snapshot', () => new Recorder(game.runtime))
    const entity = game.runtime.spawn({ Position: { x: 4 } })
    game.runtime.attach(entity, game.wanderer)
    ticks(game, 2)
    game.json('count')
    await game.runtime.reloadModule(game.id, await source(programs.counter(5)))
    await errorOf(game.runtime.reloadModule(game.id, await source(programs.damaged)))
    ticks(game, 3)
    game.runtime.emit('boom')
    ticks(game, 2)
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    const other = await wandering()
    const replay = await Replay.begin(other.runtime, recording, { load: true })
    expect(await replay.run()).toMatchObject({ ticks: 7, matches: true })
    replay.end()
    expect(other.look()).toEqual(game.look())
  })
}
