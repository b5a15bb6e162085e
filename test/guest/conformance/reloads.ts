import { getComponent } from 'bitecs'
import { hashWorld, ScriptState } from 'bitscript'
import type { Program } from './programs.ts'
import { type Chapter, crowd, type Loaded, ticks } from './suite.ts'

export const reloads: Chapter = ({ it, expect, guest, load, add, source, errorOf, needs }) => {
  const { programs } = guest

  it('pass the state from get_state to set_state', async () => {
    const game = await load(programs.counter(1))
    const { world, runtime, id, json } = game
    ticks(game, 12)
    const reports: unknown[] = []
    runtime.on('reload', (report) => reports.push(report))
    const report = await runtime.reloadModule(id, await source(programs.counter(10)))
    expect(report).toMatchObject({ script: 'guest', generation: 2, state: 'restored', unchanged: false })
    expect(reports).toEqual([report])
    expect(Object.values(report.ms).every((ms) => ms >= 0)).toEqual(true)
    expect(json('count')).toEqual(12)
    ticks(game, 1)
    expect(json('count')).toEqual(22)
    expect(getComponent(world, runtime.script(id).entity, ScriptState)).toEqual({ state: 12, generation: 1 })
  })

  it('begin anew without get_state, and call init again', async () => {
    const game = await load(programs.keeper(1))
    ticks(game, 3)
    expect(game.json('count')).toEqual(103)
    const report = await game.runtime.reloadModule(game.id, await source(programs.keeper(2)), { preserve: 'none' })
    expect(report).toMatchObject({ state: 'reset', ran: ['init'], carried: [] })
    expect(game.json('count')).toEqual(100)
  })

  it("carry variables and memory with preserve: 'auto'", async () => {
    const game = await load(programs.keeper(1))
    ticks(game, 3)
    const next = await source(programs.keeper(2))
    const report = await needs('carry', async () => {
      const report = await game.runtime.reloadModule(game.id, next, { preserve: 'auto' })
      if (report.state === 'preserved') return report
      throw new Error(report.dropped.join())
    })
    expect(report.dropped).toEqual([])
    ticks(game, 1)
    expect(game.json('count')).toEqual(105)
  })

  it('keep the entities, for which on_attach is not called again', async () => {
    const game = await load(programs.diary)
    const { runtime, id, logs } = game
    crowd(game, 2)
    ticks(game, 1)
    logs.length = 0
    await runtime.reloadModule(id, await source(programs.diary))
    ticks(game, 1)
    expect(logs.map(({ message }) => message)).toEqual(['tick', 'update', 'update'])
  })

  it('that are overtaken are dropped', async () => {
    const game = await load(programs.counter(1))
    const sources = await Promise.all([5, 7, 9].map((step) => source(programs.counter(step))))
    const results = await Promise.allSettled(sources.map((each) => game.runtime.reloadModule(game.id, each)))
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'LoadFailed' } },
      { status: 'rejected', reason: { code: 'LoadFailed' } },
      { status: 'fulfilled', value: { generation: 2 } },
    ])
    ticks(game, 1)
    expect(game.json('count')).toEqual(9)
  })

  const FAILURES: Readonly<Record<string, readonly [string, Program]>> = {
    'damaged bytes': ['InvalidBinary', programs.damaged],
    'a misspelt import': ['UnknownImport', programs.misspelt],
    'a start function that traps': ['Trap', programs.trapsIn('start')],
    'a start function that never ends': ['OutOfFuel', programs.spinsIn('start')],
    'a set_state that traps': ['StateRejected', programs.counterWithout('set_state')],
    'an init that traps': ['InitFailed', programs.hostile],
    'another version of the ABI': ['AbiMismatch', programs.metadata('{"name":"a","version":"1","abi":3}')],
  }
  for (const [what, [code, program]] of Object.entries(FAILURES)) {
    it(`that fail by ${what} change nothing: the old generation runs on`, async () => {
      const game = await load(programs.counter(1))
      const { world, components, runtime, id, errors } = game
      const heard: unknown[] = []
      runtime.on('event', (event) => heard.push(event))
      crowd(game, 1)
      ticks(game, 3)
      const look = (): unknown => [hashWorld(world, components), getComponent(world, runtime.script(id).entity, ScriptState)]
      const before = look()
      const error = await errorOf(runtime.reloadModule(id, await source(program)))
      expect(error).toMatchObject({ code, script: 'guest', scriptId: id })
      expect([look(), heard, errors]).toEqual([before, [], []])
      expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
      ticks(game, 1)
      expect(game.json('count')).toEqual(4)
    })
  }

  it('fail if the old get_state traps: the old generation runs on', async () => {
    const game = await load(programs.counterWithout('get_state'))
    const error = await errorOf(game.runtime.reloadModule(game.id, await source(programs.counter(5))))
    expect(error).toMatchObject({ code: 'Trap', export: 'get_state' })
    ticks(game, 1)
    expect([game.json('count'), game.errors]).toEqual([1, []])
  })

  /** A counter, and a script that moves an entity, after five ticks. */
  const moving = async (game: Loaded): Promise<() => unknown> => {
    const mover = await add(game, programs.mover, { name: 'mover' })
    crowd({ ...game, id: mover }, 1)
    ticks(game, 5)
    const { world, components, runtime, id, json } = game
    return () => [hashWorld(world, components), json('count'), runtime.script(id).status, runtime.script(id).generation]
  }

  const TRIALS: Readonly<Record<string, readonly [string, Program, (game: Loaded) => unknown]>> = {
    'a trap in a handler': ['Trap', programs.counter(2), ({ runtime }) => runtime.emit('boom')],
    'a tick that never ends': ['OutOfFuel', programs.spinsIn('tick'), () => undefined],
    'an entity out of range': ['EntityOutOfRange', programs.strays, () => undefined],
    'a trap in a call': ['Trap', programs.caller, ({ json }) => errorOf(() => json('boom'))],
  }
  for (const [what, [code, program, act]] of Object.entries(TRIALS)) {
    it(`on probation that end by ${what} roll back code and world`, async () => {
      const game = await load(programs.counter(1))
      if (guest.cannot?.snapshot !== undefined) return
      const look = await moving(game)
      const before = look()
      await game.runtime.reloadModule(game.id, await source(program))
      await act(game)
      if (game.errors.length === 0) ticks(game, 1)
      expect(look()).toEqual(before)
      expect(game.errors).toMatchObject([{ code, script: 'guest' }])
      expect(game.errors[0]?.message).toContain('generation 1 runs on')
      ticks(game, 2)
      expect(game.json('count')).toEqual(7)
    })
  }
}
