import { describe, expect, it } from 'vitest'
import { EventQueue, MAX_EVENTS } from '../../../src/host/services/event-queue.ts'

describe('EventQueue', () => {
  it('returns the events once, in order', () => {
    const queue = new EventQueue()
    queue.push({ name: 'a', args: [1] })
    queue.push({ name: 'b', args: [], script: 's' })
    expect(queue.take().map((event) => event.name)).toEqual(['a', 'b'])
    expect(queue.take()).toEqual([])
  })

  it('removes the last events on truncate', () => {
    const queue = new EventQueue()
    for (const name of ['a', 'b', 'c']) queue.push({ name, args: [] })
    queue.truncate(1)
    expect(queue.take().map((event) => event.name)).toEqual(['a'])
  })

  it('refuses an event beyond the limit', () => {
    const queue = new EventQueue()
    for (let index = 0; index < MAX_EVENTS; index++) queue.push({ name: 'a', args: [] })
    expect(() => queue.push({ name: 'a', args: [] })).toThrow(/OutOfMemory/)
    expect(queue.length).toBe(MAX_EVENTS)
  })
})
