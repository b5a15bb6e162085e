import type { Contestant } from '../contestant.ts'
import { bitscript, bitscriptByHost, bitscriptWithMemory } from './bitscript.ts'
import { byHand } from './by-hand.ts'
import { extism } from './extism.ts'
import { lua } from './lua.ts'
import { plain, plainRounded } from './plain.ts'
import { quickjs } from './quickjs.ts'

/** All contestants. The others are compared with the first. */
export const CONTESTANTS: readonly Contestant[] = [
  plain,
  plainRounded,
  bitscript,
  bitscriptWithMemory,
  bitscriptByHost,
  byHand,
  extism,
  lua,
  quickjs,
]
