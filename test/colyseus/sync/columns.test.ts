import { addComponent, hasComponent, removeComponent } from 'bitecs'
import { type ColumnsOptions, columns, defineGame, q, type Seat, type SyncEncoder, type SyncedFields, startGame } from 'bitscript/colyseus'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ColumnsDecoder } from '../../../src/colyseus/sync/columns-decoder.ts'

const game = defineGame({
  components: {
    Position: { x: 'f32', y: 'f32' },
    Health: { points: 'i16' },
    Aim: { angle: 'f64', at: 'eid', shots: 'u32' },
    Dead: {},
  },
  scripts: {},
  capacity: 64,
  reserve: 0,
})
const FIELDS: SyncedFields = { Position: q(1 / 16), Health: 'exact', Aim: { angle: 'exact', at: 'exact', shots: 'exact' }, Dead: 'exact' }
const running: { dispose(): void }[] = []
afterEach(() => {
  for (const each of running.splice(0)) each.dispose()
})

/** A room of the game with seats, and what their clients read. */
async function open(options: ColumnsOptions = {}, { fields = FIELDS, patchBytes = Number.POSITIVE_INFINITY } = {}) {
  const started = await startGame(game)
  running.push(started.runtime)
  const encoder: SyncEncoder = columns(fields, options).open({ game, running: started, hz: 20, patchEvery: 1, patchBytes })
  const { description } = encoder
  if (description.kind !== 'columns') throw new Error('no columns')
  let tick = 0
  encoder.take(tick)
  return {
    ...started,
    encoder,
    client: () => new ColumnsDecoder(description),
    take: () => encoder.take(++tick),
    id: (entity: number) => started.runtime.version(entity) * game.capacity + entity,
  }
}

function seat(index: number, entity = 0): Seat {
  return { index, id: `session ${index}`, entity, waiting: 0, missed: 0 }
}

