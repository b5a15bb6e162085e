import { testAttacks } from './time-bound.ts'

testAttacks(1)
