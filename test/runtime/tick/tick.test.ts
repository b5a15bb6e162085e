import { addComponent, addEntity, entityExists, hasComponent, query, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame } from '../../fixtures/game.ts'
import { tickScript, updateScript } from '../../fixtures/scripts.ts'

/** Passes every call it receives to the host, as text. */
const DIARY = `
  (import "test" "note" (func $note (param i32 f64)))
  (func (export "on_attach") (param i32) (call $note (i32.const 1) (f64.convert_i32_s (local.get 0))))
  (func (export "on_detach") (param i32) (call $note (i32.const 2) (f64.convert_i32_s (local.get 0))))
  (func (export "on_ping") (param i32) (call $note (i32.const 3) (f64.convert_i32_s (local.get 0))))
  (func (export "tick") (param f64) (call $note (i32.const 4) (local.get 0)))
  (func (export "update") (param i32 f64) (call $note (i32.const 5) (f64.convert_i32_s (local.get 0))))`
const KINDS = ['', 'attach', 'detach', 'ping', 'tick', 'update']

function diary(): { notes: string[]; host: object } {
  const notes: string[] = []
  const note = (context: { script: { name: string } }, kind: number, value: number): void => {
    notes.push(`${context.script.name} ${KINDS[kind]} ${value}`)
  }
  return { notes, host: { test: { note } } }
}

describe('tick', () => {
  it('handles attachments, then events, then each script by order, with tick before update', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const late = await runtime.loadModule(`(module ${DIARY})`, { name: 'late', order: 2 })
    const early = await runtime.loadModule(`(module ${DIARY})`, { name: 'early', order: -1 })
    const also = await runtime.loadModule(`(module ${DIARY})`, { name: 'also', order: 2 })
    const [one, two] = [addEntity(world), addEntity(world)]
    runtime.attach(two, late)
    runtime.attach(one, late)
    runtime.attach(one, early)
    runtime.emit('ping', 7)
    runtime.emit('ping', 8)
    expect(runtime.scripts().map((script) => script.name)).toEqual(['early', 'late', 'also'])
    runtime.tick(0.25)
    expect(notes).toEqual([
      `early attach ${one}`,
      `late attach ${two}`,
      `late attach ${one}`,
      ...[7, 8].flatMap((value) => [`early ping ${value}`, `late ping ${value}`, `also ping ${value}`]),
      'early tick 0.25',
      `early update ${one}`,
      'late tick 0.25',
      `late update ${two}`,
      `late update ${one}`,
      'also tick 0.25',
    ])
    notes.length = 0
    runtime.detach(two, late)
    runtime.attach(two, also)
    runtime.detach(two, also)
    runtime.tick(1)
    expect(notes).toEqual([`late detach ${two}`, 'early tick 1', `early update ${one}`, 'late tick 1', `late update ${one}`, 'also tick 1'])
  })

  it('attaches entities that the game tags itself', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const id = await runtime.loadModule(`(module ${DIARY})`, { name: 'tagged' })
    const entity = addEntity(world)
    addComponent(world, entity, runtime.tag(id))
    runtime.tick(1)
    expect(notes).toContain(`tagged attach ${entity}`)
    expect(notes).toContain(`tagged update ${entity}`)
  })

  it('runs several scripts on one entity', async () => {
    const { world, components, runtime } = await createGame()
    const { Health } = components
    const adding = (value: number): string =>
      updateScript(
        `(call $set (local.get $eid) (i32.add (call $get (local.get $eid)) (i32.const ${value})))`,
        '(import "ecs.get" "Health.points" (func $get (param i32) (result i32))) (import "ecs.set" "Health.points" (func $set (param i32 i32)))',
      )
    const entity = addEntity(world, Health)
    for (const value of [1, 10, 100]) runtime.attach(entity, await runtime.loadModule(adding(value)))
    expect(runtime.tick(1).entities).toBe(3)
    expect(Health.points[entity]).toBe(111)
  })

  it('provides the time in seconds, and the ticks completed so far', async () => {
    const seen: unknown[] = []
    const { runtime } = await createGame({ host: { test: { see: (_, time: number, tick: number) => void seen.push([time, tick]) } } })
    await runtime.loadModule(
      tickScript(
        '(call $see (call $time) (call $tick))',
        `(import "host" "time" (func $time (result f64))) (import "host" "tick" (func $tick (result i32)))
         (import "test" "see" (func $see (param f64 i32)))`,
      ),
    )
    for (let index = 0; index < 3; index++) runtime.tick(0.5)
    expect(seen).toEqual([
      [0, 0],
      [0.5, 1],
      [1, 2],
    ])
  })

  it('records in the stats of a script what it did in the last tick', async () => {
    let now = 0
    const { world, runtime } = await createGame({ clock: () => now++, limits: { logsPerTick: 2 } })
    const id = await runtime.loadModule(
      updateScript(
        '(call $log (i32.const 0) (i32.const 1))',
        '(import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1)',
      ),
    )
    const entities = [addEntity(world), addEntity(world), addEntity(world)]
    for (const entity of entities) runtime.attach(entity, id)
    expect(runtime.script(id).stats).toEqual({ entities: 0, fuel: 0, ms: 0, calls: 0, logsDropped: 0, messagesDropped: 0 })
    const report = runtime.tick(1)
    expect(runtime.script(id).stats).toMatchObject({ entities: 3, calls: 3, logsDropped: 1 })
    expect(runtime.script(id).stats.ms).toBeGreaterThan(0)
    expect(report.ms).toBeGreaterThan(0)
    for (const entity of entities) runtime.detach(entity, id)
    runtime.tick(1)
    expect(runtime.script(id).stats).toMatchObject({ entities: 0, calls: 0, logsDropped: 0 })
  })

  it('refuses an invalid dt, and a tick inside a tick', async () => {
    const codes: unknown[] = []
    const game = await createGame({ host: { test: { again: () => codes.push(inner()) } } })
    const inner = (): unknown => {
      try {
        return game.runtime.tick(1)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    for (const dt of [Number.NaN, -1, Number.POSITIVE_INFINITY, '1', undefined]) {
      expect(await codeOf(() => game.runtime.tick(dt as number))).toBe('InvalidOptions')
    }
    await game.runtime.loadModule(tickScript('(call $again)', '(import "test" "again" (func $again))'))
    expect(game.runtime.tick(0).tick).toBe(1)
    expect(codes).toEqual(['HostError'])
  })

  it('does not stop if a listener throws, and reports it', async () => {
    const { runtime, errors } = await createGame()
    runtime.on('tick', () => {
      throw new Error('oops')
    })
    const told: number[] = []
    runtime.on('tick', (report) => told.push(report.tick))
    runtime.tick(1)
    runtime.tick(1)
    expect(told).toEqual([1, 2])
    expect(errors.map((error) => error.code)).toEqual(['HostError', 'HostError'])
    expect(errors[0]?.message).toContain('oops')
  })
})

