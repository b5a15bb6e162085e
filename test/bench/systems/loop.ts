import { query, type World } from 'bitecs'
import { TICK_SECONDS } from './stage.ts'

/** The functions of a script. */
export interface ScriptExports {
  readonly tick?: ((seconds: number) => void) | undefined
  readonly update: (entity: number, seconds: number) => void
}

/** One tick of a script on all its entities, as a host without a runtime implements it. */
export function createLoop(world: World, terms: object[], { tick, update }: ScriptExports, flush: () => void): () => void {
  return () => {
    const found = query(world, terms)
    const count = found.length
    tick?.(TICK_SECONDS)
    for (let index = 0; index < count; index++) update(found[index] as number, TICK_SECONDS)
    flush()
  }
}
