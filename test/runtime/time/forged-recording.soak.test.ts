import { it } from 'vitest'
import { fuzzRecordings } from './forged-recording-fuzz.ts'

it('5,000 recordings that are forged anywhere are refused whole, or are played', () => fuzzRecordings(5000))
