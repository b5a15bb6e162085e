import { decodeInputs, encodeInputs, type GameInput, History, hashWorld, InputPlayer, Recorder, Snapshot, setClock } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'

const MOVER = `(module (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (func (export "on_push") (param i32 f64) (call $set (local.get 0) (f32.demote_f64 (local.get 1))))
  (func (export "update") (param $e i32) (param f32)
    (call $set (local.get $e) (f32.add (call $x (local.get $e)) (f32.demote_f64 (call $random))))))`
const TRAPS = MOVER.replace('(param $e i32) (param f32)', '(param $e i32) (param f32) unreachable')
const EXPLODES_AT_3 = `(module (global $n (mut i32) (i32.const 0)) (func (export "tick") (param f32)
  (global.set $n (i32.add (global.get $n) (i32.const 1))) (if (i32.eq (global.get $n) (i32.const 3)) (then unreachable))))`

async function createMover(): Promise<Game> {
  const game = await createGame({ seed: 7 })
  await game.runtime.loadModule(MOVER, { name: 'mover' })
  return game
}

function hashOf({ world, components }: Game): string {
  return hashWorld(world, components)
}

function listen({ runtime }: Game): GameInput[] {
  const inputs: GameInput[] = []
  runtime.on('input', (input) => inputs.push(input))
  return inputs
}

describe("on('input')", () => {
  it('tells what the host does, with the ticks before it, before it takes effect', async () => {
    const game = await createMover()
    const { runtime } = game
    const seen: unknown[] = []
    runtime.on('input', (input) => seen.push([input, hashOf(game)]))
    const before = hashOf(game)
    const ship = runtime.spawn({ Position: { x: 1 } })
    const spawned = hashOf(game)
    const mover = runtime.find('mover')?.id as never
    runtime.attach(ship, mover)
    const attached = hashOf(game)
    runtime.tick(0.5)
    runtime.emit('push', ship, 2)
    expect(seen).toEqual([
      [{ tick: 0, kind: 'spawn', components: { Position: { x: 1 } } }, before],
      [{ tick: 0, kind: 'attach', entity: ship, script: 'mover' }, spawned],
      [{ tick: 0, kind: 'tick', dt: 0.5 }, attached],
      [{ tick: 1, kind: 'emit', name: 'push', args: [ship, 2] }, hashOf(game)],
    ])
  })

  it('does not tell what scripts cause, nor what is refused', async () => {
    const { runtime } = await createGame({ host: { test: { spawn: () => void runtime.spawn() } } })
    await runtime.loadModule('(module (import "test" "spawn" (func $spawn)) (func (export "tick") (param f32) (call $spawn)))')
    const inputs: GameInput[] = []
    runtime.on('input', (input) => inputs.push(input))
    expect(() => runtime.write(999, {})).toThrow('EntityOutOfRange')
    runtime.tick(1)
    expect(inputs.map(({ kind }) => kind)).toEqual(['tick'])
  })

  it('keeps arguments as they were', async () => {
    const game = await createMover()
    const inputs = listen(game)
    const fields = { x: 1 }
    game.runtime.spawn({ Position: fields })
    fields.x = 2
    expect(inputs).toEqual([{ tick: 0, kind: 'spawn', components: { Position: { x: 1 } } }])
  })

  it('refuses changes by its listeners, and reports them', async () => {
    const { runtime, errors } = await createMover()
    const off = runtime.on('input', () => runtime.emit('push', 1, 2))
    runtime.tick(1)
    off()
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['HostError', expect.stringContaining("a listener for 'input' must not change the game")],
    ])
    expect(runtime.snapshot().tick).toBe(1)
  })

  it('ends the action if a listener disposes of the runtime', async () => {
    const { runtime } = await createMover()
    runtime.on('input', () => runtime.dispose())
    expect(await codeOf(() => runtime.spawn())).toBe('Disposed')
  })

  it('is heard by several recorders at once', async () => {
    const { runtime } = await createMover()
    const [first, second] = [new Recorder(runtime), new Recorder(runtime)]
    runtime.tick(1)
    expect(first.stop().content.inputs).toEqual(second.stop().content.inputs)
  })
})

