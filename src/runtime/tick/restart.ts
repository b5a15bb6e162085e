import { toScriptError } from '../../engine/trap.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { RestartPolicy } from '../api/load-options.ts'
import { reportFault } from '../script/faults.ts'
import { allowance, invoke, makeInstance, readInstanceMetadata } from '../script/invoke.ts'
import { countPages } from '../script/pages.ts'
import { install, type Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'
import { makeEntityInstance } from './entity-instances.ts'

/** Restarts a script that faulted, if its `onFault` allows it: with new instances, which begin with `init`. */
export function restartFaulted(store: Store, script: Script): void {
  const { onFault } = script.options
  if (script.status !== 'faulted' || typeof onFault !== 'object' || script.running === undefined) return
  const { tick } = store.clock
  script.restarts = script.restarts.filter((each) => tick - each < onFault.within)
  if (script.restarts.length >= onFault.restart) {
    if (script.givenUp === script.fault) return
    script.givenUp = script.fault
    tell(store, script, 'error', `stopped for good after ${describe(script.restarts.length, onFault)}`)
    return
  }
  script.restarts.push(tick)
  const { generation } = script.running
  const fault = script.fault === undefined ? '' : `: ${script.fault.code}`
  try {
    const running = transact(store, script, generation.program.writtenAtStart, () => {
      const left = allowance(script)
      const instance = makeInstance(store, generation, left)
      const metadata = readInstanceMetadata(store, generation, instance, left)
      invoke(store, instance, left, () => instance.init(script.config))
      return { generation, instance, entityInstances: new Map(), jobInstances: new Set<GuestInstance>(), metadata }
    })
    install(script, running)
    countPages(running)
  } catch (error) {
    // The fault that it had is replaced by why it could not be started again.
    script.status = 'active'
    reportFault(store, script, toScriptError(error), {})
    return
  }
  script.status = 'active'
  script.fault = undefined
  if (script.options.instances === 'entity') {
    const count = script.attachment.entities()
    for (const entity of script.attachment.list.array.slice(0, count))
      if (script.status === 'active') makeEntityInstance(store, script, entity)
  }
  tell(store, script, 'warn', `restarted after a fault${fault}, ${describe(script.restarts.length, onFault)}`)
}

function describe(count: number, { restart, within }: RestartPolicy): string {
  return `${count} of ${restart} restarts in ${within} ticks`
}

function tell({ emitter, clock }: Store, { name }: Script, level: 'warn' | 'error', message: string): void {
  emitter.queue('log', { script: name, level, message, tick: clock.tick })
}
