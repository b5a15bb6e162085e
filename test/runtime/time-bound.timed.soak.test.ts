import { testAttacks } from './time-bound.ts'

testAttacks('others', 1)
