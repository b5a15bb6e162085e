import { addEntity, query, registerComponents } from 'bitecs'
import { countEntities, defineComponents, PRICES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { HANGS } from '../fixtures/hangs.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'
import { binary, leb, section, text, vector } from '../fixtures/wasm/bytes.ts'

const FUEL = 100_000

describe('a script that would never end', () => {
  it.each(HANGS)('ends with its code, and the others continue: %s', async (_, wat, code) => {
    const { runtime, errors } = await createGame({ limits: { fuel: FUEL } })
    const bad = await runtime.loadModule(wat, { name: 'bad' })
    const good = await runtime.loadModule(counterScript())
    expect(runtime.tick(1).faults).toBe(1)
    expect(errors[0]).toMatchObject({ script: 'bad', export: 'tick' })
    expect([code, 'EntityOutOfRange']).toContain(errors[0]?.code)
    expect(runtime.script(bad).status).toBe('faulted')
    runtime.tick(1)
    expect(runtime.call(good, 'count')).toBe(2)
  })

  it.each([
    ['on_attach', '(func (export "on_attach") (param i32) (loop (br 0)))'],
    ['on_detach', '(func (export "on_detach") (param i32) (loop (br 0)))'],
    ['on_ping', '(func (export "on_ping") (loop (br 0)))'],
    ['update', '(func (export "update") (param i32 f32) (loop (br 0)))'],
    ['update', '(func (export "update") (param i32 f64) (loop (nop) (br 0)))'],
  ])('ends in %s, and the others continue', async (name, declaration) => {
    const { world, runtime, errors } = await createGame({ limits: { fuel: FUEL } })
    const bad = await runtime.loadModule(`(module ${declaration})`, { name: 'bad', order: -1 })
    const good = await runtime.loadModule(counterScript())
    const entity = addEntity(world)
    runtime.attach(entity, bad)
    runtime.emit('ping')
    if (name === 'on_detach') {
      runtime.tick(1)
      runtime.detach(entity, bad)
    }
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel', script: 'bad', export: name }])
    expect(runtime.script(bad).status).toBe('faulted')
    const { tick } = runtime.tick(1)
    expect(runtime.call(good, 'count')).toBe(tick)
  })

  it('ends even if its blocks are nested as deeply as possible', async () => {
    // The assembler does not accept so many blocks, so this is a binary: loop, block …, br to the loop, end …
    const depth = 49_000
    const nestedBlocks = [
      0x03,
      0x40,
      ...new Array<number[]>(depth).fill([0x02, 0x40]).flat(),
      0x0c,
      ...leb(depth),
      ...new Array<number>(depth + 1).fill(0x0b),
    ]
    const body = [0x00, ...nestedBlocks, 0x0b]
    const { runtime, errors } = await createGame({ limits: { fuel: FUEL } })
    await runtime.loadModule(
      binary(
        section(1, vector([0x60, 0x01, 0x7d, 0x00])),
        section(3, vector([0x00])),
        section(7, vector([...text('tick'), 0x00, 0x00])),
        section(10, vector([...leb(body.length), ...body])),
      ),
    )
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel', export: 'tick' }])
  })

  it('in alloc, or in an export that takes text, ends the call', async () => {
    const { runtime } = await createGame({ limits: { fuel: FUEL } })
    const script = (alloc: string, body: string): string => `(module (memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) ${alloc} (i32.const 0)) (func (export "take") (param i32 i32) ${body}) (func (export "fine")))`
    for (const [alloc, body] of [['(loop (br 0))', ''] as const, ['', '(loop (br 0))'] as const]) {
      const id = await runtime.loadModule(script(alloc, body))
      expect(await codeOf(() => runtime.callJson(id, 'take', [1]))).toBe('OutOfFuel')
      expect(runtime.call(id, 'fine')).toBeUndefined()
    }
  })

  it.each([
    ['start', '(module (func $spin (loop (br 0))) (start $spin) (func (export "a")))', 'OutOfFuel'],
    ['init', '(module (func (export "init") (loop (br 0))))', 'InitFailed'],
    [
      'get_metadata',
      '(module (memory (export "memory") 1) (func (export "get_metadata") (result i64) (loop (br 0)) (i64.const 0)))',
      'OutOfFuel',
    ],
  ])('in %s fails to load', async (_, wat, code) => {
    const { runtime } = await createGame({ limits: { fuel: FUEL } })
    const error = await errorOf(runtime.loadModule(wat))
    expect(error.code).toBe(code)
    expect(JSON.stringify([error.message, (error.cause as Error | undefined)?.message])).toContain('limits.fuel')
    expect(runtime.scripts()).toEqual([])
  })

  it('in set_state, get_state or alloc fails the reload, and the old generation continues', async () => {
    const { runtime } = await createGame({ limits: { fuel: FUEL } })
    const id = await runtime.loadModule(counterScript())
    runtime.tick(1)
    expect(await codeOf(runtime.reloadModule(id, counterScript().replace('(global.set $count (i32.const 0))', '(loop (br 0))')))).toBe(
      'StateRejected',
    )
    const allocating = counterScript(1, '(func (export "alloc") (param i32) (result i32) (loop (br 0)) (i32.const 0))')
    expect(await codeOf(runtime.reloadModule(id, allocating))).toBe('StateRejected')
    expect(runtime.call(id, 'count')).toBe(1)
    const spinning = await runtime.loadModule(counterScript().replace('(result i32 i32)', '(result i32 i32) (loop (br 0))'))
    expect(await codeOf(runtime.reloadModule(spinning, counterScript()))).toBe('OutOfFuel')
    expect(runtime.script(spinning)).toMatchObject({ status: 'active', generation: 1 })
  })
})

describe('the fuel of a script', () => {
  const LOOP = (rounds: number): string =>
    `(local $n i32) (local.set $n (i32.const ${rounds})) (loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n)))`

  it('is reported in its stats and in the tick report, the same every tick', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(updateScript(LOOP(10)))
    for (let count = 0; count < 3; count++) runtime.attach(addEntity(world), id)
    const other = await runtime.loadModule(tickScript(LOOP(5)))
    const reports = [runtime.tick(1), runtime.tick(1)]
    expect(runtime.script(id).stats.fuel).toBe(3 * 65)
    expect(runtime.script(other).stats.fuel).toBe(35)
    expect(reports.map((report) => report.fuel)).toEqual([230, 230])
  })

  it('covers all that it does in a tick, and is reset in the next', async () => {
    const { world, runtime, errors } = await createGame({ limits: { fuel: 1000 } })
    const id = await runtime.loadModule(updateScript(LOOP(100)))
    runtime.attach(addEntity(world), id)
    for (let tick = 0; tick < 5; tick++) expect(runtime.tick(1).faults).toBe(0)
    runtime.attach(addEntity(world), id)
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel' }])
  })

  it('can be set for one script', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(tickScript(LOOP(100)), { limits: { fuel: 50 }, name: 'poor' })
    await runtime.loadModule(tickScript(LOOP(100)), { name: 'rich' })
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel', script: 'poor' }])
  })

  it("with onFault 'detach' detaches the entity that spent it, and the others run in the next tick", async () => {
    const { world, components, runtime, errors } = await createGame({ limits: { fuel: FUEL } })
    const id = await runtime.loadModule(
      updateScript(
        '(if (i32.eq (local.get $eid) (i32.const 3)) (then (loop (br 0)))) (call $set (local.get $eid) (i32.const 1))',
        '(import "ecs.set" "Health.points" (func $set (param i32 i32)))',
      ),
      { onFault: 'detach' },
    )
    const entities = [1, 2, 3].map(() => addEntity(world))
    expect(entities).toEqual([2, 3, 4])
    for (const entity of entities) runtime.attach(entity, id)
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel', entity: 3 }])
    runtime.tick(1)
    expect(entities.map((entity) => components.Health.points[entity])).toEqual([1, 0, 1])
    expect(errors).toHaveLength(1)
  })

  it.each([
    ['a call', '(call $nothing)', ''],
    ['a tail call', '(call $tail)', '(func $tail (return_call $nothing))'],
    ['a call through a table', '(call_indirect (i32.const 0))', '(table funcref (elem $nothing))'],
  ])('is spent on an import by %s', async (_, call, declaration) => {
    const host = { game: { nothing: () => undefined } }
    const { runtime } = await createGame({ host })
    const id = await runtime.loadModule(
      `(module (import "game" "nothing" (func $nothing)) ${declaration} (func (export "tick") (param f32) ${call}))`,
    )
    runtime.tick(1)
    expect(runtime.script(id).stats.fuel).toBeGreaterThanOrEqual(PRICES.hostCall)
    expect(runtime.script(id).stats.fuel).toBeLessThan(PRICES.hostCall + 10)
  })

  it('of a nested call is spent from the fuel of the run', async () => {
    let act: () => unknown = () => undefined
    const { runtime, errors } = await createGame({ host: { test: { act: () => void act() } }, limits: { fuel: 2000 } })
    const id = await runtime.loadModule(
      `(module (import "test" "act" (func $act)) (func (export "tick") (param f32) (call $act)) (func (export "work") ${LOOP(100)}))`,
    )
    act = () => [runtime.call(id, 'work'), runtime.call(id, 'work')]
    runtime.tick(1)
    expect(errors).toEqual([])
    const { fuel } = runtime.script(id).stats
    expect(fuel).toBeGreaterThan(1000)
    act = () => [runtime.call(id, 'work'), runtime.call(id, 'work'), runtime.call(id, 'work'), runtime.call(id, 'work')]
    runtime.tick(1)
    expect(errors[0]).toMatchObject({ code: 'OutOfFuel', export: 'work' })
  })

  it.each(['itself', 'another that calls it'])('of nested calls by JSON to %s is spent before the run goes on', async (through) => {
    let act: () => unknown = () => undefined
    let relay: () => unknown = () => undefined
    const host = { test: { act: () => void act(), relay: () => void relay() } }
    const { runtime, errors } = await createGame({ host, limits: { fuel: 100_000 } })
    const id = await runtime.loadModule(
      `(module (import "test" "act" (func $act)) (memory (export "memory") 1)
        (func $loop ${LOOP(100)})
        (func (export "tick") (param f32) (call $act) (call $loop))
        (func (export "echo") (param i32 i32) (result i32 i32) ${LOOP(10)} (local.get 0) (local.get 1)))`,
    )
    const other = await runtime.loadModule('(module (import "test" "relay" (func $relay)) (func (export "go") (call $relay)))')
    relay = () => runtime.callJson(id, 'echo', 'ping')
    const nest = through === 'itself' ? relay : () => runtime.call(other, 'go')
    const spent = [0, 1, 2, 3].map((times) => {
      act = () => Array.from({ length: times }, nest)
      runtime.tick(1)
      return runtime.script(id).stats.fuel
    })
    expect(errors).toEqual([])
    const [none = 0, one = 0] = spent
    // What the text costs, both ways, and the loop.
    expect(one - none).toBeGreaterThan(2 * PRICES.jsonByte * '"ping"'.length + 10)
    expect(spent).toEqual([0, 1, 2, 3].map((times) => none + times * (one - none)))
  })

  it('is counted for the instances of all entities together', async () => {
    const { world, runtime, errors } = await createGame({ limits: { fuel: 1000 } })
    const id = await runtime.loadModule(updateScript(LOOP(100)), { instances: 'entity' })
    for (let count = 0; count < 2; count++) runtime.attach(addEntity(world), id)
    for (let tick = 0; tick < 2; tick++) runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfFuel' }])
  })
})

