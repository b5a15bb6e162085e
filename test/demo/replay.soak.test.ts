import { it } from 'vitest'
import { replayDemo } from './replay-demo.ts'

/** The hash is the same on Node 20 and Node 24. */
const HASH = '01dbe0e21f87fccc'

it('10,000 ticks of the demo have one hash, replayed with inlined accessors and with host functions', () => replayDemo(10_000, HASH))
