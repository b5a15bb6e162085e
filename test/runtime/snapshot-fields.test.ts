import { addEntity, createWorld, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'
import { tickScript } from '../fixtures/scripts.ts'

describe('restore brings back the fields', () => {
  it('of defined components, in the same arrays; slots of entities born later are 0', async () => {
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
    ['that are functions or hold some', { mesh: [] as object[] }, { draw: () => 1 }],
    [
      'of a class of the game',
      { mesh: [] as object[] },
      new (class Sprite {
        frame = 1
      })(),
    ],
  ])('or leaves values alone %s, and is not refused', async (_, Mesh, value) => {
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

  it.fails('of other arrays and nested objects, in place', async () => {
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
})
