import { Hooks } from '../../ecs/entities/hooks.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { Schedule } from '../script/generation.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { enter } from './enter.ts'
import { instanceFor, instances } from './entity-instances.ts'
import { restartFaulted } from './restart.ts'
import { checkScheduledExports, hookTargets } from './scheduled-exports.ts'

/** Plans what a script's options `hooks`, `every` and `onFault` ask for. Throws the errors of {@link hookTargets} and {@link checkScheduledExports}. */
export function makeSchedule(store: Store, script: Script, program: Program): Schedule {
  const { options } = script
  const targets = hookTargets(options, store.ecs.components)
  checkScheduledExports(program, options, targets)
  return {
    watch: () => (targets.length === 0 ? undefined : new Hooks(store.ecs.world, targets)),
    callHooks: () => callHooks(store, script),
    isDue: () => options.every.some(({ ticks }) => (store.clock.tick + 1) % ticks === 0),
    callIntervals: () => callIntervals(store, script),
    restart: () => restartFaulted(store, script),
  }
}

/** Calls the hooks of a script for what happened since the last tick. */
function callHooks(store: Store, script: Script): void {
  for (const { hook, entity, values } of script.hooks?.take() ?? []) {
    if (script.status !== 'active' || script.isExhausted) return
    const name = script.options.hooks[hook]?.export as string
    const instance = instanceFor(script, entity)
    if (instance !== undefined) call(store, script, instance, name, entity, [entity, ...(values ?? [])])
  }
}

/** Calls the exports of a script whose interval ends with this tick. */
function callIntervals(store: Store, script: Script): void {
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
