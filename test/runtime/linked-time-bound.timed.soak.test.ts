import { soakSize } from '../fixtures/soak-size.ts'
import { testAttacks } from './time-bound.ts'

// By host functions, the reference, each fourth one.
const one = process.env.LINK === 'host' ? 4 : 2
testAttacks('linked', Math.max(1, one / soakSize(1)))
