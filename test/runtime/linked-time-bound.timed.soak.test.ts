import { soakSize } from '../fixtures/soak-size.ts'
import { testAttacks } from './time-bound.ts'

// By host functions, the reference, each second one.
testAttacks('linked', process.env.LINK === 'host' && soakSize(1) === 1 ? 2 : 1)
