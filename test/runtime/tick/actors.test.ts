import { entityExists, hasComponent } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'

const text = (json: unknown): string => JSON.stringify(json).replace(/["\\]/g, (character) => `\\${character}`)
const bytes = (json: unknown): number => new TextEncoder().encode(JSON.stringify(json)).length

/** Logs its context, and returns one result. */
const actorScript = (result: unknown, more = ''): string => `(module
  (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 2)
  (data (i32.const 1024) "${text(result)}") (data (i32.const 0) "${text({ name: 'actor', version: '1' })}")
  (func (export "get_metadata") (result i32 i32) (i32.const 0) (i32.const ${bytes({ name: 'actor', version: '1' })}))
  (func (export "process") (param i32 i32) (result i32 i32) (call $log (local.get 0) (local.get 1)) (i32.const 1024) (i32.const ${bytes(result)}))
  ${more})`
const ACTOR = { query: 'Position !Dead', read: ['Position', 'Health'], write: ['Position'] } as const
const FIELDS = { x: 0, y: 0 }

/** A game with an actor that returns a result, and with two entities. */
async function createActing(result: (entities: readonly [number, number]) => unknown, options: object = {}) {
  const game = await createGame()
  const first = game.runtime.spawn({ Position: { x: 1, y: 2 }, Health: { points: 3 } })
  const second = game.runtime.spawn({ Position: {} })
  const id = await game.runtime.loadModule(actorScript(result([first, second])), { name: 'actor', actor: ACTOR, ...options })
  return { ...game, id, first, second }
}

const contexts = ({ logs }: Game): unknown[] => logs.map(({ message }) => JSON.parse(message))

describe('an actor', () => {
  it('is given the entities of its query with the fields that it reads, once a tick', async () => {
    const game = await createActing(() => null, { config: { speed: 2 } })
    game.runtime.tick(0.5)
    game.runtime.tick(0.5)
    const entities = [
      { id: game.first, Position: { x: 1, y: 2 }, Health: { points: 3 } },
      { id: game.second, Position: FIELDS, Health: { points: 0 } },
    ]
    expect(contexts(game)).toEqual([
      { tick: 0, time: 0, dt: 0.5, config: { speed: 2 }, messages: [], entities },
      { tick: 1, time: 0.5, dt: 0.5, config: { speed: 2 }, messages: [], entities },
    ])
  })

  it('is called at its interval, and given the messages that came since', async () => {
    const game = await createActing(() => ({}), { actor: { query: 'Dead', every: 2 } })
    game.runtime.send('actor', 'hello', 1)
    game.runtime.tick(1)
    game.runtime.send('actor', 'again')
    game.runtime.tick(1)
    expect(contexts(game)).toEqual([
      {
        ...{ tick: 1, time: 1, dt: 1, config: null, entities: [] },
        messages: [
          { from: null, topic: 'hello', data: 1 },
          { from: null, topic: 'again', data: null },
        ],
      },
    ])
  })

  it('changes fields, entities and components, and emits, sends and logs', async () => {
    const game = await createActing(([first, second]) => ({
      set: [{ entity: first, Position: { x: 9 } }],
      spawn: [{ Position: { x: 4 }, Dead: {} }],
      despawn: [second],
      add: [{ entity: first, component: 'Dead' }],
      remove: [{ entity: first, component: 'Health' }],
      emit: [{ name: 'hit', args: [1, 2] }],
      send: [{ to: 'actor', topic: 'self' }],
      log: ['a line', { level: 'warn', message: 'a warning' }],
    }))
    const { runtime, world, components, first, second, logs } = game
    const events: unknown[] = []
    runtime.on('event', ({ name, args, script }) => events.push([name, args, script]))
    expect(runtime.tick(1).faults).toBe(0)
    expect([components.Position.x[first], components.Position.y[first]]).toEqual([9, 2])
    expect([
      entityExists(world, second),
      hasComponent(world, first, components.Dead),
      hasComponent(world, first, components.Health),
    ]).toEqual([false, true, false])
    const spawned = [...components.Position.x].indexOf(4)
    expect(hasComponent(world, spawned, components.Dead)).toBe(true)
    expect(events).toEqual([['hit', [1, 2], 'actor']])
    expect(logs.slice(1).map(({ level, message }) => [level, message])).toEqual([
      ['info', 'a line'],
      ['warn', 'a warning'],
    ])
    runtime.tick(1)
    expect(contexts({ ...game, logs: [logs.find(({ message }) => message.includes('"self"')) as never] })).toMatchObject([
      { messages: [{ from: 'actor', topic: 'self', data: null }] },
    ])
  })

  it.each(['handle_message', 'the context of process'])('cannot fault a script by large messages: %s', async (way) => {
    const sent = Array.from({ length: 4 }, () => ({ to: 'receiver', topic: 'x', data: 'x'.repeat(300) }))
    const { runtime, id, errors } = await createActing(() => ({ send: [...sent, { ...sent[0], data: 'x'.repeat(900) }] }))
    const handler = '(func (export "handle_message") (param i32 i32))'
    const options = way === 'handle_message' ? {} : { actor: { query: 'Dead', every: 3 } }
    const source = actorScript(null, way === 'handle_message' ? handler : '')
    await runtime.loadModule(source, { name: 'receiver', limits: { jsonBytes: 1600 }, ...options })
    runtime.tick(1)
    expect(runtime.script(id).stats.messagesDropped).toBe(3)
    for (let tick = 0; tick < 6; tick++) runtime.tick(1)
    expect(errors).toEqual([])
  })

  it('cannot be faulted by replies that are too large, or too many', async () => {
    const asks = { send: [1, 2, 3].map((id) => ({ to: 'answers', topic: 'x', id })) }
    const handler = '(func (export "handle_callback") (param i32 i32) (call $log (local.get 0) (local.get 1)))'
    const repliesTo = async (length: number, limits: object): Promise<unknown> => {
      const game = await createGame()
      const actor = { query: 'Dead', every: 100 }
      await game.runtime.loadModule(actorScript(asks, handler), { name: 'asks', actor, limits })
      const source = `(module (memory (export "memory") 1) (data (i32.const 0) "${text('x'.repeat(length))}")
        (func (export "handle_message") (param i32 i32) (result i32 i32) (i32.const 0) (i32.const ${length + 2})))`
      const id = await game.runtime.loadModule(source, { name: 'answers' })
      for (let tick = 0; tick < 99; tick++) game.runtime.tick(1)
      let dropped = 0
      for (let tick = 0; tick < 3; tick++) {
        game.runtime.tick(1)
        dropped += game.runtime.script(id).stats.messagesDropped
      }
      expect(game.errors).toEqual([])
      return [contexts(game).filter((each) => (each as { data?: unknown }).data !== undefined).length, dropped]
    }
    expect(await repliesTo(10, {})).toEqual([3, 0])
    expect(await repliesTo(10, { messages: 2 })).toEqual([2, 1])
    expect(await repliesTo(600, { jsonBytes: 4000 })).toEqual([3, 0])
    expect(await repliesTo(600, { jsonBytes: 3000 })).toEqual([2, 1])
    expect(await repliesTo(5000, { jsonBytes: 3000 })).toEqual([0, 3])
  })

  it.each([
    ['what is no list', { set: 1 }, /set must be/],
    ['an unknown part', { sett: [] }, /no place for sett/],
    ['an entity that does not exist', { set: [{ entity: 99, Position: {} }] }, /set\[0\]: the entity 99 does not exist/],
    ['an unknown component', { add: [{ entity: 1, component: 'Nothing' }] }, /add\[0\]: there is no component 'Nothing'/],
    ['an unknown field', { set: [{ entity: 1, Position: { z: 1 } }] }, /set\[0\]: Position has no field 'z'/],
    ['a field that it may not write', { set: [{ entity: 1, Health: { points: 1 } }] }, /set\[0\]\.Health is not in actor\.write/],
    ['a script that does not exist', { send: [{ to: 'nobody', topic: 'a' }] }, /send\[0\]\.to names no script/],
    ['a change that is not granted', { add: [{ entity: 1, component: 'Dead' }] }, /add\[0\]\.component is not granted/],
    ['a spawn that is not granted', { spawn: [{}] }, /spawn\[0\] is not granted/],
    ['an event that is not granted', { emit: [{ name: 'hit' }] }, /emit\[0\]\.name is not granted/],
  ])('changes nothing if its result has %s', async (_, wrong, message) => {
    const grant = { read: ['Position', 'Health', 'Dead'], write: ['Position', 'Health'], host: ['log'] }
    const right = { set: [{ entity: 1, Position: { x: 7 } }] }
    const { runtime, components, errors, id } = await createActing(() => ({ ...right, ...(wrong as object) }), { grant })
    runtime.tick(1)
    expect(errors[0]).toMatchObject({ code: 'InvalidResult', script: 'actor', export: 'process', message: expect.stringMatching(message) })
    expect(components.Position.x[1]).toBe(1)
    expect(runtime.script(id).status).toBe('faulted')
  })

  it('changes nothing if the world has no room for all that it spawns', async () => {
    const { runtime, errors, components } = await createActing(() => ({
      set: [{ entity: 1, Position: { x: 7 } }],
      spawn: Array.from({ length: 1100 }, () => ({})),
    }))
    runtime.tick(1)
    expect(errors[0]).toMatchObject({ code: 'EntityOutOfRange' })
    expect(components.Position.x[1]).toBe(1)
  })

  it('pays for what it asks for', async () => {
    const { runtime, errors } = await createActing(() => ({ spawn: [{}, {}] }), { limits: { fuel: 2000 } })
    runtime.tick(1)
    expect(errors[0]).toMatchObject({ code: 'OutOfFuel' })
  })

  it('must export process and get_metadata, and name what is there and granted', async () => {
    const { runtime } = await createGame()
    const load = (script: string, actor: object, options: object = {}): Promise<{ code: string; message: string }> =>
      errorOf(runtime.loadModule(script, { actor: actor as never, ...options }))
    expect((await load('(module (func (export "tick") (param f32)))', ACTOR)).code).toBe('MissingExport')
    expect((await load('(module (func (export "process") (param f32)))', ACTOR)).code).toBe('SignatureMismatch')
    expect((await load(actorScript(null), { query: 'Positon' })).message).toMatch(/did you mean 'Position'/)
    expect((await load(actorScript(null), { query: ' ' })).code).toBe('InvalidOptions')
    expect((await load(actorScript(null), { query: 'Dead', read: ['Healt'] })).message).toMatch(/did you mean 'Health'/)
    expect((await load(actorScript(null), ACTOR, { grant: { read: ['Position'], host: ['log'] } })).code).toBe('GrantDenied')
    const nameless = actorScript(null).replace('get_metadata', 'metadata')
    expect((await load(nameless, ACTOR)).message).toMatch(/'get_metadata'/)
  })
})

describe('validate_config', () => {
  const validating = (answer: unknown): string =>
    actorScript(answer, `(func (export "validate_config") (param i32 i32) (result i32 i32) (i32.const 1024) (i32.const ${bytes(answer)}))`)

  it('is asked before init, and may refuse the config with what is wrong', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(validating(true), { name: 'content' })
    const { code, message } = await errorOf(runtime.loadModule(validating('speed must be positive'), { config: { speed: -1 } }))
    expect([code, message]).toEqual(['InvalidOptions', expect.stringContaining('speed must be positive')])
    expect(await codeOf(runtime.loadModule(validating(1)))).toBe('InvalidOptions')
    expect(runtime.scripts().map(({ name }) => name)).toEqual(['content'])
  })
})