describe('a size that is out of range', () => {
  const DECLARATIONS = `(import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) (data $data "x")
    (table $table 2 funcref) (func $idle) (elem $segment func $idle)`

  it.each([
    ['memory.fill', 'Trap', '(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))'],
    ['memory.copy', 'Trap', '(memory.copy (i32.const 0) (i32.const 1) (i32.const 0x10000000))'],
    ['memory.init', 'Trap', '(memory.init $data (i32.const 0) (i32.const 0) (i32.const -1))'],
    ['table.fill', 'Trap', '(table.fill $table (i32.const 0) (ref.null func) (i32.const -1))'],
    ['table.copy', 'Trap', '(table.copy (i32.const 0) (i32.const 1) (i32.const 0x1000000))'],
    ['table.init', 'Trap', '(table.init $segment (i32.const 0) (i32.const 0) (i32.const -1))'],
    ['host.log', 'InvalidPointer', '(call $log (i32.const 0) (i32.const -1))'],
  ])('of %s is %s, and not OutOfFuel', async (_, code, body) => {
    const { runtime, errors } = await createGame({ limits: { fuel: 200_000 } })
    await runtime.loadModule(tickScript(body, DECLARATIONS))
    runtime.tick(1)
    expect(errors).toMatchObject([{ code }])
  })
})

