import { describe, it } from 'vitest'
import { soakSize } from '../../../fixtures/soak-size.ts'
import { compareWithJco } from './against-jco.ts'

describe('values of any type', () => {
  for (let seed = 0; seed < soakSize(1); seed++) {
    it(`cross the boundary as they do in jco (${seed})`, async () => {
      for (const encoding of ['utf8', 'utf16', 'compact-utf16'] as const) await compareWithJco({ seed, types: 50, values: 20 }, encoding)
    })
  }
})
