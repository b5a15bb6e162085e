import { addEntity, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'
import { counterScript } from '../fixtures/scripts.ts'

/** Counts its updates in Health.points and in its state. */
const OWN = (more = ''): string =>
  counterScript(
    0,
    `
    (func (export "update") (param i32 f32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (call $set (local.get 0) (global.get $count)))
    ${more}`,
  ).replace('(module', '(module (import "ecs.set" "Health.points" (func $set (param i32 i32)))')

describe("instances: 'entity'", () => {
  it('calls init, tick, on_attach and events in each', async () => {
    const calls: string[] = []
    const { world, runtime } = await createGame({
      host: { test: { call: (_, what: number) => void calls.push(['init', 'tick', 'ping', 'attach', 'detach'][what] as string) } },
    })
    const id = await runtime.loadModule(
      `(module (import "test" "call" (func $call (param i32)))
      (func (export "init") (call $call (i32.const 0))) (func (export "tick") (param f32) (call $call (i32.const 1)))
      (func (export "on_ping") (call $call (i32.const 2))) (func (export "on_attach") (param i32) (call $call (i32.const 3)))
      (func (export "on_detach") (param i32) (call $call (i32.const 4))))`,
      { instances: 'entity' },
    )
    const entities = [addEntity(world), addEntity(world)]
    for (const entity of entities) runtime.attach(entity, id)
    runtime.emit('ping')
    runtime.tick(1)
    expect(calls).toEqual(['init', 'init', 'attach', 'init', 'attach', 'ping', 'ping', 'tick', 'tick'])
    calls.length = 0
    runtime.detach(entities[0] as number, id)
    runtime.tick(1)
    expect(calls).toEqual(['detach', 'tick'])
  })

  it('creates a new instance for an entity with a reused id', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(OWN(), { instances: 'entity' })
    const first = addEntity(world)
    runtime.attach(first, id)
    for (let tick = 0; tick < 5; tick++) runtime.tick(1)
    removeEntity(world, first)
    const second = addEntity(world)
    runtime.attach(second, id)
    runtime.tick(1)
    expect(components.Health.points[second]).toBe(1)
  })

  it('passes on the state of each in a reload', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(OWN(), { instances: 'entity' })
    const [one, two] = [addEntity(world), addEntity(world)]
    runtime.attach(one, id)
    runtime.tick(1)
    runtime.attach(two, id)
    runtime.tick(1)
    expect(await runtime.reloadModule(id, OWN())).toMatchObject({ state: 'restored', generation: 2 })
    runtime.tick(1)
    expect([components.Health.points[one], components.Health.points[two]]).toEqual([3, 2])
  })

  it('keeps all old instances if a new one fails', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(OWN(), { instances: 'entity' })
    const [one, two] = [addEntity(world), addEntity(world)]
    for (const entity of [one, two]) runtime.attach(entity, id)
    runtime.tick(1)
    const refusing = OWN().replace(
      '(global.set $count (i32.const 0))',
      '(if (i32.eq (i32.load8_u (i32.add (local.get $text) (i32.const 0))) (i32.const 49)) (then unreachable))',
    )
    await expect(runtime.reloadModule(id, refusing)).rejects.toMatchObject({ code: 'StateRejected' })
    runtime.tick(1)
    expect([components.Health.points[one], components.Health.points[two]]).toEqual([2, 2])
  })

  it("detaches only the entity whose instance traps, with onFault 'detach'", async () => {
    const { world, components, runtime, errors } = await createGame()
    const id = await runtime.loadModule(
      OWN('(func (export "tick2"))').replace('(call $set', '(if (i32.eq (local.get 0) (i32.const 3)) (then unreachable)) (call $set'),
      {
        instances: 'entity',
        onFault: 'detach',
      },
    )
    const [one, two] = [addEntity(world), addEntity(world)]
    expect(two).toBe(3)
    for (const entity of [one, two]) runtime.attach(entity, id)
    runtime.tick(1)
    runtime.tick(1)
    expect(errors.map((error) => error.entity)).toEqual([3])
    expect(components.Health.points[one]).toBe(2)
  })
})

describe('instances of entities with an expensive init', () => {
  it('are created over several ticks, as the fuel of each allows', async () => {
    const { world, runtime, errors } = await createGame({ limits: { fuel: 20_000 } })
    const id = await runtime.loadModule(
      `(module (func (export "init") (local $left i32) (local.set $left (i32.const 600))
        (loop $next (local.set $left (i32.sub (local.get $left) (i32.const 1))) (br_if $next (local.get $left))))
        (func (export "update") (param i32 f32)))`,
      { instances: 'entity' },
    )
    for (let count = 0; count < 10; count++) runtime.attach(addEntity(world), id)
    const updated = Array.from({ length: 8 }, () => runtime.tick(1).entities)
    expect(updated[0]).toBeLessThan(10)
    expect(updated.at(-1)).toBe(10)
    expect(errors).toEqual([])
  })
})
