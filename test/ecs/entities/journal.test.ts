import { describe, expect, it } from 'vitest'
import { Journal } from '../../../src/ecs/entities/journal.ts'

describe('Journal', () => {
  it('undoes the changes of a step that throws, the last first', () => {
    const journal = new Journal()
    const undone: number[] = []
    const failing = (): void =>
      journal.transaction(() => {
        for (const step of [1, 2, 3]) journal.record(() => undone.push(step))
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(undone).toEqual([3, 2, 1])
    expect(journal.isOpen).toBe(false)
  })

  it('keeps the changes of a step that returns, and records nothing outside a step', () => {
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
