import { describe, expect, it } from 'vitest'
import { type EventList, EventQueue, type GameEvent, MAX_EVENT_BYTES, MAX_EVENTS } from '../../../src/host/services/event-queue.ts'

const eventsIn = (list: EventList): GameEvent[] => Array.from({ length: list.length }, (_, index) => list.at(index))

describe('EventQueue', () => {
  it('returns the events once, in order', () => {
    const queue = new EventQueue()
    queue.push('a', [1])
    queue.push('b', [2n, 3], 's')
    expect(eventsIn(queue.take())).toEqual([
      { name: 'a', args: [1] },
      { name: 'b', args: [2n, 3], script: 's' },
    ])
    expect(eventsIn(queue.take())).toEqual([])
  })

  it('keeps what was taken while others are queued, until the next take', () => {
    const queue = new EventQueue()
    queue.push('a', [1, 2])
    const first = queue.take()
    queue.push('b', [3])
    expect(eventsIn(first)).toEqual([{ name: 'a', args: [1, 2] }])
    expect(eventsIn(queue.take())).toEqual([{ name: 'b', args: [3] }])
    expect(queue.save()).toEqual([])
  })

  it('removes the last events on truncate', () => {
    const queue = new EventQueue()
    for (const name of ['a', 'b', 'c']) queue.push(name, [])
    queue.truncate(1)
    expect(eventsIn(queue.take())).toEqual([{ name: 'a', args: [] }])
  })

  it('refuses an event beyond the limit', () => {
    const queue = new EventQueue()
    for (let index = 0; index < MAX_EVENTS; index++) queue.push('a', [])
    expect(() => queue.push('a', [])).toThrow(/OutOfMemory/)
    expect(queue.length).toBe(MAX_EVENTS)
  })

  it('refuses an event beyond the limit of bytes: 8 for each number, and its name', () => {
    const queue = new EventQueue()
    const push = (): void => queue.push('n'.repeat(24), new Array<number>(125).fill(1), 's')
    for (let index = 0; index < MAX_EVENT_BYTES / 1024; index++) push()
    expect(() => queue.push('a', [], 's')).toThrow(/s may queue 1048576 bytes of events .*OutOfMemory/)
    queue.push('a', [], 'another')
    queue.truncate(1)
    for (let index = 1; index < MAX_EVENT_BYTES / 1024; index++) push()
    expect(push).toThrow(/OutOfMemory/)
    queue.take()
    push()
  })

  it('counts what it restores', () => {
    const queue = new EventQueue()
    const push = (): void => queue.push('', new Array<bigint>(MAX_EVENT_BYTES / 8).fill(1n))
    push()
    queue.restore(queue.save())
    expect(push).toThrow(/OutOfMemory/)
  })
})
