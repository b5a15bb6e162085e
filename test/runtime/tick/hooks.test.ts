import { addComponent, addEntity, removeComponent, removeEntity } from 'bitecs'
import { Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Logs the name of each hook with the entity, and the values of a change, as numbers that `emit` carries. */
const HOOKED = `(module
  (import "emit" "added" (func $added (param i32))) (import "emit" "removed" (func $removed (param i32)))
  (import "emit" "changed" (func $changed (param i32 i32 i32)))
  (func (export "born") (param i32) (call $added (local.get 0)))
  (func (export "gone") (param i32) (call $removed (local.get 0)))
  (func (export "hurt") (param i32 i32 i32) (call $changed (local.get 0) (local.get 1) (local.get 2))))`
const HOOKS = [
  { on: 'add', component: 'Health', export: 'born' },
  { on: 'remove', component: 'Health', export: 'gone' },
  { on: 'change', component: 'Health.points', export: 'hurt' },
] as const

async function createHooked() {
  const game = await createGame()
  const id = await game.runtime.loadModule(HOOKED, { name: 'hooked', hooks: HOOKS })
  const heard: string[] = []
  game.runtime.on('event', ({ name, args }) => heard.push([name, ...args].join(' ')))
  const tick = (): string[] => {
    heard.length = 0
    game.runtime.tick(1)
    return [...heard]
  }
  return { ...game, id, tick }
}

describe('hooks', () => {
  it('are called in the next tick for what happened, components in order, then changes by entity', async () => {
    const { runtime, tick } = await createHooked()
    const first = runtime.spawn({ Health: { points: 5 } })
    const second = runtime.spawn({ Health: { points: 7 } })
    runtime.write(first, { Health: null })
    expect(tick()).toEqual([`added ${first}`, `added ${second}`, `removed ${first}`])
    const third = runtime.spawn({ Health: { points: 1 } })
    tick()
    runtime.write(third, { Health: { points: 2 } })
    runtime.write(second, { Health: { points: 8 } })
    runtime.write(second, { Health: { points: 9 } })
    expect(tick()).toEqual(expect.arrayContaining([`changed ${second} 7 9`, `changed ${third} 1 2`]))
    expect(tick()).toEqual([])
  })

  it('see what bitECS and columns change, and no change in a value that is written again', async () => {
    const { world, components, tick } = await createHooked()
    const entity = addEntity(world)
    addComponent(world, entity, components.Health)
    components.Health.points[entity] = 3
    expect(tick()).toEqual([`added ${entity}`])
    components.Health.points[entity] = 4
    components.Health.points[entity] = 3
    expect(tick()).toEqual([])
    components.Health.points[entity] = -1
    expect(tick()).toEqual([`changed ${entity} 3 -1`])
    removeComponent(world, entity, components.Health)
    components.Health.points[entity] = 6
    expect(tick()).toEqual([`removed ${entity}`])
    removeEntity(world, entity)
    expect(tick()).toEqual([])
  })

  it('are part of a snapshot, in place and as bytes', async () => {
    const { runtime, tick } = await createHooked()
    const entity = runtime.spawn({ Health: { points: 5 } })
    tick()
    runtime.write(entity, { Health: { points: 6 } })
    runtime.spawn({ Health: {} })
    const saved = runtime.snapshot()
    const bytes = saved.toBytes()
    const expected = tick()
    expect(expected).toEqual([`added ${entity + 1}`, `changed ${entity} 5 6`])
    tick()
    runtime.restore(saved)
    expect(tick()).toEqual(expected)
    runtime.restore(Snapshot.fromBytes(bytes))
    expect(tick()).toEqual(expected)
  })

  it('cost the script fuel, and its fault stops it alone', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule('(module (func (export "born") (param i32) unreachable))', { hooks: [HOOKS[0]] })
    const entity = runtime.spawn({ Health: {} })
    expect(runtime.tick(1)).toMatchObject({ faults: 1 })
    expect(errors[0]).toMatchObject({ code: 'Trap', export: 'born', entity })
    expect(runtime.script(id).status).toBe('faulted')
    expect(runtime.script(id).stats.fuel).toBeGreaterThan(0)
  })

  it('call a function of an Extism plugin with its numbers as JSON', async () => {
    const { runtime } = await createGame()
    const plugin = `(module
      (import "extism:host/env" "input_length" (func $length (result i64)))
      (import "emit" "input" (func $input (param i64)))
      (func (export "hurt") (result i32) (call $input (call $length)) (i32.const 0)))`
    await runtime.loadModule(plugin, { hooks: [HOOKS[2]] })
    const heard: unknown[] = []
    runtime.on('event', ({ args }) => heard.push(...args))
    const entity = runtime.spawn({ Health: {} })
    runtime.tick(1)
    runtime.write(entity, { Health: { points: 25 } })
    runtime.tick(1)
    expect(heard).toEqual([BigInt(`[${entity},0,25]`.length)])
  })

  it.each([
    [{ on: 'add', component: 'Helth', export: 'born' }, 'InvalidOptions', /did you mean 'Health'/],
    [{ on: 'change', component: 'Health', export: 'hurt' }, 'InvalidOptions', /one of Health\.points/],
    [{ on: 'change', component: 'Health.pints', export: 'hurt' }, 'InvalidOptions', /one of Health\.points/],
    [{ on: 'add', component: 'Health', export: 'borne' }, 'MissingExport', /did you mean 'born'/],
    [{ on: 'add', component: 'Health', export: 'hurt' }, 'SignatureMismatch', /must be \(i32\)/],
    [{ on: 'seen', component: 'Health', export: 'born' }, 'InvalidOptions', /'add', 'remove' or 'change'/],
  ])('refuses %o', async (hook, code, message) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(HOOKED, { hooks: [hook as never] }))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('need the grant to read what they wait for', async () => {
    const { runtime } = await createGame()
    const load = (grant: object): Promise<unknown> => codeOf(runtime.loadModule(HOOKED, { hooks: HOOKS, grant }))
    expect(await load({ emit: ['added', 'removed', 'changed'] })).toBe('GrantDenied')
    expect(await load({ emit: ['added', 'removed', 'changed'], write: ['Health'] })).toBe('GrantDenied')
  })
})

