import { expect, it } from 'vitest'
import { BoundedCache } from '../../src/guest/bounded-cache.ts'

const NO_BOUND = { entries: 100, bytes: 1000 }

function keep(cache: BoundedCache<string>, keys: string, bytes = 1): void {
  for (const key of keys) cache.keep(key, Promise.resolve(key), bytes)
}

function keysIn(cache: BoundedCache<string>, keys: string): string {
  return [...keys].filter((key) => cache.get(key) !== undefined).join('')
}

it('drops what was not used for longest when there are too many entries', () => {
  const cache = new BoundedCache<string>({ ...NO_BOUND, entries: 3 })
  keep(cache, 'abc')
  cache.get('a')
  keep(cache, 'd')
  expect(keysIn(cache, 'abcd')).toBe('acd')
  expect(cache.size).toBe(3)
})

it('drops what was not used for longest when there are too many bytes', () => {
  const cache = new BoundedCache<string>({ ...NO_BOUND, bytes: 10 })
  keep(cache, 'abc', 3)
  keep(cache, 'd', 5)
  expect(keysIn(cache, 'abcd')).toBe('cd')
  expect(cache.bytes).toBe(8)
})

it('drops nothing for an entry that is larger than all of it', () => {
  const cache = new BoundedCache<string>({ ...NO_BOUND, bytes: 10 })
  keep(cache, 'ab', 4)
  keep(cache, 'c', 11)
  expect(keysIn(cache, 'abc')).toBe('ab')
})

it('counts an entry that is replaced once', () => {
  const cache = new BoundedCache<string>(NO_BOUND)
  keep(cache, 'aa', 4)
  expect([cache.size, cache.bytes]).toEqual([1, 4])
})

it('forgets what could not be made, but not what replaced it', async () => {
  const cache = new BoundedCache<string>(NO_BOUND)
  const failing = Promise.reject(new Error('no'))
  cache.keep('a', failing, 1)
  await failing.catch(() => undefined)
  expect([cache.get('a'), cache.size, cache.bytes]).toEqual([undefined, 0, 0])
  const late = Promise.reject(new Error('no'))
  cache.keep('a', late, 1)
  keep(cache, 'a', 2)
  await late.catch(() => undefined)
  expect(await cache.get('a')).toBe('a')
})
