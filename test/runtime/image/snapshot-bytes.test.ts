import { addEntity, createWorld, getAllEntities, query, removeEntity } from 'bitecs'
import { defineComponents, hashWorld, type ScriptId, Snapshot, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { asVersion4 } from '../../fixtures/forge.ts'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { counterScript, tickScript } from '../../fixtures/scripts.ts'

const WANDER = `(module
  (import "host" "random" (func $random (result f64))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs" "attach" (func $attach (param i32))) (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs.add" "Position" (func $position (param i32)))
  (global $born (mut i32) (i32.const 0))
  (func (export "tick") (param f32)
    (if (f64.lt (call $random) (f64.const 0.5)) (then
      (global.set $born (call $spawn)) (call $position (global.get $born)) (call $attach (global.get $born)))))
  (func (export "update") (param $eid i32) (param f32)
    (call $set (local.get $eid) (f32.demote_f64 (call $random)))
    (if (f64.lt (call $random) (f64.const 0.1)) (then (call $despawn (local.get $eid))))))`

async function wandering(): Promise<Game & { readonly hash: () => string; readonly step: (ticks: number) => void }> {
  const game = await createGame({ seed: 3 })
  const { world, components, runtime } = game
  await runtime.loadModule(WANDER, { name: 'wander' })
  await runtime.loadModule(counterScript(), { name: 'counter' })
  const step = (ticks: number): void => {
    for (let tick = 0; tick < ticks; tick++) runtime.tick(1 / 64)
  }
  return { ...game, hash: () => hashWorld(world, components), step }
}

describe('a snapshot as bytes', () => {
  it('continues in another game as it would have in its own', async () => {
    const one = await wandering()
    one.step(200)
    const bytes = one.runtime.snapshot().toBytes()
    const before = one.hash()
    one.step(200)
    const other = await wandering()
    other.step(77)
    const report = other.runtime.restore(Snapshot.fromBytes(bytes))
    expect(report.scripts.map(({ state }) => state)).toEqual(['restored', 'restored'])
    expect([report.tick, other.hash()]).toEqual([200, before])
    other.step(200)
    expect(other.hash()).toBe(one.hash())
    expect(other.runtime.call(other.runtime.find('counter')?.id as ScriptId, 'count')).toBe(400)
  })

  it('has the same bytes if it is encoded again', async () => {
    const game = await wandering()
    game.step(20)
    const bytes = game.runtime.snapshot().toBytes()
    for (const again of [Snapshot.fromBytes(bytes), game.runtime.snapshot()]) expect(Buffer.compare(again.toBytes(), bytes)).toBe(0)
  })

  it('is a Snapshot, as one that was taken is', async () => {
    const taken = (await wandering()).runtime.snapshot()
    expect(taken).toBeInstanceOf(Snapshot)
    expect(Snapshot.fromBytes(taken.toBytes())).toBeInstanceOf(Snapshot)
  })

  it('keeps entities that are added later last', async () => {
    const one = await createGame()
    const entities = Array.from({ length: 5 }, () => addEntity(one.world))
    const other = await createGame()
    other.runtime.restore(Snapshot.fromBytes(one.runtime.snapshot().toBytes()))
    const born = [addEntity(other.world), addEntity(other.world)]
    expect(getAllEntities(other.world)).toEqual([...entities, ...born])
  })

  it('passes the state of a script with other code to set_state', async () => {
    const one = await wandering()
    one.step(10)
    const bytes = one.runtime.snapshot().toBytes()
    const other = await createGame()
    await other.runtime.loadModule(WANDER, { name: 'wander' })
    const id = await other.runtime.loadModule(counterScript(5), { name: 'counter' })
    const report = other.runtime.restore(Snapshot.fromBytes(bytes))
    expect(report.scripts).toContainEqual({ script: 'counter', state: 'converted' })
    other.runtime.tick(1)
    expect(other.runtime.call(id, 'count')).toBe(15)
  })

  it('reports missing and new scripts', async () => {
    const one = await wandering()
    one.runtime.attach(addEntity(one.world), one.runtime.find('counter')?.id as ScriptId)
    const bytes = one.runtime.snapshot().toBytes()
    const other = await createGame()
    await other.runtime.loadModule(WANDER, { name: 'wander' })
    await other.runtime.loadModule(counterScript(), { name: 'another' })
    const report = other.runtime.restore(Snapshot.fromBytes(bytes))
    expect(report.scripts).toEqual([
      { script: 'wander', state: 'restored' },
      { script: 'another', state: 'new' },
      { script: 'counter', state: 'missing' },
    ])
    other.runtime.tick(1)
    expect(other.errors).toEqual([])
  })
})

describe('bytes that are not a whole snapshot', () => {
  const bytes = wandering().then((game) => {
    game.step(5)
    return game.runtime.snapshot().toBytes()
  })

  it('are read as version 4 wrote them, and wherever they begin', async () => {
    const { runtime, step, hash } = await wandering()
    step(50)
    const before = hash()
    const bytes = runtime.snapshot().toBytes()
    const old = asVersion4(bytes)
    expect(old).not.toEqual(bytes)
    for (const each of [bytes, old]) {
      step(1)
      const moved = new Uint8Array(each.length + 3)
      moved.set(each, 3)
      runtime.restore(Snapshot.fromBytes(moved.subarray(3)))
      expect(hash()).toBe(before)
    }
  })

  it('are refused wherever they are truncated', async () => {
    const whole = await bytes
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 400)) {
      expect(await codeOf(() => Snapshot.fromBytes(whole.slice(0, length)))).toBe('LoadFailed')
    }
  })

  it('are refused wherever a bit is flipped', async () => {
    const whole = await bytes
    for (let place = 0; place < whole.length; place += Math.ceil(whole.length / 400)) {
      const damaged = whole.slice()
      damaged[place] = (damaged[place] as number) ^ (1 << (place & 7))
      expect(await codeOf(() => Snapshot.fromBytes(damaged)), `at ${place}`).toBe('LoadFailed')
    }
  })

  it('are refused with a message that says why', async () => {
    const whole = await bytes
    const version = whole.map((byte, index) => (index === 8 ? 9 : byte))
    expect((await errorOf(() => Snapshot.fromBytes(version))).message).toContain('has version 9')
    for (const foreign of [new Uint8Array(), new TextEncoder().encode('{"tick":1}'.repeat(20)), 'text', undefined]) {
      expect((await errorOf(() => Snapshot.fromBytes(foreign as Uint8Array))).message).toContain('not a snapshot')
    }
  })
})

