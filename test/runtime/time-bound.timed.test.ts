import { testAttacks } from './time-bound.ts'

testAttacks('all', 20)
