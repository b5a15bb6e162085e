import { $internal, addEntity, createEntityIndex, createWorld, type World, withVersioning } from 'bitecs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkInternals, contextOf, isWorld } from '../../../src/ecs/components/bitecs-internals.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Returns a world whose internals are changed. */
function worldWith(changes: object): World {
  const world = createWorld()
  addEntity(world)
  return { [$internal]: { ...contextOf(world), ...changes } } as unknown as World
}

describe('isWorld', () => {
  it('accepts worlds of bitECS only', () => {
    expect(isWorld(createWorld())).toBe(true)
    expect(isWorld(createWorld({ time: 1 }))).toBe(true)
    for (const other of [undefined, null, 1, 'world', {}, [], createWorld]) expect(isWorld(other)).toBe(false)
  })
})

describe('checkInternals', () => {
  it('accepts a world of the installed bitECS', () => {
    for (const world of [createWorld(), createWorld({ time: 1 }), createWorld(createEntityIndex(withVersioning(8)))]) {
      addEntity(world)
      expect(() => checkInternals(world)).not.toThrow()
    }
    expect(() => checkInternals(worldWith({}))).not.toThrow()
  })

  it.each([
    'entityIndex',
    'entityMasks',
    'entityComponents',
    'componentMap',
    'queries',
    'dirtyQueries',
    'entitiesWithRelations',
    'hierarchyData',
    'hierarchyActiveRelations',
    'hierarchyQueryCache',
  ])('refuses a world without %s', async (name) => {
    const error = await errorOf(() => checkInternals(worldWith({ [name]: undefined })))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toContain(name)
    expect(error.message).toContain('bitecs@0.4.0')
  })

  it('refuses a world in which a part has another type', async () => {
    const { entityIndex } = contextOf(createWorld())
    const { maxId: _, ...rest } = entityIndex
    const others = [{ entityIndex: rest }, { entityMasks: [new Uint32Array(8)] }, { entityComponents: {} }, { queries: [] }]
    for (const other of others) expect(await codeOf(() => checkInternals(worldWith(other)))).toBe('InvalidOptions')
  })

  it('makes WasmScriptRuntime.create reject', async () => {
    const error = await errorOf(createGame({ world: worldWith({ dirtyQueries: undefined }) }))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toContain("'dirtyQueries'")
  })
})

describe('checkInternals with a bitECS that behaves differently', () => {
  afterEach(() => {
    vi.doUnmock('bitecs')
    vi.resetModules()
  })

  it.each([
    ['removeComponent', () => undefined, 'about to leave it'],
    ['getAllEntities', () => [1, 2], "'entityComponents'"],
    ['query', () => [], "'queries'"],
    ['addComponent', () => true, "'entityMasks'"],
  ])('notices a changed %s', async (name, other, sentence) => {
    vi.resetModules()
    vi.doMock('bitecs', async (original) => ({ ...(await original<object>()), [name]: other }))
    const changed = await import('../../../src/ecs/components/bitecs-internals.ts')
    expect((await errorOf(() => changed.checkInternals(createWorld()))).message).toContain(sentence)
  })
})
