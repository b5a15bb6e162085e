import { testDecoder } from './decode-fuzz.ts'

// An odd step, so that every bit of a byte is flipped somewhere.
testDecoder(19)
