import { ScriptError } from '../../errors.ts'
import type { Caller } from '../../host/modules/import-module.ts'
import { exportedMemoryOf, type InstantiatedModule } from '../core-module.ts'
import { LateCaller } from '../script/script-instance.ts'
import { Boundary } from './canonical/boundary.ts'
import type { Layouts } from './canonical/layout.ts'
import type { CanonicalOptions, CoreExport } from './plan.ts'

/** What precedes the name of every export of a core module: the names without it are those of a script. */
export const CORE_PREFIX = 'core:'

/** What all core instances of a component share. */
export interface SharedComponentParts {
  readonly layouts: Layouts
  /** The core instances, by index, as they are made. */
  readonly made: readonly InstantiatedModule[]
  /** Bytes that the strings and lists of one call may take in each direction. */
  readonly limit: number
  readonly charge: (units: number) => void
  /** Returns what ended a call into the component. */
  readonly explain: (error: unknown) => unknown
}

/** Returns an export of a core instance by its own name. */
export function coreExport({ made }: SharedComponentParts, place: CoreExport | undefined): WebAssembly.ExportValue | undefined {
  return place === undefined ? undefined : made[place[0]]?.exports[`${CORE_PREFIX}${place[1]}`]
}

/** Returns what passes the values of one call. */
export function boundaryOf(shared: SharedComponentParts, { encoding, memory, realloc }: CanonicalOptions): Boundary {
  const { layouts, limit, charge } = shared
  return new Boundary({
    ...{ layouts, encoding, limit, charge },
    memory() {
      const instance = memory && shared.made[memory[0]]
      return instance && exportedMemoryOf(instance, `${CORE_PREFIX}${memory[1]}`)
    },
    realloc() {
      const found = coreExport(shared, realloc)
      if (typeof found !== 'function') return undefined
      const reserve = found as (...numbers: number[]) => number
      return (...numbers) => {
        try {
          return reserve(...numbers)
        } catch (error) {
          // A host function may have made this call. It must not take an error of the component for one of the host.
          throw shared.explain(error)
        }
      }
    },
  })
}

/** The caller of the imports of one core instance of a component. */
export class ComponentCaller extends LateCaller {
  readonly shared: SharedComponentParts

  constructor(shared: SharedComponentParts) {
    super()
    this.shared = shared
  }
}

/** Returns a caller as that of a component. Only components are linked with the modules that use it. */
export function componentOf(caller: Caller): ComponentCaller {
  if (caller instanceof ComponentCaller) return caller
  throw new ScriptError('HostError', 'an import of a component was called by another kind of module')
}
