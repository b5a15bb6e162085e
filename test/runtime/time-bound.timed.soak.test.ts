import { soakSize } from '../fixtures/soak-size.ts'
import { testAttacks } from './time-bound.ts'

testAttacks('others', Math.max(1, 3 / soakSize(1)))