describe('columns', () => {
  it('sends all to who joins, then what changed', async () => {
    const { runtime, components, encoder, client, take, id } = await open()
    const ball = runtime.spawn({ Position: { x: 1, y: 2.03 }, Health: { points: -3 } })
    take()
    const decoder = client()
    expect(decoder.read(encoder.full(seat(0)))).toMatchObject({ kind: 'full', tick: 1, entered: [id(ball)] })
    expect(decoder.value(id(ball), 'Position.y')).toBe(2)
    expect(decoder.value(id(ball), 'Health.points')).toBe(-3)
    expect(decoder.value(id(ball), 'Aim.angle')).toBeUndefined()
    expect(decoder.components(id(ball))).toEqual(['Position', 'Health'])

    components.Position.x[ball] = 1.51
    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ kind: 'patch', tick: 2, changed: [id(ball)], entered: [], left: [] })
    expect(decoder.value(id(ball), 'Position.x')).toBe(1.5)

    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ changed: [], entered: [] })
    const gone = id(ball)
    runtime.despawn(ball)
    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ left: [gone] })
    expect(decoder.entities()).toEqual([])
  })

  it('never gives the id of an entity to another', async () => {
    const { runtime, encoder, client, take, id } = await open()
    const decoder = client()
    const first = runtime.spawn({ Health: { points: 1 } })
    const before = id(first)
    take()
    decoder.read(encoder.full(seat(0)))
    runtime.despawn(first)
    const second = runtime.spawn({ Health: { points: 1 } })
    expect(second).toBe(first)
    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ left: [before], entered: [id(second)] })
    expect([decoder.has(before), decoder.has(id(second))]).toEqual([false, true])
  })

  it('sends an entity anew that gets or loses a component', async () => {
    const { world, runtime, components, encoder, client, take, id } = await open()
    const decoder = client()
    const entity = runtime.spawn({ Health: { points: 1 } })
    take()
    decoder.read(encoder.full(seat(0)))
    addComponent(world, entity, components.Dead)
    removeComponent(world, entity, components.Health)
    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ left: [], entered: [id(entity)] })
    expect(decoder.components(id(entity))).toEqual(['Dead'])
    expect(decoder.value(id(entity), 'Health.points')).toBeUndefined()
  })

  it('names the entity that a field refers to as the client knows it', async () => {
    const { runtime, encoder, client, take, id } = await open()
    const target = runtime.spawn({ Health: { points: 1 } })
    const hidden = runtime.spawn({})
    const one = runtime.spawn({ Aim: { at: target, angle: Math.PI, shots: 2 ** 32 - 1 } })
    const other = runtime.spawn({ Aim: { at: hidden } })
    take()
    const decoder = client()
    decoder.read(encoder.full(seat(0)))
    expect(decoder.value(id(one), 'Aim.at')).toBe(id(target))
    expect(decoder.value(id(one), 'Aim.angle')).toBe(Math.PI)
    expect(decoder.value(id(one), 'Aim.shots')).toBe(2 ** 32 - 1)
    expect(decoder.value(id(other), 'Aim.at')).toBe(0)
  })

  it('shows a seat what is near its entity, and the entity itself', async () => {
    const { runtime, components, encoder, client, take, id } = await open({ near: 10 })
    const own = runtime.spawn({ Position: { x: -5, y: 0 } })
    const near = runtime.spawn({ Position: { x: 4, y: 0 } })
    const far = runtime.spawn({ Position: { x: 6, y: 0 } })
    runtime.spawn({ Position: { x: Number.NaN, y: 1e30 } })
    take()
    const decoder = client()
    expect(decoder.read(encoder.full(seat(0, own))).entered).toEqual([id(own), id(near)])
    components.Position.x[own] = 1e9
    take()
    expect(decoder.read(encoder.patch(seat(0, own)))).toMatchObject({ left: [id(near)], changed: [id(own)] })
    components.Position.x[own] = 6
    take()
    expect(decoder.read(encoder.patch(seat(0, own))).entered).toEqual([id(near), id(far)])
    // Without an entity a seat sees what is around the place where it was last.
    take()
    expect(decoder.read(encoder.patch(seat(0)))).toMatchObject({ own: 0, left: [] })
  })

  it('shows a seat what matches the query and what it may see', async () => {
    const { runtime, encoder, client, take, id } = await open({
      query: 'Position !Dead',
      see: ({ index }, entity, { components }) => components.Position?.x?.[entity] === index,
    })
    const [zero, one] = [0, 1].map((x) => runtime.spawn({ Position: { x } }))
    runtime.spawn({ Position: { x: 1 }, Dead: {} })
    runtime.spawn({ Health: {} })
    take()
    expect(client().read(encoder.full(seat(0))).entered).toEqual([id(zero as number)])
    expect(client().read(encoder.full(seat(1))).entered).toEqual([id(one as number)])
    expect(client().read(encoder.full(seat(2, zero))).entered).toEqual([id(zero as number)])
  })

  it('gives a seat fields of its own entity exactly, in each patch', async () => {
    const { runtime, components, encoder, client, take, id } = await open(
      { own: ['Position', 'Aim.angle'] },
      { fields: { Health: 'exact' } },
    )
    const own = runtime.spawn({ Position: { x: 0.1, y: -0 }, Health: {} })
    take()
    const decoder = client()
    expect(decoder.read(encoder.full(seat(0, own))).ownValues).toBeUndefined()
    take()
    const { own: sent, ownValues } = decoder.read(encoder.patch(seat(0, own)))
    expect(sent).toBe(id(own))
    expect([...(ownValues ?? [])]).toEqual([
      ['Position.x', components.Position.x[own]],
      ['Position.y', -0],
    ])
  })

  it('says how many inputs of a seat wait, and how many it missed', async () => {
    const { encoder, client } = await open()
    expect(client().read(encoder.full({ ...seat(0), waiting: 3, missed: 700 }))).toMatchObject({ own: 0, waiting: 3, missed: 700 })
  })

  it('sends the nearest first where there is no room for all, and the others later', async () => {
    const { runtime, components, encoder, client, take, id } = await open({ near: 1000 }, { patchBytes: 60 })
    const own = runtime.spawn({ Position: { x: 0, y: 0 } })
    take()
    const decoder = client()
    decoder.read(encoder.full(seat(0, own)))
    const crowd = Array.from({ length: 40 }, (_, index) =>
      runtime.spawn({ Position: { x: 400 - 10 * index, y: 0 }, Health: { points: index } }),
    )
    take()
    const patch = encoder.patch(seat(0, own)).slice()
    expect(patch.length).toBeLessThanOrEqual(60)
    const first = decoder.read(patch).entered
    expect(first).toContain(id(crowd[39] as number))
    expect(first).not.toContain(id(crowd[0] as number))
    for (let patches = 0; patches < 12; patches++) {
      for (const entity of crowd) components.Health.points[entity] = (components.Health.points[entity] as number) + (patches < 2 ? 1 : 0)
      take()
      const bytes = encoder.patch(seat(0, own)).slice()
      expect(bytes.length).toBeLessThanOrEqual(60)
      decoder.read(bytes)
    }
    expect(crowd.map((entity) => decoder.value(id(entity), 'Health.points'))).toEqual(
      crowd.map((entity) => components.Health.points[entity]),
    )
  })

  it('sends again what changed while a client got no patch', async () => {
    const { runtime, components, encoder, client, take, id } = await open()
    const entity = runtime.spawn({ Health: { points: 1 } })
    take()
    const decoder = client()
    decoder.read(encoder.full(seat(0)))
    components.Health.points[entity] = 2
    take()
    components.Health.points[entity] = 5
    take()
    decoder.read(encoder.patch(seat(0)))
    expect(decoder.value(id(entity), 'Health.points')).toBe(5)
  })

  it('keeps each client at what it may see, whatever happens', async () => {
    const number = fc.oneof(fc.float(), fc.constantFrom(0, 1e9, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 0.03))
    const action = fc.oneof(
      fc.record({ kind: fc.constant('spawn' as const), x: number, points: fc.integer(), dead: fc.boolean() }),
      fc.record({ kind: fc.constant('despawn' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('write' as const), which: fc.nat(), x: number, angle: fc.double(), shots: fc.integer() }),
      fc.record({ kind: fc.constant('hurt' as const), which: fc.nat(), points: fc.option(fc.integer()) }),
      fc.record({ kind: fc.constant('patch' as const), skip: fc.boolean() }),
      fc.record({ kind: fc.constant('join' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), fc.constantFrom(40, 1e9), async (actions, patchBytes) => {
        const { world, runtime, components, encoder, client, take, id } = await open({}, { patchBytes })
        const alive: number[] = []
        let decoders: ColumnsDecoder[] = []
        const patch = (skip = false): void => {
          take()
          decoders.forEach((decoder, index) => {
            if (!(skip && index === 0)) decoder.read(encoder.patch(seat(index)))
          })
        }
        for (const each of actions) {
          const entity = 'which' in each ? alive[each.which % alive.length] : undefined
          if (each.kind === 'spawn' && alive.length < 30)
            alive.push(runtime.spawn({ Position: { x: each.x, y: 1 }, Health: { points: each.points }, ...(each.dead && { Dead: {} }) }))
          else if (each.kind === 'patch') patch(each.skip)
          else if (each.kind === 'join' && decoders.length < 3) {
            const decoder = client()
            decoder.read(encoder.full(seat(decoders.length)))
            decoders = [...decoders, decoder]
          } else if (entity !== undefined) {
            if (each.kind === 'despawn') {
              runtime.despawn(entity)
              alive.splice(alive.indexOf(entity), 1)
            } else if (each.kind === 'write')
              runtime.write(entity, { Position: { x: each.x }, Aim: { angle: each.angle, shots: each.shots } })
            else if (each.kind === 'hurt') runtime.write(entity, { Health: each.points === null ? null : { points: each.points } })
          }
        }
        // With a limit it takes some patches until all came.
        for (let patches = 0; patches < (patchBytes === 40 ? 60 : 1); patches++) patch()
        for (const decoder of decoders) {
          expect(decoder.entities().sort()).toEqual(alive.map(id).sort())
          for (const entity of alive) {
            const x = Math.fround(components.Position.x[entity] as number)
            const steps = Math.max(-(2 ** 31 - 1), Math.min(2 ** 31 - 1, Math.round(x * 16))) || 0
            expect(decoder.value(id(entity), 'Position.x')).toBeCloseTo(steps / 16, 5)
            expect(decoder.value(id(entity), 'Health.points')).toBe(
              hasComponent(world, entity, components.Health) ? components.Health.points[entity] : undefined,
            )
            if (decoder.components(id(entity)).includes('Aim'))
              expect(decoder.value(id(entity), 'Aim.angle')).toBe(components.Aim.angle[entity])
          }
        }
        runtime.dispose()
      }),
      { numRuns: 40 },
    )
  })

  describe('bytes of a stranger', () => {
    it('end with StateRejected, and change nothing', async () => {
      const { runtime, components, encoder, client, take, id } = await open({ own: true })
      const entities = Array.from({ length: 5 }, (_, index) => runtime.spawn({ Position: { x: index }, Health: {}, Aim: { at: 1 } }))
      take()
      const full = encoder.full(seat(0, entities[0])).slice()
      components.Position.x[entities[1] as number] = 90
      runtime.despawn(entities[2] as number)
      runtime.spawn({ Dead: {} })
      take()
      const patch = encoder.patch(seat(0, entities[0])).slice()
      const see = (decoder: ColumnsDecoder): unknown =>
        decoder
          .entities()
          .map((each) => [each, decoder.components(each), decoder.value(each, 'Position.x'), decoder.value(each, 'Aim.angle')])
      fc.assert(
        fc.property(fc.constantFrom(full, patch), fc.array(fc.tuple(fc.nat(200), fc.nat(255))), fc.nat(200), (frame, changes, cut) => {
          const decoder = client()
          decoder.read(full)
          const before = see(decoder)
          const bytes = frame.slice(0, cut < 100 ? cut : undefined)
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
          try {
            decoder.read(bytes)
          } catch (error) {
            expect(error).toMatchObject({ name: 'ScriptError', code: 'StateRejected' })
            expect(see(decoder)).toEqual(before)
          }
        }),
        { numRuns: 300 },
      )
      expect(client().read(full).own).toBe(id(entities[0] as number))
    })

    it.each([
      ['an empty frame', []],
      ['an unknown kind', [4]],
      ['a patch before the full state of another entity', [0, 1, 0, 0, 0, 1, 5, 0, 0]],
      ['an id out of range', [1, 1, 0, 0, 0, 0, 1, 64, 0, 1]],
      ['the entity 0', [1, 1, 0, 0, 0, 0, 1, 0, 0, 1]],
      ['an unknown component', [1, 1, 0, 0, 0, 0, 1, 1, 0, 16, 0]],
      ['no component', [1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0]],
      ['a value that the type cannot hold', [1, 1, 0, 0, 0, 0, 1, 1, 0, 2, 0x80, 0x80, 4, 0]],
      ['more entities than bytes', [1, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f]],
      ['a number of more than 32 bits', [1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0, 0, 0, 0, 0]],
      ['a number that is too long', [1, 0x81, 0, 0, 0, 0, 0, 0, 0]],
      ['bytes at the end', [1, 1, 0, 0, 0, 0, 0, 0, 9]],
    ])('refuses %s', async (_, bytes) => {
      const { client } = await open()
      expect(() => client().read(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'StateRejected' }))
    })
  })

  it.each([
    [{ Positon: 'exact' }, {}, "the game has no 'Positon'; did you mean 'Position'?"],
    [{ Position: { z: 'exact' } }, {}, "the game has no 'Position.z'"],
    [{ Position: { x: 'rough' } }, {}, "'exact' or q(step)"],
    [{ Health: 'exact' }, { near: { radius: 5, x: 'Health.x' } }, "the game has no 'Health.x'"],
    [{ Health: 'exact' }, { own: ['Healt'] }, "did you mean 'Health'?"],
    [{ Health: 'exact' }, { query: 'Position !Ded' }, "did you mean 'Dead'?"],
  ])('refuses %j with %j', async (fields, options, message) => {
    await expect(open(options, { fields: fields as SyncedFields })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    [() => columns({}), 'columns() takes the fields'],
    [() => columns({ Health: 'exact' }, { near: -1 }), 'near'],
    [() => q(0), 'above 0'],
  ])('refuses at once what no game could have', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }))
  })
})
