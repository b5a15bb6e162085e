import { it } from 'vitest'
import { replayDemo } from './replay-demo.ts'

/** On every engine: the same tests pass on Node 20 and Node 24. */
const HASH = '6503b06dda7c4096'

it('500 ticks of the demo come to one hash, replayed with accessors inlined and with host functions', () => replayDemo(500, HASH))
