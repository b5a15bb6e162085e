import { it } from 'vitest'
import { replayDemo } from './replay-demo.ts'

/** The hash is the same on Node 20 and Node 24. */
const HASH = '92183bc194d1bb29'

it('500 ticks of the demo have one hash, replayed with inlined accessors and with host functions', () => replayDemo(500, HASH))
