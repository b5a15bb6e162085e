import { it } from 'vitest'
import { replayDemo } from './replay-demo.ts'

/** On every engine: the same tests pass on Node 20 and Node 24. */
const HASH = 'd9b94a44c22657c5'

it('10,000 ticks of the demo come to one hash, replayed with accessors inlined and with host functions', () => replayDemo(10_000, HASH))
