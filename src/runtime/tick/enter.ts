import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import type { GuestInstance, RoleFunction } from '../../guest/guest.ts'
import { reportFault } from '../script/faults.ts'
import { invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Calls a function of a script with the fuel that the script has left. Reports a fault. */
export function enter(
  store: Store,
  script: Script,
  instance: GuestInstance,
  name: string,
  entity: number | undefined,
  call: RoleFunction,
  ...args: (number | bigint)[]
): void {
  script.stats.calls++
  if (script.options.instances === 'entity' || name !== EXPORT.tick) script.fuel -= PRICES.entry
  try {
    invoke(store, instance, script, () => {
      instance.meter.enter()
      call(...args)
    })
  } catch (error) {
    reportFault(store, script, error, entity === undefined ? { export: name } : { export: name, entity })
  }
}
