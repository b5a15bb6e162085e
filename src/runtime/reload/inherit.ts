import type { Carried, Carrier, GuestInstance, StateVersions } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import type { ReloadReport } from '../api/reports.ts'
import { invoke, passState } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import type { FirstRuns } from './first-runs.ts'

/** What a reload passes on to new instances. */
export interface Inheritance {
  readonly store: Store
  readonly script: Script
  readonly versions: StateVersions
  /** Carries globals and memory over. `undefined` if a state is passed: if that does not fit, the memory that holds it is not carried over instead. */
  readonly carry: ReturnType<Carrier> | undefined
  readonly firstRuns: FirstRuns
}

/** What became of the state of an instance. */
export interface Inherited extends Carried {
  readonly state: ReloadReport['state']
}

/**
 * Passes what an instance had to the new one: a saved state, if it fits, or else what is carried over. If there is neither, the new one begins
 * with `init`.
 */
export function inherit(
  { store, script, versions, carry, firstRuns }: Inheritance,
  [old, next]: readonly [GuestInstance, GuestInstance],
  left: Allowance,
  saved: { readonly state: unknown } | undefined,
  entity?: number,
): Inherited {
  const mismatch = saved && invoke(store, next, left, () => next.mismatch(saved.state, versions))
  if (saved !== undefined && mismatch === undefined) {
    const isBlock = passState(store, script, next, left, saved.state, versions)
    return { state: 'restored', carried: isBlock ? [`state, ${(saved.state as Uint8Array).length} bytes`] : [], dropped: [], warnings: [] }
  }
  const carried = carry?.(old, next)
  if (carried !== undefined && carried.carried.length > 0) return { state: 'preserved', ...carried }
  firstRuns.init(next, left, entity)
  const { dropped, warnings } = carried ?? { dropped: [], warnings: [] }
  if (mismatch === undefined) return { state: 'reset', carried: [], dropped, warnings }
  const warning = `the state began anew, because ${mismatch}; a module that exports migrate_state can convert it`
  return { state: 'reset', carried: [], dropped: [...dropped, `state: ${mismatch}`], warnings: [...warnings, warning] }
}
