import { describe, expect, it } from 'vitest'
import { Journal } from '../../../src/ecs/entities/journal.ts'

describe('Journal', () => {
  it('takes back what a step did if it throws, the last first', () => {
    const journal = new Journal()
    const undone: number[] = []
    const failing = (): void =>
      journal.transaction(() => {
        for (const step of [1, 2, 3]) journal.record(() => undone.push(step))
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(undone).toEqual([3, 2, 1])
    expect(journal.open).toBe(false)
  })

  it('keeps what a step did if it ends well, and records nothing outside one', () => {
    const journal = new Journal()
    const undone: number[] = []
    journal.record(() => undone.push(0))
    const result = journal.transaction(() => {
      journal.record(() => undone.push(1))
      return 'done'
    })
    expect(result).toBe('done')
    expect(undone).toEqual([])
  })
})
