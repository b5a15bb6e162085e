import { hasComponent } from 'bitecs'
import { type Chapter, crowd, ticks } from './suite.ts'

export const faults: Chapter = ({ it, expect, guest, load, add, source }) => {
  const { programs } = guest

  for (const name of ['tick', 'update', 'on_attach', 'on_detach', 'on_boom'] as const) {
    it(`in ${name} are reported once, and stop that script alone`, async () => {
      const game = await load(programs.trapsIn(name))
      const { runtime, id, errors } = game
      const other = await add(game, programs.keeper(1), { name: 'other' })
      const [entity = 0] = crowd(game, 1)
      if (name === 'on_boom') runtime.emit('boom')
      runtime.tick(1)
      if (name === 'on_detach') runtime.detach(entity, id)
      ticks(game, 2)
      const isOnEntity = name !== 'tick' && name !== 'on_boom'
      expect(errors.length).toEqual(1)
      expect(errors[0]).toMatchObject({ code: 'Trap', script: 'guest', scriptId: id, export: name, ...(isOnEntity && { entity }) })
      expect(runtime.script(id).status).toEqual('faulted')
      expect(runtime.script(id).fault === errors[0]).toEqual(true)
      expect(runtime.script(other).status).toEqual('active')
      expect(runtime.script(other).stats.calls).toEqual(1)
    })
  }

  it('name an entity that is out of range', async () => {
    const { runtime, errors } = await load(programs.strays)
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'EntityOutOfRange', export: 'tick' }])
    expect(errors[0]?.message).toContain('5000')
  })

  it('of a host function are HostError', async () => {
    const note = (): never => {
      throw new Error('no sound')
    }
    const { runtime, id, errors } = await load(programs.hosted, {}, { host: { test: { note } } })
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'HostError', export: 'tick', script: 'guest' }])
    expect(errors[0]?.message).toContain('no sound')
    expect(runtime.script(id).status).toEqual('faulted')
  })

  it('stop the script at the entity, by default', async () => {
    const game = await load(programs.picky)
    const { runtime, components, errors } = game
    const entities = crowd(game, 4)
    const bad = entities[1] as number
    components.Health.points[bad] = -1
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'Trap', entity: bad, export: 'update' }])
    expect(errors[0]?.message).toContain(`guest.update on entity ${bad}`)
    expect(entities.map((entity) => components.Health.points[entity])).toEqual([1, -1, 0, 0])
    expect(runtime.script(game.id)).toMatchObject({ status: 'faulted', stats: { entities: 2 } })
  })

  it("with onFault 'detach' take the entity off the script, and go on with the next", async () => {
    const game = await load(programs.picky, { onFault: 'detach' })
    const { world, runtime, id, components } = game
    const entities = crowd(game, 4)
    const bad = entities[1] as number
    components.Health.points[bad] = -1
    const points = (): unknown[] => entities.map((entity) => components.Health.points[entity])
    runtime.tick(1)
    expect([runtime.script(id).status, points()]).toEqual(['active', [1, -1, 1, 1]])
    expect(hasComponent(world, bad, runtime.tag(id))).toEqual(false)
    expect(runtime.tick(1)).toMatchObject({ faults: 0, entities: 3 })
  })

  it('are followed by a new start, so often as onFault allows', async () => {
    const game = await load(programs.keeper(1), { onFault: { restart: 1, within: 10 } })
    const bad = await add(game, programs.trapsIn('on_boom'), { name: 'bad', onFault: { restart: 1, within: 10 } })
    const statuses = []
    for (let round = 0; round < 2; round++) {
      game.runtime.emit('boom')
      ticks(game, 2)
      statuses.push(game.runtime.script(bad).status)
    }
    expect(statuses).toEqual(['active', 'faulted'])
    expect([game.json('count'), game.errors.map(({ script, code }) => `${script} ${code}`)]).toEqual([104, ['bad Trap', 'bad Trap']])
  })

  it('end with a reload, which gets the state', async () => {
    const game = await load(programs.counter(1))
    const { runtime, id, json } = game
    ticks(game, 3)
    runtime.emit('boom')
    ticks(game, 1)
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', fault: { code: 'Trap', export: 'on_boom' } })
    expect(await runtime.reloadModule(id, await source(programs.counter(5)))).toMatchObject({ generation: 2, state: 'restored' })
    expect(runtime.script(id)).toMatchObject({ status: 'active', fault: undefined })
    ticks(game, 1)
    expect(json('count')).toEqual(8)
  })
}
