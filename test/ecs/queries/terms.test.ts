import { describe, expect, it } from 'vitest'
import { parseTerms } from '../../../src/ecs/queries/terms.ts'

describe('parseTerms', () => {
  it('separates required and excluded components', () => {
    expect(parseTerms('Position  !Dead Velocity')).toEqual({
      all: ['Position', 'Velocity'],
      none: ['Dead'],
      key: '!Dead Position Velocity',
    })
  })

  it('returns the same key for the same terms in any order and number', () => {
    expect(parseTerms('B A !C A')?.key).toBe(parseTerms(' A\tB !C')?.key)
  })

  it("reads a lone ! as the component ''", () => {
    expect(parseTerms('A ! B')).toMatchObject({ all: ['A', 'B'], none: [''] })
  })

  it('returns undefined for an empty text', () => {
    expect([parseTerms(''), parseTerms(' ')]).toEqual([undefined, undefined])
  })
})
