import { describe, expect, it } from 'vitest'
import { Interpolation } from '../../../src/colyseus/client/interpolation.ts'
import type { ServerState } from '../../../src/colyseus/client/server-state.ts'

/** A frame with a field of some entities. */
function frame(tick: number, values: Readonly<Record<number, number>>): ServerState {
  const ids = Object.keys(values).map(Number)
  return {
    fields: [{ component: 'Position', field: 'x', step: 0, ownStep: 0, isContinuous: true, isEntity: false }],
    tick,
    own: 0,
    ids,
    size: ids.length,
    has: (id) => id in values,
    componentsOf: () => ['Position'],
    valuesOf: (id) => [values[id] as number],
  }
}

describe('interpolation', () => {
  it('gives values between two frames', () => {
    const interpolation = new Interpolation()
    for (const [tick, x] of [
      [10, 0],
      [12, 8],
      [14, 10],
    ] as const)
      interpolation.take(frame(tick, { 1: x }), () => true)
    expect([9, 10, 11, 12, 13, 14, 20].map((tick) => interpolation.value(1, 0, tick))).toEqual([0, 0, 4, 8, 9, 10, 10])
  })

  it('begins with the first frame of an entity, though there were others before it', () => {
    const interpolation = new Interpolation()
    interpolation.take(frame(10, { 1: 5 }), () => true)
    interpolation.take(frame(11, { 1: 5, 2: 100 }), () => true)
    interpolation.take(frame(12, { 1: 5, 2: 102 }), () => true)
    expect(interpolation.value(2, 0, 10.5)).toBe(100)
    expect(interpolation.value(2, 0, 11.5)).toBe(101)
  })

  it('forgets an entity that left, and one that is predicted', () => {
    const interpolation = new Interpolation()
    interpolation.take(frame(10, { 1: 5, 2: 5, 3: 5 }), () => true)
    interpolation.take(frame(11, { 1: 6, 3: 6 }), (id) => id !== 3)
    expect([1, 2, 3].map((id) => interpolation.value(id, 0, 11))).toEqual([6, undefined, undefined])
  })

  it('keeps a bounded number of frames', () => {
    const interpolation = new Interpolation()
    for (let tick = 0; tick < 1000; tick++) interpolation.take(frame(tick, { 1: tick }), () => true)
    expect(interpolation.value(1, 0, 0)).toBe(984)
    expect(interpolation.value(1, 0, 990.5)).toBe(990.5)
  })
})
