import { readFile } from 'node:fs/promises'
import { addEntity } from 'bitecs'
import { compareWorlds, hashWorld, Recorder, Recording, Replay, type RuntimeOptions, type ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { asVersion1 } from '../../fixtures/forge.ts'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { counterScript, tickScript } from '../../fixtures/scripts.ts'

/** Moves its entities by random numbers, and further for each `push`. */
const WANDER = `(module
  (import "host" "random" (func $random (result f64)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (global $pushed (mut f32) (f32.const 1))
  (func (export "on_push") (param $by f32) (global.set $pushed (f32.add (global.get $pushed) (local.get $by))))
  (func (export "faster") (param f32) (global.set $pushed (f32.mul (global.get $pushed) (local.get 0))))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid))
      (f32.mul (global.get $pushed) (f32.demote_f64 (call $random)))))))`

async function createWanderers(options: Partial<RuntimeOptions> = {}): Promise<Game & { readonly hash: () => string; id: ScriptId }> {
  const game = await createGame({ seed: 5, ...options })
  const { world, components, runtime } = game
  const id = await runtime.loadModule(WANDER, { name: 'wander' })
  await runtime.loadModule(counterScript(), { name: 'counter' })
  for (let count = 0; count < 3; count++) runtime.attach(addEntity(world, components.Position), id)
  return { ...game, id, hash: () => hashWorld(world, components) }
}

function ticks({ runtime }: Game, count: number): void {
  for (let tick = 0; tick < count; tick++) runtime.tick(1 / 64)
}

/** Does everything that a host can do between ticks. */
async function play(game: Game & { readonly id: ScriptId }): Promise<void> {
  const { runtime, id } = game
  ticks(game, 5)
  runtime.emit('push', 0.5)
  ticks(game, 5)
  const entity = runtime.spawn({ Position: { x: 40 }, Health: { points: 3 } })
  runtime.attach(entity, id)
  ticks(game, 3)
  runtime.write(entity, { Position: { y: 7 }, Dead: {} })
  runtime.call(id, 'faster', 2)
  ticks(game, 3)
  runtime.detach(4, id)
  runtime.callJson(id, 'faster', [0.5])
  const saved = runtime.snapshot()
  ticks(game, 4)
  runtime.restore(saved)
  await runtime.reloadModule(id, WANDER.replace('(f32.const 1)', '(f32.const 3)'))
  ticks(game, 2)
  const late = await runtime.loadModule(
    tickScript('(call $s (i32.const 1) (f32.const 9))', '(import "ecs.set" "Position.y" (func $s (param i32 f32)))'),
    {
      name: 'late',
      order: -1,
    },
  )
  ticks(game, 2)
  runtime.unloadModule(late)
  runtime.write(entity, { Dead: null })
  runtime.despawn(entity)
  ticks(game, 2)
  runtime.emit('push', 1)
}

describe('a replay', () => {
  it('of everything that a host can do reproduces the world', async () => {
    const one = await createWanderers()
    ticks(one, 7)
    const recorder = new Recorder(one.runtime, { about: 'all of it' })
    await play(one)
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    expect([recording.ticks, recording.hash, recording.content.notes]).toEqual([26, one.hash(), { about: 'all of it' }])
    const other = await createWanderers()
    ticks(other, 100)
    const replay = await Replay.begin(other.runtime, recording, { load: true })
    expect(replay.scripts.map(({ state }) => state)).toEqual(['same', 'same'])
    expect(await replay.run()).toEqual({ ticks: 26, hash: one.hash(), matches: true })
    replay.end()
    // The last inputs wait for the next tick in both games.
    for (const game of [one, other]) ticks(game, 10)
    expect(other.hash()).toBe(one.hash())
    expect(other.errors).toEqual([])
  })

  it('stops at a given tick, and continues', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 4)
    const early = one.hash()
    ticks(one, 4)
    const recording = recorder.stop()
    const other = await createWanderers()
    const replay = await Replay.begin(other.runtime, recording)
    expect(await replay.run(4)).toMatchObject({ ticks: 4, hash: early })
    expect(replay.isOver).toBe(false)
    expect(await replay.step()).toMatchObject({ dt: 1 / 64 })
    expect(await replay.run()).toMatchObject({ ticks: 8, hash: recording.hash })
    expect(await replay.step()).toBeUndefined()
  })

  it('repeats inputs that failed', async () => {
    const fault = tickScript('', '(func (export "trap") unreachable)')
    const make = async () => {
      const game = await createWanderers()
      await game.runtime.loadModule(fault, { name: 'fault' })
      return game
    }
    const one = await make()
    const recorder = new Recorder(one.runtime)
    ticks(one, 2)
    await errorOf(() => one.runtime.call(one.runtime.find('fault')?.id as ScriptId, 'trap'))
    await errorOf(one.runtime.reloadModule(one.id, '(module'))
    ticks(one, 2)
    const other = await make()
    const replay = await Replay.begin(other.runtime, recorder.stop())
    expect((await replay.run()).matches).toBe(true)
    expect(other.errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(other.runtime.find('fault')?.status).toBe('faulted')
  })

  it('stores arguments and configs as scripts receive them', async () => {
    const takes = `(module (memory (export "memory") 1) (global $length (mut i32) (i32.const 0))
      (func (export "init") (param i32 i32) (global.set $length (local.get 1)))
      (func (export "take") (param i32 i32) (global.set $length (local.get 1)))
      (func (export "grow") (global.set $length (i32.add (global.get $length) (i32.const 1))))
      (func (export "length") (result i32) (global.get $length)))`
    class Dated {
      readonly when = new Date(0)
      tell(): void {}
    }
    const make = async (): Promise<Game & { id: ScriptId }> => {
      const game = await createGame({ seed: 5 })
      return { ...game, id: await game.runtime.loadModule(takes, { name: 'takes', config: new Dated() }) }
    }
    const one = await make()
    const recorder = new Recorder(one.runtime)
    ticks(one, 1)
    one.runtime.callJson(one.id, 'take', new Dated())
    one.runtime.callJson(one.id, 'grow')
    for (const wrong of [{ Position: { x: () => 1 } }, { Position: { x: 1n } }]) {
      expect(await codeOf(() => one.runtime.spawn(wrong as never))).toBe('InvalidOptions')
      expect(await codeOf(() => one.runtime.write(5, wrong as never))).toBe('InvalidOptions')
    }
    await one.runtime.loadModule(takes, { name: 'late', config: { dated: new Dated() } })
    const other = await make()
    const replay = await Replay.begin(other.runtime, Recording.fromBytes(recorder.stop().toBytes()), { load: true })
    await replay.run()
    replay.end()
    const lengths = ({ runtime }: Game): unknown[] =>
      ['takes', 'late'].map((name) => runtime.call(runtime.find(name)?.id as ScriptId, 'length'))
    expect(lengths(other)).toEqual(lengths(one))
    expect(lengths(one)).toEqual([JSON.stringify(new Dated()).length + 1, JSON.stringify({ dated: new Dated() }).length])
  })

  it('on the recorded scripts passes on states with their versions', async () => {
    const readme = await readFile(new URL('../../../scripts-wat/README.md', import.meta.url), 'utf8')
    const [first, second] = [...readme.matchAll(/```wat\n([\s\S]*?)```/g)].map(([, text]) => text as string) as [string, string]
    const one = await createGame()
    const id = await one.runtime.loadModule(first, { name: 'clock' })
    ticks(one, 2)
    const recorder = new Recorder(one.runtime)
    ticks(one, 1)
    await one.runtime.reloadModule(id, second)
    ticks(one, 1)
    const other = await createGame()
    await other.runtime.loadModule(second, { name: 'clock' })
    const replay = await Replay.begin(other.runtime, recorder.stop(), { scripts: 'recorded' })
    await replay.run()
    replay.end()
    const halves = ({ runtime }: Game): unknown => runtime.call(runtime.find('clock')?.id as ScriptId, 'halves')
    expect([halves(one), halves(other)]).toEqual([8, 8])
    expect(other.runtime.find('clock')?.metadata).toMatchObject({ state_version: 2 })
  })

  it('performs inputs that listeners of the game repeat once', async () => {
    const make = async () => {
      const game = await createWanderers()
      game.runtime.on('tick', ({ tick }) => {
        if (tick % 3 === 0) game.runtime.emit('push', tick)
      })
      return game
    }
    const one = await make()
    const recorder = new Recorder(one.runtime)
    ticks(one, 20)
    const other = await make()
    const replay = await Replay.begin(other.runtime, recorder.stop())
    expect((await replay.run()).hash).toBe(one.hash())
    expect(other.errors).toEqual([])
  })

  it('refuses any other input until it ends', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 4)
    const recording = recorder.stop()
    const replay = await Replay.begin(one.runtime, recording)
    expect(await codeOf(() => one.runtime.emit('push', 1))).toBe('HostError')
    expect(await codeOf(() => one.runtime.tick(1))).toBe('HostError')
    expect(await codeOf(Replay.begin(one.runtime, recording))).toBe('InvalidOptions')
    replay.end()
    replay.end()
    expect(await codeOf(replay.run())).toBe('Disposed')
    expect(one.runtime.tick(1).faults).toBe(0)
  })

  it('differs from the recording with other scripts, and not with the recorded ones', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 3)
    one.runtime.emit('push', 1)
    ticks(one, 3)
    const recording = recorder.stop()
    const edited = await createWanderers()
    await edited.runtime.reloadModule(edited.id, WANDER.replace('(local.get $by)', '(f32.mul (f32.const 2) (local.get $by))'))
    const [now, then] = [await Replay.begin(edited.runtime, recording), await createWanderers()]
    await then.runtime.reloadModule(then.id, tickScript(''))
    await then.runtime.loadModule(tickScript(''), { name: 'new' })
    then.runtime.unloadModule(then.runtime.find('counter')?.id as ScriptId)
    const reference = await Replay.begin(then.runtime, recording, { scripts: 'recorded', load: true })
    expect(now.scripts).toContainEqual({ script: 'wander', state: 'changed' })
    expect(reference.scripts.map(({ state }) => state)).toEqual(['same', 'same'])
    const parted: unknown[] = []
    while (!now.isOver) {
      await Promise.all([now.step(), reference.step()])
      parted.push(compareWorlds(then, edited)?.field)
    }
    expect(parted).toEqual([undefined, undefined, undefined, 'x', 'x', 'x'])
    expect((await reference.run()).matches).toBe(true)
    expect(await now.run()).toMatchObject({ matches: false, parted: { after: 0, before: 6 } })
  })

  it('reports changes that bypassed the input log', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 310)
    one.components.Position.x[3] = -1000
    ticks(one, 310)
    const other = await createWanderers()
    const replay = await Replay.begin(other.runtime, recorder.stop())
    expect(await replay.run()).toMatchObject({ matches: false, parted: { after: 300, before: 600 } })
  })

  it('reads recordings of version 1, whose checksum is of single bytes', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 3)
    const bytes = recorder.stop().toBytes()
    const old = asVersion1(bytes)
    expect(old).not.toEqual(bytes)
    for (const each of [bytes, old]) {
      const { runtime } = await createWanderers()
      expect(await (await Replay.begin(runtime, Recording.fromBytes(each))).run()).toMatchObject({ matches: true, ticks: 3 })
    }
  })

  it('requires the seed, the components and valid bytes', async () => {
    const one = await createWanderers()
    const recorder = new Recorder(one.runtime)
    ticks(one, 1)
    const recording = recorder.stop()
    expect(recorder.stop()).toBe(recording)
    for (const wrong of [recording.toBytes(), {}, null])
      expect(await codeOf(Replay.begin(one.runtime, wrong as never))).toBe('InvalidOptions')
    for (const wrong of [{}, null]) expect(await codeOf(() => new Recorder(wrong as never))).toBe('InvalidOptions')
    expect(await codeOf(Replay.begin((await createWanderers({ seed: 6 })).runtime, recording))).toBe('InvalidOptions')
    expect(await codeOf(Replay.begin((await createGame({ seed: 5, components: {} })).runtime, recording))).toBe('StateRejected')
    const bytes = recording.toBytes()
    for (const end of [0, 10, 24, bytes.length - 1])
      expect(await codeOf(() => Recording.fromBytes(bytes.subarray(0, end)))).toBe('LoadFailed')
    for (let at = 0; at < bytes.length; at += bytes.length >> 5) {
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] as number) ^ 4
      expect(await codeOf(() => Recording.fromBytes(damaged))).toBe('LoadFailed')
    }
    expect(await codeOf(() => Recording.fromBytes(one.runtime.snapshot().toBytes()))).toBe('LoadFailed')
  })
})
