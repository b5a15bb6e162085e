import { addEntity } from 'bitecs'
import { History, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import type { Capabilities } from '../../src/guest/guest.ts'
import { storeOf } from '../../src/runtime/script/store.ts'
import { codeOf, createGame, errorOf, type Game } from '../fixtures/game.ts'
import { TOY_PRICE, ToyGuest, toyModule } from '../fixtures/toy-guest.ts'

/** A game that knows one more kind of guest. */
async function createToyGame(capabilities: Partial<Capabilities> = {}): Promise<Game & { readonly guest: ToyGuest }> {
  const game = await createGame()
  const guest = new ToyGuest(capabilities)
  storeOf(game.runtime).guests.unshift(guest)
  return { ...game, guest }
}

function attachEntities({ world, runtime }: Game, script: Parameters<Game['runtime']['attach']>[1], count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    const entity = addEntity(world)
    runtime.attach(entity, script)
    return entity
  })
}

describe('a guest', () => {
  it('opens the modules that it claims, and others are scripts', async () => {
    const { runtime } = await createToyGame()
    expect(runtime.script(await runtime.loadModule(toyModule())).guest).toBe('extism')
    expect(runtime.script(await runtime.loadModule('(module (func (export "tick") (param f32)))')).guest).toBe('script')
  })

  it('is called by its roles, and spends the fuel of the script', async () => {
    const game = await createToyGame()
    const { runtime, guest } = game
    const toy = await runtime.loadModule(toyModule())
    attachEntities(game, toy, 3)
    runtime.tick(1)
    expect(guest.instances[0]?.count).toBe(4)
    expect(runtime.script(toy).stats.fuel).toBe(4 * TOY_PRICE)
  })

  it('ends when its fuel is spent', async () => {
    const { runtime, errors } = await createToyGame()
    await runtime.loadModule(toyModule(), { limits: { fuel: TOY_PRICE - 1 } })
    runtime.tick(1)
    expect(errors.map(({ code }) => code)).toEqual(['OutOfFuel'])
  })

  it('takes and returns JSON and bytes', async () => {
    const { runtime } = await createToyGame()
    const toy = await runtime.loadModule(toyModule())
    expect(runtime.callJson(toy, 'greet', ['you'])).toEqual({ name: 'greet', argument: ['you'], count: 0 })
    expect(runtime.callBytes(toy, 'reverse', Uint8Array.of(1, 2))).toEqual(Uint8Array.of(2, 1))
  })

  it('passes its state on when it is reloaded', async () => {
    const { runtime, guest } = await createToyGame()
    const toy = await runtime.loadModule(toyModule(1))
    runtime.tick(1)
    expect((await runtime.reloadModule(toy, toyModule(2))).state).toBe('restored')
    runtime.tick(1)
    expect(guest.instances.at(-1)?.count).toBe(2)
  })
})

describe('a guest that saves its state', () => {
  it('is restored by a snapshot', async () => {
    const { runtime, guest } = await createToyGame()
    await runtime.loadModule(toyModule())
    runtime.tick(1)
    const saved = runtime.snapshot()
    runtime.tick(1)
    runtime.restore(Snapshot.fromBytes(saved.toBytes()))
    // The bytes are tried on a new instance, which then takes the place of the other.
    expect(guest.instances.at(-1)?.count).toBe(1)
  })

  it('is rolled back when its new code traps on probation', async () => {
    const game = await createToyGame()
    const { runtime, guest } = game
    const toy = await runtime.loadModule(toyModule(1))
    const [entity = 0] = attachEntities(game, toy, 1)
    runtime.tick(1)
    await runtime.reloadModule(toy, toyModule(2))
    guest.trapsOn = entity
    runtime.tick(1)
    expect(runtime.script(toy)).toMatchObject({ status: 'active', generation: 1 })
  })
})

describe('a guest that does not save its state', () => {
  it('is refused by snapshots and histories, which say so', async () => {
    const { runtime } = await createToyGame({ snapshot: false })
    await runtime.loadModule(toyModule(), { name: 'toy' })
    const error = await errorOf(() => runtime.snapshot())
    expect(error).toMatchObject({ code: 'StateRejected', script: 'toy' })
    expect(error.message).toContain("the state of a guest of the kind 'extism' cannot be saved")
    expect(await codeOf(() => new History(runtime))).toBe('StateRejected')
  })

  it('is reloaded without a probation, as are the scripts beside it', async () => {
    const game = await createToyGame({ snapshot: false })
    const { runtime, guest } = game
    const toy = await runtime.loadModule(toyModule(1))
    const script = await runtime.loadModule('(module (func (export "tick") (param f32)))')
    const [entity = 0] = attachEntities(game, toy, 1)
    await runtime.reloadModule(script, '(module (func (export "tick") (param f32) unreachable))')
    await runtime.reloadModule(toy, toyModule(2))
    guest.trapsOn = entity
    runtime.tick(1)
    for (const id of [toy, script]) expect(runtime.script(id)).toMatchObject({ status: 'faulted', generation: 2 })
  })
})

describe('a guest with an instance for each entity', () => {
  it('is made one for each', async () => {
    const game = await createToyGame()
    const toy = await game.runtime.loadModule(toyModule(), { instances: 'entity' })
    attachEntities(game, toy, 3)
    game.runtime.tick(1)
    expect(game.guest.instances.filter(({ count }) => count > 0)).toHaveLength(3)
  })

  it('is refused if it can have no more than one', async () => {
    const { runtime } = await createToyGame({ perEntity: false })
    const error = await errorOf(runtime.loadModule(toyModule(), { instances: 'entity' }))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toContain("instances cannot be 'entity' for a guest of the kind 'extism'")
    expect(runtime.scripts()).toEqual([])
  })
})

describe("onFault: 'detach'", () => {
  it('takes the entity from a guest that can run again', async () => {
    const game = await createToyGame()
    const toy = await game.runtime.loadModule(toyModule(), { onFault: 'detach' })
    game.guest.trapsOn = attachEntities(game, toy, 3)[1] as number
    game.runtime.tick(1)
    expect(game.runtime.script(toy).status).toBe('active')
    expect(game.guest.instances[0]?.count).toBe(3)
  })

  it('makes a guest anew that cannot, as it was when the tick began', async () => {
    const game = await createToyGame({ resumes: false })
    const { runtime, guest } = game
    const toy = await runtime.loadModule(toyModule(), { onFault: 'detach' })
    const entities = attachEntities(game, toy, 3)
    runtime.tick(1)
    expect([guest.instances.length, guest.instances[0]?.count]).toEqual([1, 4])
    guest.trapsOn = entities[1] as number
    runtime.tick(1)
    expect(runtime.script(toy).status).toBe('active')
    // The one that trapped had counted its tick and an entity; the new one counts the last entity.
    expect(guest.instances.map(({ count }) => count)).toEqual([6, 5])
    expect(runtime.tick(1)).toMatchObject({ entities: 2, faults: 0 })
    expect(guest.instances.map(({ count }) => count)).toEqual([6, 8])
  })
})

describe('inlined accessors', () => {
  it.each([true, false])('are made only for a guest that can have them: %s', async (inline) => {
    const { runtime, guest } = await createToyGame({ inline })
    await runtime.loadModule(toyModule(), { link: 'inline' })
    expect(guest.opened[0]?.link).toBe(inline ? 'inline' : 'host')
  })
})
