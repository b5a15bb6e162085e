import { testAttacks } from './time-bound.ts'

testAttacks(20)
