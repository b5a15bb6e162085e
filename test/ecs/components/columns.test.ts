import { addComponent, addEntity, createWorld, query } from 'bitecs'
import { defineComponents } from 'bitscript'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { layoutOf } from '../../../src/ecs/components/columns.ts'
import { errorOf } from '../../fixtures/game.ts'

describe('defineComponents', () => {
  const schema = { A: { f: 'f32', d: 'f64', b: 'i8', c: 'u8', s: 'i16', t: 'u16', i: 'i32', u: 'u32', e: 'eid' }, Tag: {} } as const

  it('makes a typed array for each field, as long as the capacity', () => {
    const { A, Tag } = defineComponents(schema, { capacity: 7, reserve: 0 })
    expect(Object.entries(A).map(([name, column]) => [name, column.constructor.name, column.length])).toEqual([
      ['f', 'Float32Array', 7],
      ['d', 'Float64Array', 7],
      ['b', 'Int8Array', 7],
      ['c', 'Uint8Array', 7],
      ['s', 'Int16Array', 7],
      ['t', 'Uint16Array', 7],
      ['i', 'Int32Array', 7],
      ['u', 'Uint32Array', 7],
      ['e', 'Uint32Array', 7],
    ])
    expect(Tag).toEqual({})
    expectTypeOf(A.f).toEqualTypeOf<Float32Array<ArrayBuffer>>()
    expectTypeOf(A.e).toEqualTypeOf<Uint32Array<ArrayBuffer>>()
  })

  it('places all columns in one memory, aligned and without overlap, and the reserve behind them', () => {
    const { A } = defineComponents(schema, { capacity: 7, reserve: 100_000 })
    const { memory, fields } = layoutOf(A) as NonNullable<ReturnType<typeof layoutOf>>
    const places = Object.values(A).map((column) => [column.byteOffset, column.byteOffset + column.byteLength] as const)
    for (const column of Object.values(A)) expect(column.buffer).toBe(memory.buffer)
    for (const [index, [start]] of places.entries()) {
      expect(start % 16).toBe(0)
      expect(start).toBeGreaterThanOrEqual(places[index - 1]?.[1] ?? 0)
    }
    expect([...fields.values()].map((field) => field.base)).toEqual(places.map(([start]) => start))
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual((places.at(-1)?.[1] ?? 0) + 100_000)
    expect(() => memory.grow(1)).toThrow()
  })

  it('returns ordinary bitECS components', () => {
    const { A, Tag } = defineComponents(schema, { capacity: 7, reserve: 0 })
    const world = createWorld()
    const entity = addEntity(world, A)
    addComponent(world, entity, Tag)
    expect(query(world, [A, Tag])).toEqual([entity])
  })

  it.each([
    [{ A: { x: 'f16' } }, {}, /type of A.x must be one of f32, f64, i8.*not "f16"/],
    [{ A: { x: 'toString' } }, {}, /type of A.x/],
    [{ A: { data: 'f32' } }, {}, /field 'A.data' must have another name/],
    [{ A: { component: 'f32' } }, {}, /field 'A.component'/],
    [{ 'A b': {} }, {}, /component 'A b'/],
    [{ '!A': {} }, {}, /component '!A'/],
    [{ A: { 'x.y': 'f32' } }, {}, /field 'A.x.y'/],
    [{}, { capacity: 0 }, /capacity must be a whole number, 1 or more/],
    [{}, { capacity: Number.NaN }, /capacity/],
    [{}, { reserve: -1 }, /reserve must be/],
    [{}, { size: 1 }, /no option 'size'/],
    [null, {}, /schema must be an object/],
    [
      { A: { x: 'f64', y: 'f64', z: 'f64', w: 'f64', v: 'f64', u: 'f64', t: 'f64', s: 'f64', r: 'f64' } },
      { capacity: 2 ** 26 },
      /lower capacity or reserve/,
    ],
  ])('refuses %j %j', async (wrong, options, message) => {
    const error = await errorOf(() => defineComponents(wrong as never, options as never))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toMatch(message)
  })
})
