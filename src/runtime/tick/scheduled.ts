import type { GuestInstance } from '../../guest/guest.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { enter } from './enter.ts'
import { instanceFor, instances } from './entity-instances.ts'

/** Calls the hooks of a script for what happened since the last tick. */
export function callHooks(store: Store, script: Script): void {
  for (const { hook, entity, values } of script.hooks?.take() ?? []) {
    if (script.status !== 'active' || script.isExhausted) return
    const name = script.options.hooks[hook]?.export as string
    const instance = instanceFor(script, entity)
    if (instance !== undefined) call(store, script, instance, name, entity, [entity, ...(values ?? [])])
  }
}

/** Returns whether a script has an export that is called in this tick at an interval. */
export function isDue({ clock }: Store, { options }: Script): boolean {
  return options.every.some(({ ticks }) => (clock.tick + 1) % ticks === 0)
}

/** Calls the exports of a script whose interval ends with this tick. */
export function callIntervals(store: Store, script: Script): void {
  for (const { ticks, export: name } of script.options.every) {
    if ((store.clock.tick + 1) % ticks !== 0) continue
    for (const [instance, entity] of instances(script)) {
      if (script.status !== 'active' || script.isExhausted) return
      call(store, script, instance, name, entity, [])
    }
  }
}

function call(
  store: Store,
  script: Script,
  instance: GuestInstance,
  name: string,
  entity: number | undefined,
  numbers: readonly number[],
): void {
  const exported = instance.function(name)
  if (exported !== undefined) enter(store, script, instance, name, entity, exported, ...numbers)
}

/** Returns whether `process` of a script is called in this tick. */
export function isActing({ clock }: Store, { options: { actor } }: Script): boolean {
  return actor !== undefined && (clock.tick + 1) % actor.every === 0
}