describe('every', () => {
  it('calls an export each time so many ticks are completed', async () => {
    const { runtime } = await createGame()
    const script = '(module (import "emit" "now" (func $now)) (func (export "slow") (call $now)))'
    await runtime.loadModule(script, { every: [{ ticks: 3, export: 'slow' }] })
    const at: number[] = []
    runtime.on('event', () => at.push(runtime.snapshot().tick))
    for (let tick = 0; tick < 7; tick++) runtime.tick(1)
    expect(at).toEqual([3, 6])
  })

  it('refuses an export of another type, or no interval', async () => {
    const { runtime } = await createGame()
    const load = (every: object): Promise<unknown> => codeOf(runtime.loadModule(HOOKED, { every: [every as never] }))
    expect(await load({ ticks: 1, export: 'born' })).toBe('SignatureMismatch')
    expect(await load({ ticks: 0, export: 'born' })).toBe('InvalidOptions')
    expect(await load({ ticks: 1, export: 'none' })).toBe('MissingExport')
  })
})

describe('onFault with a policy of restarts', () => {
  const FRAGILE = `(module
    (global $runs (mut i32) (i32.const 0))
    (func (export "init") (global.set $runs (i32.const 0)))
    (func (export "tick") (param f32) (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
      (if (i32.eq (global.get $runs) (i32.const 2)) (then unreachable)))
    (func (export "runs") (result i32) (global.get $runs)))`

  it('starts the script again in the next tick, and gives up after too many faults', async () => {
    const { runtime, logs } = await createGame()
    const id = await runtime.loadModule(FRAGILE, { name: 'fragile', onFault: { restart: 2, within: 100 } })
    const statuses: string[] = []
    for (let tick = 0; tick < 8; tick++) {
      runtime.tick(1)
      statuses.push(runtime.script(id).status)
    }
    expect(statuses).toEqual(['active', 'faulted', 'active', 'faulted', 'active', 'faulted', 'faulted', 'faulted'])
    expect(logs.map(({ message }) => message)).toEqual([
      'restarted after a fault: Trap, 1 of 2 restarts in 100 ticks',
      'restarted after a fault: Trap, 2 of 2 restarts in 100 ticks',
      'stopped for good after 2 of 2 restarts in 100 ticks',
    ])
  })

  it('forgets restarts that are longer ago', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(FRAGILE, { onFault: { restart: 1, within: 2 } })
    for (let tick = 0; tick < 9; tick++) runtime.tick(1)
    expect(runtime.script(id).status).toBe('active')
  })

  it('counts restarts in snapshots', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(FRAGILE, { onFault: { restart: 1, within: 100 } })
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    const bytes = runtime.snapshot().toBytes()
    runtime.restore(Snapshot.fromBytes(bytes))
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    expect(runtime.script(id).status).toBe('faulted')
  })
})