describe('an entity with a reused id', () => {
  it('is not attached to the scripts of the removed one', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const id = await runtime.loadModule(`(module ${DIARY})`, { name: 'm' })
    const first = addEntity(world)
    runtime.attach(first, id)
    runtime.tick(1)
    notes.length = 0
    removeEntity(world, first)
    const second = addEntity(world)
    expect(second).toBe(first)
    expect(runtime.tick(1).entities).toBe(0)
    expect(notes).toEqual(['m tick 1'])
    expect(entityExists(world, second)).toBe(true)
  })

  it('does not receive the on_attach of the removed one', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const id = await runtime.loadModule(`(module ${DIARY})`, { name: 'm' })
    const first = addEntity(world)
    runtime.attach(first, id)
    removeEntity(world, first)
    addEntity(world)
    runtime.tick(1)
    expect(notes).toEqual(['m tick 1'])
  })

  it('receives its own on_attach if it is attached', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const id = await runtime.loadModule(`(module ${DIARY})`, { name: 'm' })
    const first = addEntity(world)
    runtime.attach(first, id)
    runtime.tick(1)
    removeEntity(world, first)
    const second = addEntity(world)
    runtime.attach(second, id)
    notes.length = 0
    runtime.tick(1)
    expect(notes).toEqual([`m attach ${second}`, 'm tick 1', `m update ${second}`])
  })

  it('is not despawned by a command for the removed one', async () => {
    const game = await createGame({
      host: {
        test: {
          replace(_, entity: number) {
            removeEntity(game.world, entity)
            addEntity(game.world)
          },
        },
      },
    })
    const { world, runtime } = game
    const id = await runtime.loadModule(
      updateScript(
        '(call $despawn (local.get $eid)) (call $replace (local.get $eid))',
        '(import "ecs" "despawn" (func $despawn (param i32))) (import "test" "replace" (func $replace (param i32)))',
      ),
    )
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    expect(entityExists(world, entity)).toBe(true)
    expect(hasComponent(world, entity, runtime.tag(id))).toBe(false)
  })

  it('gets on_detach for a removed entity whose id is free', async () => {
    const { notes, host } = diary()
    const { world, runtime } = await createGame({ host: host as never })
    const id = await runtime.loadModule(`(module ${DIARY})`, { name: 'm' })
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    removeEntity(world, entity)
    notes.length = 0
    runtime.tick(1)
    expect(notes).toEqual([`m detach ${entity}`, 'm tick 1'])
  })
})

it('the order of entities is the same whether or not the game queries them between ticks', async () => {
  const reaper = tickScript(
    '(call $despawn (global.get $next)) (global.set $next (i32.add (global.get $next) (i32.const 1)))',
    '(import "ecs" "despawn" (func $despawn (param i32))) (global $next (mut i32) (i32.const 1))',
  )
  const run = async (looks: boolean): Promise<number[]> => {
    const { world, components, runtime } = await createGame()
    const look = (): number[] => [...query(world, [components.Position])]
    for (let count = 0; count < 6; count++) runtime.spawn({ Position: {} })
    await runtime.loadModule(reaper)
    look()
    for (let tick = 0; tick < 3; tick++) {
      if (tick === 1) runtime.despawn(5)
      if (looks) look()
      runtime.tick(1)
      if (looks) look()
      runtime.spawn({ Position: {} })
    }
    return look()
  }
  expect(await run(false)).toEqual(await run(true))
})
