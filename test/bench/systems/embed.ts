import { importFresh } from '../fresh.ts'
import type * as accessorsModule from './accessors.ts'
import type * as loopModule from './loop.ts'
import type { Program } from './program.ts'
import type { Stage } from './stage.ts'

/** What a host without a runtime needs to embed a script. */
export interface Embedding {
  readonly accessors: accessorsModule.Accessors
  /** Returns a function that runs one tick. */
  readonly loop: (script: loopModule.ScriptExports) => () => void
}

/** Creates functions that only this script uses, as if they were written for it. */
export async function embed(program: Program, stage: Stage): Promise<Embedding> {
  const { createAccessors } = await importFresh<typeof accessorsModule>(new URL('accessors.ts', import.meta.url))
  const { createLoop } = await importFresh<typeof loopModule>(new URL('loop.ts', import.meta.url))
  const accessors = createAccessors(stage)
  const terms = program.terms(stage.components)
  return { accessors, loop: (script) => createLoop(stage.world, terms, script, accessors.flush) }
}