describe('InputPlayer', () => {
  async function play(game: Game, other: Game, act: () => unknown): Promise<InputPlayer> {
    const saved = game.runtime.snapshot().toBytes()
    const sent: Uint8Array[] = []
    game.runtime.on('input', (input) => sent.push(encodeInputs([input])))
    await act()
    const player = InputPlayer.begin(other.runtime, Snapshot.fromBytes(saved), { load: true })
    for (const bytes of sent) await player.play(decodeInputs(bytes))
    return player
  }

  it('makes another game the same, from any tick on, through reloads, restores, clocks and reverts', async () => {
    const [game, other] = [await createMover(), await createMover()]
    const { runtime } = game
    const mover = runtime.find('mover')?.id as never
    for (let tick = 0; tick < 5; tick++) runtime.tick(1 / 20)
    const player = await play(game, other, async () => {
      const ship = runtime.spawn({ Position: { x: 1 } })
      runtime.attach(ship, mover)
      runtime.tick(1 / 20)
      runtime.emit('push', ship, Number.NaN)
      runtime.emit('push', ship, -0)
      const saved = runtime.snapshot()
      runtime.tick(1 / 20)
      await runtime.reloadModule(mover, MOVER.replace('f32.add', 'f32.sub'))
      runtime.tick(1 / 20)
      setClock(runtime, { tick: 100, time: 5 })
      runtime.tick(1 / 20)
      runtime.revert(mover)
      runtime.restore(saved)
      await runtime.loadModule(MOVER, { name: 'second' })
      runtime.write(ship, { Health: { points: 3 } })
      runtime.tick(1 / 20)
    })
    expect(hashOf(other)).toBe(hashOf(game))
    expect(other.runtime.snapshot().toBytes()).toEqual(runtime.snapshot().toBytes())
    player.end()
    for (const each of [game, other]) each.runtime.tick(1 / 20)
    expect(hashOf(other)).toBe(hashOf(game))
  })

  it('can begin at any input, from the snapshot that a listener takes', async () => {
    const game = await createMover()
    const { runtime } = game
    const cuts: { readonly bytes: Uint8Array; readonly from: number }[] = []
    const inputs: GameInput[] = []
    runtime.on('input', (input) => {
      cuts.push({ bytes: runtime.snapshot().toBytes(), from: inputs.length })
      inputs.push(input)
    })
    const mover = runtime.find('mover')?.id as never
    for (let tick = 0; tick < 4; tick++) {
      const ship = runtime.spawn({ Position: { x: tick } })
      runtime.attach(ship, mover)
      runtime.emit('push', ship, tick)
      if (tick === 2) runtime.despawn(ship)
      runtime.tick(1 / 20)
    }
    const hash = hashOf(game)
    for (const { bytes, from } of cuts) {
      const other = await createMover()
      await InputPlayer.begin(other.runtime, Snapshot.fromBytes(bytes)).play(inputs.slice(from))
      expect([from, hashOf(other)]).toEqual([from, hash])
    }
  })

  it('plays a trap on probation, which takes code and world back', async () => {
    const [game, other] = [await createMover(), await createMover()]
    const { runtime } = game
    const mover = runtime.find('mover')?.id as never
    await play(game, other, async () => {
      runtime.attach(runtime.spawn({ Position: {} }), mover)
      runtime.tick(1)
      await runtime.reloadModule(mover, TRAPS)
      for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    })
    expect(runtime.script(mover).generation).toBe(1)
    expect(hashOf(other)).toBe(hashOf(game))
  })

  it('refuses inputs of another tick, and any input of the host until it ends', async () => {
    const { runtime } = await createMover()
    const player = InputPlayer.begin(runtime, runtime.snapshot())
    const error = await errorOf(player.play([{ tick: 3, kind: 'tick', dt: 1 }]))
    expect(error.message).toMatch(/next input is of tick 3, and the game is at tick 0: inputs are missing.*StateRejected/)
    expect(await codeOf(() => runtime.tick(1))).toBe('HostError')
    expect(await codeOf(() => InputPlayer.begin(runtime, runtime.snapshot()))).toBe('InvalidOptions')
    player.end()
    player.end()
    expect(await codeOf(player.play([]))).toBe('Disposed')
    runtime.tick(1)
  })

  it('says that a rollback is missing for inputs that begin during a probation', async () => {
    const [game, other] = [await createGame(), await createGame()]
    for (const { runtime } of [game, other]) await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'bomb' })
    const bomb = game.runtime.find('bomb')?.id as never
    await game.runtime.reloadModule(bomb, EXPLODES_AT_3)
    await other.runtime.reloadModule(bomb, EXPLODES_AT_3)
    game.runtime.tick(1)
    expect(game.runtime.script(bomb).probation).toBe(59)
    const late = play(game, other, () => {
      for (let tick = 0; tick < 4; tick++) game.runtime.tick(1)
    })
    expect(await codeOf(late)).toBe('StateRejected')
  })

  it('refuses inputs that no game can have had, and scripts that it may not load, before it plays any', async () => {
    const { runtime } = await createMover()
    const player = InputPlayer.begin(runtime, runtime.snapshot())
    const tick: GameInput = { tick: 0, kind: 'tick', dt: 1 }
    const load = { tick: 1, kind: 'load', script: 'thief', content: MOVER, options: {} } as const
    for (const wrong of [[tick, load], [tick, { ...tick, dt: -1 }], [tick, { tick: 1, kind: 'quit' }], [{ kind: 'tick', dt: 1 }]])
      expect(await codeOf(player.play(wrong as never))).toBe('LoadFailed')
    expect(runtime.snapshot().tick).toBe(0)
    expect(await codeOf(() => decodeInputs(new Uint8Array(3)))).toBe('LoadFailed')
    expect(await codeOf(() => decodeInputs(encodeInputs([{ ...tick, tick: -1 }])))).toBe('LoadFailed')
    expect(await codeOf(() => encodeInputs([{ ...tick, dt: (() => 1) as never }]))).toBe('InvalidOptions')
  })

  it('lets a listener do what is next among the inputs', async () => {
    const [game, other] = [await createMover(), await createMover()]
    for (const { runtime } of [game, other]) runtime.on('tick', ({ tick }) => tick < 3 && runtime.spawn({ Position: { x: tick } }))
    const saved = game.runtime.snapshot().toBytes()
    const inputs = listen(game)
    for (let tick = 0; tick < 3; tick++) game.runtime.tick(1)
    await InputPlayer.begin(other.runtime, Snapshot.fromBytes(saved)).play(inputs)
    expect(inputs.map(({ kind }) => kind)).toEqual(['tick', 'spawn', 'tick', 'spawn', 'tick'])
    expect(hashOf(other)).toBe(hashOf(game))
    expect(other.errors).toEqual([])
  })
})