describe('a snapshot of another game', () => {
  const made = async (
    schema: Parameters<typeof defineComponents>[0],
    capacity = 100,
  ): Promise<{ runtime: WasmScriptRuntime; hash: () => string; add: () => void }> => {
    const world = createWorld()
    const components = defineComponents(schema, { capacity, reserve: 0 })
    const runtime = await WasmScriptRuntime.create({ world, components })
    const add = (): void => void addEntity(world, ...Object.values(components))
    return { runtime, hash: () => hashWorld(world, components), add }
  }

  it.each([
    ['a component that this has not', { A: { x: 'f32' }, B: {} }, /component 'B'/],
    ['a field of another type', { A: { x: 'f64' } }, /A\.x is f64 there and f32 here/],
    ['a field that this has not', { A: { x: 'f32', y: 'i8' } }, /A\.y is i8 there and nothing here/],
  ] as const)('is refused for %s, and nothing is touched', async (_, schema, message) => {
    const theirs = await made(schema)
    theirs.add()
    const ours = await made({ A: { x: 'f32' } })
    ours.add()
    ours.runtime.tick(1)
    const before = ours.hash()
    const error = await errorOf(() => ours.runtime.restore(Snapshot.fromBytes(theirs.runtime.snapshot().toBytes())))
    expect([error.code, error.message]).toEqual(['StateRejected', expect.stringMatching(message)])
    expect([ours.hash(), ours.runtime.tick(1).tick]).toEqual([before, 2])
  })

  it('is refused if it has entities past the capacity', async () => {
    const theirs = await made({ A: {} })
    for (let count = 0; count < 50; count++) theirs.add()
    const ours = await made({ A: {} }, 20)
    const { code, message } = await errorOf(() => ours.runtime.restore(Snapshot.fromBytes(theirs.runtime.snapshot().toBytes())))
    expect([code, message]).toEqual([
      'StateRejected',
      expect.stringContaining("the entity 50 has the component 'A', and the capacity is 20"),
    ])
  })

  it('is that of a full world, of which a spawn was refused', async () => {
    const { runtime } = await made({ A: {} }, 20)
    const { world } = runtime
    while (getAllEntities(world).length < 19) runtime.spawn({ A: {} })
    expect(await codeOf(() => runtime.spawn({ A: {} }))).toBe('EntityOutOfRange')
    addEntity(world)
    await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'late' })
    runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes()))
    expect([getAllEntities(world).length, runtime.tick(1).tick]).toEqual([21, 1])
  })

  it('may have a larger capacity, if its entities fit: columns are cut in place', async () => {
    const theirs = await made({ A: { x: 'f32' }, B: { y: 'i16' } }, 65_536)
    for (let count = 0; count < 3; count++) theirs.add()
    const { A } = theirs.runtime.components as { A: { x: Float32Array } }
    A.x[3] = 1.5
    // A script may write where no entity is.
    A.x[60_000] = 7
    const ours = await made({ A: { x: 'f32' }, B: { y: 'i16' } }, 10)
    ours.add()
    const { x } = ours.runtime.components.A as { x: Float32Array }
    ours.runtime.restore(Snapshot.fromBytes(theirs.runtime.snapshot().toBytes()))
    expect([...x]).toEqual([0, 0, 0, 1.5, 0, 0, 0, 0, 0, 0])
    expect(ours.hash()).toBe(theirs.hash())
    theirs.runtime.restore(Snapshot.fromBytes(ours.runtime.snapshot().toBytes()))
    expect([A.x[3], A.x[60_000]]).toEqual([1.5, 0])
  })

  it('is refused whole if the results of its queries do not fit behind the columns', async () => {
    const find = tickScript('(drop (call $find))', '(import "ecs.query" "A" (func $find (result i32)))')
    const make = async (reserve: number): Promise<WasmScriptRuntime> => {
      const world = createWorld()
      const components = defineComponents({ A: { x: 'f32' } }, { capacity: 20_000, reserve })
      const runtime = await WasmScriptRuntime.create({ world, components })
      await runtime.loadModule(find, { name: 'find', link: 'inline' })
      return runtime
    }
    const [theirs, ours] = [await make(1_000_000), await make(0)]
    for (let count = 0; count < 15_000; count++) theirs.spawn({ A: {} })
    theirs.tick(1)
    ours.spawn({ A: {} })
    ours.tick(1)
    const before = ours.snapshot().toBytes()
    const error = await errorOf(() => ours.restore(Snapshot.fromBytes(theirs.snapshot().toBytes())))
    expect(error.message).toMatch(/results of the queries of 'find' do not fit.*Raise reserve.*StateRejected/)
    expect(Buffer.compare(ours.snapshot().toBytes(), before)).toBe(0)
    expect(ours.tick(1).faults).toBe(0)
  })

  it('may have fewer components and fields: no entity has those components, and the fields are 0', async () => {
    const theirs = await made({ A: { x: 'f32' } })
    theirs.add()
    const ours = await made({ A: { x: 'f32', z: 'f32' }, B: { y: 'f64' } })
    ours.add()
    const { A, B } = ours.runtime.components as unknown as Record<'A' | 'B', Record<string, Float32Array>>
    const columns = [A.x, A.z, B.y] as Float32Array[]
    for (const column of columns) column.fill(7)
    ours.runtime.restore(Snapshot.fromBytes(theirs.runtime.snapshot().toBytes()))
    for (const column of columns) expect([...column].every((value) => value === 0)).toBe(true)
    expect([A.z, B.y]).toEqual(columns.slice(1))
    expect(query(ours.runtime.world, [ours.runtime.components.A as object]).length).toBe(1)
    expect(query(ours.runtime.world, [ours.runtime.components.B as object]).length).toBe(0)
  })
})

it('bytes preserve the order of all entities', async () => {
  const one = await createGame()
  const entities = Array.from({ length: 4 }, () => addEntity(one.world, one.components.Position))
  removeEntity(one.world, entities[1] as number)
  addEntity(one.world, one.components.Position)
  const order = [...getAllEntities(one.world)]
  expect(order).not.toEqual([...order].sort())
  const other = await createGame()
  other.runtime.restore(Snapshot.fromBytes(one.runtime.snapshot().toBytes()))
  expect([...getAllEntities(other.world)]).toEqual(order)
})