describe('the memory and the tables of a script', () => {
  it('do not grow past the limit', async () => {
    const { runtime } = await createGame({ limits: { memoryPages: 3, tableElements: 4 } })
    const id = await runtime.loadModule(`(module (memory 1) (table 2 funcref)
      (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "table_grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`)
    expect([runtime.call(id, 'memory_grow', 2), runtime.call(id, 'memory_grow', 1)]).toEqual([1, -1])
    expect([runtime.call(id, 'table_grow', 2), runtime.call(id, 'table_grow', 1)]).toEqual([2, -1])
  })
})

describe('a change of the world', () => {
  /** The fuel of a tick in a world with so many more components, which may be those of relations to many targets. */
  const fuelIn = async (components: number, import_: string, signature: string, call: string): Promise<number> => {
    const { world, runtime } = await createGame()
    registerComponents(
      world,
      Array.from({ length: components }, () => ({})),
    )
    const id = await runtime.loadModule(tickScript(call, `(import ${import_} (func $change ${signature}))`))
    addEntity(world)
    runtime.tick(1)
    return runtime.script(id).stats.fuel
  }
  const MASKS = 100

  it.each([
    ['"ecs" "spawn"', '(result i32)', '(drop (call $change))', MASKS],
    ['"ecs" "despawn"', '(param i32)', '(call $change (i32.const 2))', MASKS],
    ['"ecs.add" "Dead"', '(param i32)', '(call $change (i32.const 2))', 0],
  ] as const)('by %s pays for the components of the world only if bitECS looks at them', async (import_, signature, call, masks) => {
    const [few, many] = [await fuelIn(0, import_, signature, call), await fuelIn(31 * MASKS, import_, signature, call)]
    expect(few).toBeGreaterThan(PRICES.change)
    expect(Math.floor((many - few) / PRICES.changePerMask / MASKS)).toBe(masks / MASKS)
  })

  it('pays for each query of the world', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Velocity, Dead } = components
    const id = await runtime.loadModule(tickScript('(drop (call $spawn))', '(import "ecs" "spawn" (func $spawn (result i32)))'))
    runtime.tick(1)
    const before = runtime.script(id).stats.fuel
    for (const terms of [[Position], [Velocity], [Position, Dead]]) query(world, terms)
    runtime.tick(1)
    expect(runtime.script(id).stats.fuel - before).toBe(3 * PRICES.changePerQuery)
  })
})

