import { testDecoder } from './decode-fuzz.ts'

testDecoder(1)
