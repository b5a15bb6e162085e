import { addEntity } from 'bitecs'
import { History, hashWorld, type ScriptId } from 'bitscript'
import { describe, expect, it, vi } from 'vitest'
import { codeOf, createGame, type Game } from '../../fixtures/game.ts'
import { tickScript } from '../../fixtures/scripts.ts'

const DRIFT = `(module
  (import "host" "random" (func $random (result f64))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (memory (export "memory") 1)
  (func (export "update") (param $eid i32) (param f32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (call $set (local.get $eid) (f32.demote_f64 (call $random)))))`

async function drifting(): Promise<Game & { readonly id: ScriptId; readonly play: (ticks: number) => string[] }> {
  const game = await createGame()
  const { world, components, runtime } = game
  const id = await runtime.loadModule(DRIFT)
  for (let count = 0; count < 20; count++) runtime.attach(addEntity(world, components.Position), id)
  const play = (ticks: number): string[] =>
    Array.from({ length: ticks }, () => {
      runtime.tick(1 / 16)
      return hashWorld(world, components)
    })
  return { ...game, id, play }
}

describe('a history', () => {
  it('goes back, forward, and to a tick', async () => {
    const { world, components, runtime, play } = await drifting()
    const history = new History(runtime)
    const hashes = ['', ...play(30)]
    const here = (): string => hashWorld(world, components)
    expect([history.first, history.last, history.tick]).toEqual([0, 30, 30])
    history.back()
    expect([history.tick, here()]).toEqual([29, hashes[29]])
    history.back(9)
    expect([history.tick, here()]).toEqual([20, hashes[20]])
    history.forward(3)
    expect([history.tick, here()]).toEqual([23, hashes[23]])
    history.goTo(7)
    expect([history.tick, here()]).toEqual([7, hashes[7]])
    history.back(1000)
    expect(history.tick).toBe(0)
    history.forward(1000)
    expect([history.tick, here()]).toEqual([30, hashes[30]])
  })

  it('drops later moments when the game continues from an earlier one', async () => {
    const { components, runtime, play } = await drifting()
    const history = new History(runtime)
    const hashes = play(20)
    history.goTo(10)
    expect(play(2)).toEqual(hashes.slice(10, 12))
    expect(history.last).toBe(12)
    history.goTo(10)
    components.Position.y[9] = 5
    expect(play(1)).not.toEqual(hashes.slice(10, 11))
    expect([history.first, history.last]).toEqual([0, 11])
  })

  it('keeps the configured number of seconds', async () => {
    const { runtime, play } = await drifting()
    const history = new History(runtime, { seconds: 1 })
    play(50)
    expect([history.first, history.last]).toEqual([34, 50])
  })

  it('stays within its limit of bytes, and shares pages that do not change', async () => {
    const { runtime, play } = await drifting()
    const history = new History(runtime, { bytes: 400_000 })
    play(5)
    const few = history.bytes
    // One page of the memory changes, and one of x.
    expect(few).toBeGreaterThan(5 * 16_384)
    play(200)
    expect(history.bytes).toBeLessThanOrEqual(400_000)
    expect(history.last - history.first).toBeGreaterThan(5)
    expect(history.last).toBe(205)
  })

  it('takes no more memory once it has reached its length', async () => {
    const { runtime, play } = await drifting()
    const history = new History(runtime, { seconds: 1 })
    play(40)
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow')
    play(200)
    history.back(5)
    play(40)
    expect(grow).not.toHaveBeenCalled()
    grow.mockRestore()
  })

  it('throws while scripts are running', async () => {
    const { runtime } = await createGame({ host: { game: { begin: () => void begun.push(codeOf(() => new History(runtime))) } } })
    const begun: Promise<unknown>[] = []
    await runtime.loadModule(tickScript('(call $begin)', '(import "game" "begin" (func $begin))'))
    runtime.tick(1)
    expect(await Promise.all(begun)).toEqual(['HostError'])
  })

  it('restores scripts', async () => {
    const { runtime, id, play } = await drifting()
    const history = new History(runtime)
    await runtime.loadModule('(module (memory (export "memory") 1) (func (export "get") (result i32) (i32.load (i32.const 0))))')
    play(10)
    runtime.reloadModule(id, DRIFT)
    history.goTo(4)
    play(3)
    expect(history.tick).toBe(7)
  })

  it('stops recording after dispose, and with the runtime', async () => {
    const { runtime, play } = await drifting()
    const history = new History(runtime)
    play(3)
    history.dispose()
    history.dispose()
    expect(history.bytes).toBe(0)
    expect(await codeOf(() => history.back())).toBe('Disposed')
    play(3)
    expect(history.bytes).toBe(0)
  })

  it('refuses invalid options', async () => {
    const { runtime } = await drifting()
    for (const options of [{ seconds: 0 }, { seconds: Number.NaN }, { bytes: -1 }, { bytes: '1' as never }]) {
      expect(await codeOf(() => new History(runtime, options))).toBe('InvalidOptions')
    }
  })

  it('refuses a value that is not a runtime', async () => {
    for (const wrong of [{}, null]) expect(await codeOf(() => new History(wrong as never))).toBe('InvalidOptions')
  })

  it('throws Disposed after dispose', async () => {
    const { runtime } = await createGame()
    const history = new History(runtime)
    history.dispose()
    history.dispose()
    for (const work of [() => history.first, () => history.last, () => history.tick, () => history.back()]) {
      expect(await codeOf(work)).toBe('Disposed')
    }
    runtime.tick(1)
    expect(history.bytes).toBe(0)
  })
})
