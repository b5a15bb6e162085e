import { addComponent, addEntity, createRelation, getRelationTargets, removeEntity } from 'bitecs'
import { hashWorld, Recorder, Recording, Replay } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

async function createFamily() {
  const relations = {
    ChildOf: createRelation({ exclusive: true, autoRemoveSubject: true }),
    Owes: createRelation({ store: () => ({ amount: [] as number[] }) }),
  }
  const game = await createGame({ relations })
  return { ...game, relations, hash: () => hashWorld(game.world, game.components, relations) }
}

describe('runtime.relate and runtime.unrelate', () => {
  it('add a relation with its data, and remove it', async () => {
    const { world, runtime, relations } = await createFamily()
    const [one, other] = [runtime.spawn(), runtime.spawn()]
    runtime.relate(one, 'ChildOf', other)
    runtime.relate(one, 'Owes', other, { amount: 5 })
    expect([getRelationTargets(world, one, relations.ChildOf), relations.Owes(other).amount[one]]).toEqual([[other], 5])
    runtime.unrelate(one, 'ChildOf', other)
    runtime.unrelate(one, 'ChildOf', other)
    runtime.relate(one, 'Owes', other, { amount: 6 })
    expect([getRelationTargets(world, one, relations.ChildOf), relations.Owes(other).amount[one]]).toEqual([[], 6])
  })

  it('refuse what is wrong before anything changes', async () => {
    const { world, runtime, relations } = await createFamily()
    const [one, other] = [runtime.spawn(), runtime.spawn()]
    expect((await errorOf(() => runtime.relate(one, 'ChildOff', other))).message).toContain("did you mean 'ChildOf'?")
    for (const data of [{ amout: 1 }, { amount: '1' }, null, [1]]) {
      expect(await codeOf(() => runtime.relate(one, 'Owes', other, data as never))).toBe('InvalidOptions')
    }
    for (const [entity, target] of [
      [one, 99],
      [99, one],
    ] as const) {
      expect(await codeOf(() => runtime.relate(entity, 'Owes', target))).toBe('EntityOutOfRange')
      expect(await codeOf(() => runtime.unrelate(entity, 'Owes', target))).toBe('EntityOutOfRange')
    }
    expect(getRelationTargets(world, one, relations.Owes)).toEqual([])
  })
})

describe('a recording of a game with relations', () => {
  const SCRIPT = `(module
    (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.relate" "ChildOf" (func $relate (param i32 i32)))
    (import "ecs.add" "Position" (func $position (param i32)))
    (import "ecs" "despawn" (func $despawn (param i32))) (import "host" "random" (func $random (result f64)))
    (func (export "update") (param $eid i32) (param f32) (local $born i32)
      (if (f64.lt (call $random) (f64.const 0.3)) (then
        (local.set $born (call $spawn)) (call $position (local.get $born))
        (call $relate (local.get $born) (local.get $eid))))
      (if (f64.lt (call $random) (f64.const 0.05)) (then (call $despawn (local.get $eid))))))`

  it('plays to the same world, from its bytes, with what the host relates', async () => {
    const one = await createFamily()
    const script = await one.runtime.loadModule(SCRIPT, { name: 'family' })
    const ids = Array.from({ length: 5 }, () => one.runtime.spawn({ Position: {} }))
    for (const id of ids) one.runtime.attach(id, script)
    one.runtime.relate(ids[0] as number, 'ChildOf', ids[1] as number)
    const recorder = new Recorder(one.runtime)
    one.runtime.relate(ids[2] as number, 'Owes', ids[1] as number, { amount: 2 })
    for (let tick = 0; tick < 20; tick++) one.runtime.tick(1)
    const extra = [one.runtime.spawn({ Position: {} }), one.runtime.spawn({ Position: {} })] as const
    one.runtime.relate(extra[0], 'Owes', extra[1], { amount: 3 })
    one.runtime.tick(1)
    one.runtime.unrelate(extra[0], 'Owes', extra[1])
    for (let tick = 0; tick < 20; tick++) one.runtime.tick(1)
    const recording = recorder.stop()
    const hash = one.hash()

    const other = await createFamily()
    await other.runtime.loadModule(SCRIPT, { name: 'family' })
    const replay = await Replay.begin(other.runtime, Recording.fromBytes(recording.toBytes()))
    expect(await replay.run()).toMatchObject({ hash, matches: true })
    expect(other.hash()).toBe(hash)
  })

  it('leaves out what create did not name if asked', async () => {
    const { world, runtime } = await createGame()
    const [one, other] = [addEntity(world), addEntity(world)]
    addComponent(world, one, createRelation()(other) as object)
    expect(await codeOf(() => new Recorder(runtime))).toBe('InvalidOptions')
    const recorder = new Recorder(runtime, {}, { without: 'unnamed' })
    const snapshot = runtime.snapshot()
    removeEntity(world, one)
    runtime.restore(snapshot)
    runtime.tick(1)
    const replay = await Replay.begin(runtime, Recording.fromBytes(recorder.stop().toBytes()))
    expect(await replay.run()).toMatchObject({ ticks: 1, matches: true })
  })
})
