import { describe, expect, it } from 'vitest'
import { nearestName, suggest } from '../src/nearest-name.ts'

describe('the nearest name', () => {
  it.each([
    ['Positon', ['Velocity', 'Position'], 'Position'],
    ['tik', ['tick', 'update'], 'tick'],
    ['POSITION', ['position', 'positions'], 'position'],
    ['quite another', ['tick', 'update'], undefined],
    ['env', ['ecs', 'emit'], undefined],
    ['esc', ['ecs'], undefined],
    ['ec', ['ecs'], 'ecs'],
  ])('to %s of %j is %s', (name, candidates, nearest) => {
    expect(nearestName(name, candidates)).toBe(nearest)
  })

  it('is not searched for a name that is no typo, nor among such names', () => {
    const long = 'Position.x'.repeat(400_000)
    expect(nearestName(long, [`${long}y`])).toBeUndefined()
    expect(nearestName('Position.y', [long, 'Position.x'])).toBe('Position.x')
  })
})

describe('a suggestion', () => {
  it('lists some names if none is near, each cut', () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}${'n'.repeat(100_000)}`)
    const text = suggest('x', names)
    expect(text).toMatch(/^; there are 0n+…n+, 1n.*, 7n+…n+, …$/)
    expect(text.length).toBeLessThan(900)
    expect(suggest('x', [])).toBe('; there are none')
  })
})
