import { soakSize } from '../fixtures/soak-size.ts'
import { testAttacks } from './time-bound.ts'

testAttacks('others', Math.max(1, 2 / soakSize(1)))
