import type { GuestInstance } from '../../guest/guest.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { Generation } from './generation.ts'
import { countPages } from './pages.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'
import { dryRun } from './transaction.ts'

/** Returns the result of `work` on a copy of an instance. Its effects on the world are rolled back. Throws what `work` throws. */
export function onCopy<Result>(
  store: Store,
  script: Script,
  { program }: Generation,
  image: InstanceImage,
  work: (copy: GuestInstance) => Result,
): Result {
  try {
    return dryRun(store, script, program.written, () => {
      const copy = program.instantiate()
      copy.state.restore(image)
      return work(copy)
    })
  } finally {
    // It may be of a generation that was disposed of.
    program.settle?.()
    // The copy may have grown.
    if (script.running !== undefined) countPages(script.running)
  }
}
