import { expect, it } from 'vitest'
import { dailySeed, linkTo, seedIn } from '../../../demo/play/seeds.ts'

it('the seed of the day is the date in UTC', () => {
  expect(dailySeed(new Date('2026-11-27T23:59:59Z'))).toBe(20261127)
  expect(dailySeed(new Date('2026-11-28T00:00:00+01:00'))).toBe(20261127)
})

it('a link to a game brings its seed, and keeps what else the address has', () => {
  const link = linkTo(42, 'https://game.example/swarm/?mods&seed=7#s=abc')
  expect(link).toBe('https://game.example/swarm/?mods=&seed=42')
  expect(seedIn(link)).toBe(42)
})

it.each(['', '?seed', '?seed=', '?seed=-1', '?seed=1e3', '?seed=NaN', '?seed=9999999999999999'])(
  'an address asks for no seed: %s',
  (query) => {
    expect(seedIn(`https://game.example/${query}`)).toBeUndefined()
  },
)
