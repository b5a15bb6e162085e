import { soakSize } from '../fixtures/soak-size.ts'
import { testAttacks } from './time-bound.ts'

// By host functions, the reference, each sixth one.
const one = process.env.LINK === 'host' ? 6 : 3
testAttacks('linked', Math.max(1, one / soakSize(1)))
