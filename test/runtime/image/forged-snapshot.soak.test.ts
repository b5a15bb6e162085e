import { it } from 'vitest'
import { soakSize } from '../../fixtures/soak-size.ts'
import { fuzzSnapshots } from './forged-snapshot-fuzz.ts'

const COUNT = soakSize(60)

it(`${COUNT} snapshots that are forged anywhere are refused whole, or are games`, () => fuzzSnapshots(COUNT))
