import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { getField } from '../../ecs/entities/access.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import type { Program } from '../../guest/guest.ts'
import type { Actor } from '../api/load-options.ts'
import { reportFault } from '../script/faults.ts'
import type { ActorPlan } from '../script/generation.ts'
import { invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { planActor } from './actor-plan.ts'
import { applyResult } from './actor-result.ts'
import { asHost } from './entity-changes.ts'
import { takesWithContext } from './messages.ts'

/** Makes a script an actor. Throws the errors of {@link planActor}. */
export function makeActor(store: Store, script: Script, program: Program, queries: ScriptQueries): ActorPlan {
  const { actor, grant } = script.options
  const plan = planActor(actor as Required<Actor>, grant, program, store.ecs, queries)
  return { ...plan, run: (dt) => runActor(store, script, plan, dt) }
}

function runActor(store: Store, script: Script, plan: Omit<ActorPlan, 'run'>, dt: number): void {
  const { running } = script
  if (running === undefined) return
  script.stats.calls++
  script.fuel -= PRICES.entry
  try {
    const result = invoke(store, running.instance, script, () =>
      running.instance.callJson(EXPORT.process, contextOf(store, script, plan, dt)),
    )
    applyResult(store, script, result)
  } catch (error) {
    reportFault(store, script, error, { export: EXPORT.process })
  }
}

function contextOf(store: Store, script: Script, { query, read }: Omit<ActorPlan, 'run'>, dt: number): unknown {
  const { clock } = store
  const ecs = asHost(store)
  const columns = read.map(
    ({ name, columns }) => [name, [...columns].map(([field, column]) => [field, getField(ecs, column)] as const)] as const,
  )
  const entities = Array.from({ length: query.run() }, (_, index) => {
    const id = query.entity(index)
    const values = columns.map(([name, fields]) => [name, Object.fromEntries(fields.map(([field, get]) => [field, get(id)]))] as const)
    return { id, ...Object.fromEntries(values) }
  })
  const messages = takesWithContext(script) ? store.messages.takeFor(script.name).map(({ kind: _, to: __, ...message }) => message) : []
  return { tick: clock.tick, time: clock.time, dt, config: script.config, messages, entities }
}
