import { describe, expect, it } from 'vitest'
import { parseTerms } from '../../../src/ecs/queries/terms.ts'

describe('parseTerms', () => {
  it('tells what an entity must have from what it must not', () => {
    expect(parseTerms('Position  !Dead Velocity')).toEqual({
      all: ['Position', 'Velocity'],
      none: ['Dead'],
      key: '!Dead Position Velocity',
    })
  })

  it('knows the same terms in whatever order and number', () => {
    expect(parseTerms('B A !C A')?.key).toBe(parseTerms(' A\tB !C')?.key)
  })

  it('takes a lone ! for a component without a name, which there is not', () => {
    expect(parseTerms('A ! B')).toMatchObject({ all: ['A', 'B'], none: [''] })
  })

  it('finds none in an empty text', () => {
    expect([parseTerms(''), parseTerms(' ')]).toEqual([undefined, undefined])
  })
})
