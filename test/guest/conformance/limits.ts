import { linkBy } from '../../fixtures/game.ts'
import { type Chapter, crowd, ticks } from './suite.ts'

export const limits: Chapter = ({ it, expect, guest, load, play, add }) => {
  const { programs } = guest

  it('ends a tick that never ends, and the others tick on', async () => {
    const game = await load(programs.spinsIn('tick'))
    const other = await add(game, programs.counter(1), { name: 'other' })
    ticks(game, 2)
    expect(game.errors.map(({ code, script }) => [code, script])).toEqual([['OutOfFuel', 'guest']])
    expect(game.runtime.script(game.id).status).toEqual('faulted')
    expect(game.runtime.callJson(other, 'count')).toEqual(2)
  })

  it('spends the same fuel in every game and on both ways to the columns', async () => {
    const spent = []
    for (const link of ['inline', 'host', 'inline'] as const) {
      const game = await play()
      linkBy(game.runtime, link)
      const id = await add(game, programs.mover)
      crowd({ ...game, id, json: () => undefined }, 3)
      spent.push([game.runtime.tick(1).fuel, game.runtime.tick(1).fuel, game.runtime.script(id).stats.fuel])
    }
    expect(spent).toEqual([spent[0], spent[0], spent[0]])
    expect(spent[0]?.every((fuel) => fuel > 0)).toEqual(true)
  })

  it('ends when it spends one unit more than limits.fuel', async () => {
    const { fuel } = (await load(programs.counter(1))).runtime.tick(1)
    const codes = []
    for (const given of [fuel, fuel - 1]) {
      const { runtime, errors } = await load(programs.counter(1), { limits: { fuel: given } })
      runtime.tick(1)
      codes.push(errors.map(({ code }) => code))
    }
    expect(codes).toEqual([[], ['OutOfFuel']])
  })

  it('grows its memory up to limits.memoryPages', async () => {
    const { json } = await load(programs.grower, { limits: { memoryPages: 3, jsonBytes: 1000 } })
    const sizes = [1, 2, 3, 4].map(() => Number(json('grow')))
    const grown = sizes.filter((size) => size > 0)
    expect(sizes).toEqual([...grown, ...Array.from({ length: 4 - grown.length }, () => 0)])
    expect(grown.at(-1)).toEqual(3 - 1 + 1)
  })

  it('spawns up to limits.spawnsPerTick, and more is a trap', async () => {
    const { runtime, errors } = await load(programs.spawner, { limits: { spawnsPerTick: 3 } })
    runtime.tick(1)
    expect(errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(errors[0]?.message).toContain('limits.spawnsPerTick')
  })

  it('logs up to limits.logsPerTick, and counts the rest', async () => {
    const { runtime, id, logs } = await load(programs.logger, { limits: { logsPerTick: 2 } })
    runtime.tick(1)
    expect(logs.map(({ script, level, message }) => [script, level, message])).toEqual([
      ['guest', 'info', 'hello'],
      ['guest', 'info', 'hello'],
    ])
    expect(runtime.script(id).stats.logsDropped).toEqual(3)
  })
}
