import { addEntity, createWorld, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { tickScript } from '../../fixtures/scripts.ts'

describe('restore restores the fields', () => {
  it('of defined components, in the same arrays; values of later entities are 0', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Health } = components
    const arrays = [Position.x, Position.y, Health.points]
    const entity = addEntity(world, Position, Health)
    Position.x[entity] = 0.1
    Health.points[entity] = -3
    const snapshot = runtime.snapshot()
    const later = addEntity(world, Position, Health)
    Position.x[entity] = 5
    Position.x[later] = 6
    Health.points[later] = 7
    removeEntity(world, later)
    runtime.restore(snapshot)
    expect([Position.x[entity], Health.points[entity]]).toEqual([Math.fround(0.1), -3])
    expect([Position.x[later], Health.points[later]]).toEqual([0, 0])
    expect([Position.x, Position.y, Health.points]).toEqual(arrays)
    expect(arrays[0]).toBe(Position.x)
  })

  it('named __proto__ or like what objects inherit, as values of their own', async () => {
    const Plain = JSON.parse('{"bag":{"__proto__":{"isAdmin":true},"toString":"text"},"things":[{"__proto__":{"isAdmin":true}}]}')
    const { runtime } = await createGame({ world: createWorld(), components: { Plain } })
    const text = JSON.stringify(Plain)
    const snapshot = runtime.snapshot()
    Plain.bag = {}
    Plain.things = [{}]
    runtime.restore(snapshot)
    expect(JSON.stringify(Plain)).toBe(text)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect(String({})).toBe('[object Object]')
  })

  it('of plain components: lists with holes, typed arrays, texts and objects, in place', async () => {
    const shared = { deep: 1 }
    const Plain = {
      list: [] as number[],
      typed: new Int16Array(20),
      names: [] as string[],
      things: [] as object[],
      single: { of: 'all' },
      count: 3,
    }
    const List = [] as { hp: number }[]
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Plain, List } })
    const [one, two, three] = [1, 2, 3].map(() => addEntity(world, Plain)) as [number, number, number]
    Plain.list[three] = 1.5
    Plain.typed[two] = -9
    Plain.names[one] = 'one'
    Plain.things[two] = shared
    List[two] = { hp: 4 }
    const copy = structuredClone({ Plain, List })
    const { list, typed } = Plain
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      const later = addEntity(world, Plain)
      Plain.list[one] = 8
      Plain.list[later] = 9
      Plain.typed.fill(1, 0, later + 1)
      Plain.names[one] = 'other'
      Plain.names[later] = 'later'
      shared.deep++
      Plain.things[one] = {}
      Plain.single.of = 'none'
      Plain.count = 4
      List[two] = { hp: 5 }
      List[later] = { hp: 6 }
      runtime.restore(snapshot)
      expect({ Plain, List }).toEqual(copy)
      expect([Plain.list.length, one in Plain.list, three in Plain.list]).toEqual([three + 1, false, true])
      expect([Plain.list === list, Plain.typed === typed]).toEqual([true, true])
    }
  })

  it.each([
    ['that are functions or contain functions', { mesh: [] as object[] }, { draw: () => 1 }],
    [
      'of a class of the game',
      { mesh: [] as object[] },
      new (class Sprite {
        frame = 1
      })(),
    ],
  ])('except for values %s, which it keeps', async (_, Mesh, value) => {
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Mesh } })
    const entity = addEntity(world, Mesh)
    Mesh.mesh[entity] = value
    const snapshot = runtime.snapshot()
    runtime.restore(snapshot)
    expect(Object.getPrototypeOf(Mesh.mesh[entity])).toBe(Object.getPrototypeOf(value))
    const id = await runtime.loadModule(tickScript(''))
    await runtime.reloadModule(id, tickScript(''))
  })

  it('of other arrays and nested objects, in place', async () => {
    const Plain = { big: new BigInt64Array(4), pos: { x: [1] } }
    const { big, pos } = Plain
    const { runtime } = await createGame({ world: createWorld(), components: { Plain } })
    const snapshot = runtime.snapshot()
    big[1] = 5n
    pos.x[0] = 2
    runtime.restore(snapshot)
    expect([big[1], pos.x[0]]).toEqual([0n, 1])
    expect([Plain.big === big, Plain.pos === pos]).toEqual([true, true])
  })

  it('of nested objects, in place, whatever happened to them', async () => {
    class Vector {
      x = 1
    }
    const state = (): object => ({
      list: [1, [2, { three: 3 }], new Vector()],
      table: new Map<unknown, unknown>([
        ['key', { value: 1 }],
        [1, 'one'],
      ]),
      set: new Set([1, 'two']),
      bytes: new Uint8Array([1, 2, 3]),
      date: new Date(5),
      nothing: null,
    })
    const Plain = { of: state() as Record<string, unknown> }
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Plain } })
    const { of } = Plain
    const { list, table, set, bytes } = of as { list: unknown[]; table: Map<unknown, unknown>; set: Set<unknown>; bytes: Uint8Array }
    const [inner, vector, value] = [list[1], list[2] as Vector, table.get('key')]
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      vector.x = 2
      list.push(4)
      ;(inner as unknown[]).length = 0
      table.set('key', value).set('other', 2).delete(1)
      Object.assign(value as object, { value: 2, more: 3 })
      set.clear()
      bytes.fill(9)
      Object.assign(of, { date: 'late', nothing: {}, later: 1 })
      runtime.restore(snapshot)
      expect(Plain.of).toEqual(state())
      expect(Plain.of).toBe(of)
      expect([of.list, of.table, of.set, of.bytes, list[1], list[2], table.get('key')]).toSatisfy((now: unknown[]) =>
        now.every((each, index) => each === [list, table, set, bytes, inner, vector, value][index]),
      )
    }
  })

  it('of objects that are shared, are no longer shared, or contain themselves', async () => {
    const self: Record<string, unknown> = { name: 'self' }
    self.self = self
    const Plain = { things: [{ hp: 1 }, { hp: 2 }] as { hp: number }[], single: { hp: 3 }, self }
    const [one, two] = Plain.things as [{ hp: number }, { hp: number }]
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Plain } })
    const apart = runtime.snapshot()
    Plain.things = [two, two]
    Plain.single = two
    const joined = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      runtime.restore(apart)
      expect([Plain.things, Plain.single]).toEqual([[{ hp: 1 }, { hp: 2 }], { hp: 3 }])
      expect(Plain.things[0]).not.toBe(Plain.things[1])
      runtime.restore(joined)
      expect(Plain.things).toEqual([{ hp: 2 }, { hp: 2 }])
      expect(Plain.things[0]).toBe(Plain.things[1])
      expect(Plain.self.self).toBe(Plain.self)
    }
    expect(one).toEqual({ hp: 1 })
  })

  it('of other objects that contain objects that cannot be copied', async () => {
    const Plain = {
      fixed: Object.freeze({ x: 1 }) as { x: number },
      half: {
        width: 2,
        get area(): number {
          return this.width * this.width
        },
      },
    }
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Plain } })
    const snapshot = runtime.snapshot()
    Plain.fixed = Object.freeze({ x: 2 })
    Plain.half.width = 3
    runtime.restore(snapshot)
    expect([Plain.fixed.x, Plain.half.area]).toEqual([1, 4])
  })

  it('of arrays whose length or type changed, and of views', async () => {
    const Plain = { grown: new Float32Array([1, 2]), other: new Int8Array([3]) as Int8Array | Int16Array, view: Buffer.from([5, 6]) }
    const world = createWorld()
    const { runtime } = await createGame({ world, components: { Plain } })
    const snapshot = runtime.snapshot()
    const grown = new Float32Array([7, 8, 9])
    Object.assign(Plain, { grown, other: new Int16Array([4]) })
    Plain.view[0] = 7
    runtime.restore(snapshot)
    expect([Plain.grown, Plain.other, [...Plain.view]]).toEqual([new Float32Array([1, 2, 0]), new Int8Array([3]), [5, 6]])
    expect(Plain.grown).toBe(grown)
  })
})
