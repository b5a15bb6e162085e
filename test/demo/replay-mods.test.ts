import { it } from 'vitest'
import { replayMods } from './replay-mods.ts'

it('200 ticks with mods, messages, a job and answers of a server are replayed to the same world', () => replayMods(200))
