import { describe, expect, it } from 'vitest'
import { Turns } from '../src/turns.ts'

describe('work that takes turns', () => {
  it('begins when all before it has ended, even if that failed', async () => {
    const turns = new Turns()
    const steps: string[] = []
    let fail: () => void = () => undefined
    const failure = new Promise<never>((_, reject) => {
      fail = () => reject(new RangeError('no'))
    })
    const first = turns.next(async () => {
      steps.push('first begins')
      await failure
    })
    const second = turns.next(async () => {
      steps.push('second')
      return 2
    })
    const ended = turns.ended().then(() => steps.push('ended'))
    fail()
    await expect(first).rejects.toThrow('no')
    expect(await second).toBe(2)
    await ended
    expect(steps).toEqual(['first begins', 'second', 'ended'])
  })
})