describe('a script that runs many queries', () => {
  const ASKING = `(module
    (import "ecs.query" "Position" (func $query (result i32))) (import "ecs.add" "Position" (func $add (param i32)))
    (import "ecs" "spawn" (func $spawn (result i32)))
    (func (export "ask") (loop $ever (call $add (call $spawn)) (drop (call $query)) (br $ever)))
    (func (export "tick") (param f32) (drop (call $query))))`

  it('pays fuel for the entities that its queries scan', async () => {
    const { world, components, runtime } = await createGame({ limits: { fuel: 20_000 } })
    const id = await runtime.loadModule(ASKING)
    for (let count = 0; count < 500; count++) addEntity(world, components.Position)
    const error = await errorOf(() => runtime.call(id, 'ask'))
    expect(error.code).toBe('OutOfFuel')
    // A round costs some 2,000 units for 500 entities, and 1,700 for what it changes.
    expect(countEntities(world)).toBeLessThan(510)
  })

  it('does not pay for results that have not changed', async () => {
    const { world, components, runtime, errors } = await createGame({ limits: { fuel: 1200 } })
    await runtime.loadModule(ASKING)
    for (let count = 0; count < 500; count++) addEntity(world, components.Position)
    const spent = Array.from({ length: 5 }, () => runtime.tick(1).fuel)
    expect(spent).toEqual([1083, 23, 23, 23, 23])
    expect(errors).toEqual([])
  })

  it('has at most 64 queries', async () => {
    const schema = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`C${index}`, {}]))
    const { runtime } = await createGame({ components: defineComponents(schema, { capacity: 10 }) })
    const asking = (count: number): string =>
      `(module ${Array.from({ length: count }, (_, index) => `(import "ecs.query" "C${index}" (func (result i32)))`).join('')} (func (export "a")))`
    await runtime.loadModule(asking(64))
    expect(await codeOf(runtime.loadModule(asking(65)))).toBe('TooLarge')
  })
})
