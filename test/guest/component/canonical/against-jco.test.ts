import { describe, it } from 'vitest'
import { compareWithJco, type Encoding } from './against-jco.ts'

describe('values of any type', () => {
  const ENCODINGS: readonly Encoding[] = ['utf8', 'utf16', 'compact-utf16']
  it.each(ENCODINGS)('cross the boundary as they do in jco, with strings of %s', (encoding) =>
    compareWithJco({ seed: 7, types: 8, values: 6 }, encoding),
  )
})
