import { describe, expect, it } from 'vitest'
import { noKeeper } from '../../../src/colyseus/keep/keeper.ts'
import { memoryKeeper } from '../../../src/colyseus/keep/memory-keeper.ts'
import { describeKeeper } from './keeper-conformance.ts'

describe('a keeper in memory', () => {
  describeKeeper(async () => {
    const keeper = memoryKeeper()
    return { join: () => keeper, close: async () => undefined }
  })

  it('says what is wrong with its options', () => {
    expect(() => memoryKeeper({ snapshot: 0 })).toThrow(/snapshot must be a number above 0, not 0/)
    expect(() => memoryKeeper({ every: 1 } as never)).toThrow(/memoryKeeper has no option 'every'; allowed are snapshot/)
  })
})

describe('no keeper', () => {
  it('keeps nothing', async () => {
    const claim = await noKeeper.claim('one', { name: 'arena' })
    await claim.save(0, new Uint8Array())
    await claim.append(1, new Uint8Array())
    expect(claim.state).toBe('held')
    await claim.release()
    expect([claim.state, (await noKeeper.claim('one', { name: 'arena' })).kept]).toEqual(['lost', undefined])
  })
})
