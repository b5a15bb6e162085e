import { describe, expect, it } from 'vitest'
import { EventQueue, MAX_EVENT_BYTES, MAX_EVENTS } from '../../../src/host/services/event-queue.ts'

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

  it('refuses an event beyond the limit of bytes: 8 for each number, and its name', () => {
    const queue = new EventQueue()
    const event = { name: 'n'.repeat(24), args: new Array<number>(125).fill(1), script: 's' }
    for (let index = 0; index < MAX_EVENT_BYTES / 1024; index++) queue.push(event)
    expect(() => queue.push({ name: 'a', args: [], script: 's' })).toThrow(/s may queue 1048576 bytes of events .*OutOfMemory/)
    queue.push({ name: 'a', args: [], script: 'another' })
    queue.truncate(1)
    for (let index = 1; index < MAX_EVENT_BYTES / 1024; index++) queue.push(event)
    expect(() => queue.push(event)).toThrow(/OutOfMemory/)
    queue.take()
    queue.push(event)
  })

  it('counts what it restores', () => {
    const queue = new EventQueue()
    const event = { name: '', args: new Array<bigint>(MAX_EVENT_BYTES / 8).fill(1n) }
    queue.push(event)
    queue.restore(queue.save())
    expect(() => queue.push(event)).toThrow(/OutOfMemory/)
  })
})
