import { it } from 'vitest'
import { fuzzSnapshots } from './forged-snapshot-fuzz.ts'

it('5,000 snapshots that are forged anywhere are refused whole, or are games', () => fuzzSnapshots(5000))