describe('setClock', () => {
  it('sets ticks and seconds, which scripts read, and nothing else', async () => {
    const { runtime, world, components } = await createGame()
    const id =
      await runtime.loadModule(`(module (import "host" "tick" (func $tick (result i32))) (import "host" "time" (func $time (result f64)))
      (func (export "tick_of") (result i32) (call $tick)) (func (export "time_of") (result f64) (call $time)))`)
    const history = new History(runtime)
    const before = hashWorld(world, components)
    setClock(runtime, { tick: 41, time: 2.05 })
    expect([runtime.call(id, 'tick_of'), runtime.call(id, 'time_of')]).toEqual([41, 2.05])
    expect(hashWorld(world, components)).toBe(before)
    expect(runtime.tick(0.05)).toMatchObject({ tick: 42 })
    setClock(runtime, { tick: 3, time: 0 })
    expect([history.first, history.last]).toEqual([0, 42])
    runtime.tick(1)
    expect([history.first, history.last]).toEqual([0, 4])
  })

  it.each([
    { tick: -1, time: 0 },
    { tick: 0.5, time: 0 },
    { tick: 2 ** 53, time: 0 },
    { tick: 1, time: Number.NaN },
    { tick: 1, time: -1 },
    { tick: 1 },
    7,
  ])('refuses %o', async (clock) => {
    const { runtime } = await createGame()
    expect(await codeOf(() => setClock(runtime, clock as never))).toBe('InvalidOptions')
    expect(runtime.snapshot()).toMatchObject({ tick: 0, time: 0 })
  })
})
