import { it } from 'vitest'
import { soakSize } from '../../fixtures/soak-size.ts'
import { fuzzRecordings } from './forged-recording-fuzz.ts'

const COUNT = soakSize(50)

it(`${COUNT} recordings that are forged anywhere are refused whole, or are played`, () => fuzzRecordings(COUNT))
