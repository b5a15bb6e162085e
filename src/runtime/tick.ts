import type { GameEvent } from '../host/events.ts'
import { fitArguments } from './calls.ts'
import { type Core, fault, flushCommands, rethrow, transact } from './core.ts'
import { type ScriptFunction, ScriptInstance } from './instance.ts'
import type { TickReport } from './reports.ts'
import type { Script } from './script.ts'

/**
 * One fixed step: what was attached and detached since the last, then the events that wait, then every script by order.
 * A script's fault ends that script's part alone.
 */
export function runTick(core: Core, dt: number): TickReport {
  const { clock, options, scripts } = core
  const start = options.clock()
  core.faults = 0
  const running = [...scripts]
  for (const script of running) beginTick(script)
  for (const script of running) timed(core, script, settleAttachments)
  for (const event of core.events.take()) deliver(core, running, event)
  for (const script of running) timed(core, script, () => runScript(core, script, dt))
  clock.tick++
  clock.time += dt
  let entities = 0
  let fuel = 0
  for (const script of running) {
    endTick(script)
    entities += script.lastStats.entities
    fuel += script.lastStats.fuel
  }
  return { tick: clock.tick, time: clock.time, dt, entities, fuel, faults: core.faults, ms: options.clock() - start }
}

function beginTick(script: Script): void {
  script.spawned = 0
  const { stats } = script
  stats.entities = stats.fuel = stats.ms = stats.calls = 0
}

function endTick(script: Script): void {
  script.stats.logsDropped = script.log.dropped
  script.log.endTick()
  Object.assign(script.lastStats, script.stats)
}

function timed(core: Core, script: Script, run: (core: Core, script: Script) => void): void {
  if (script.status !== 'active') return
  const start = core.options.clock()
  run(core, script)
  flushCommands(core)
  script.stats.ms += core.options.clock() - start
}

/** Calls into a script; a fault is dealt with. Returns whether the call went well. */
function guarded(core: Core, script: Script, name: string, entity: number | undefined, call: () => void): boolean {
  script.stats.calls++
  try {
    call()
    rethrow(core.ecs)
    return true
  } catch (error) {
    core.ecs.raised = undefined
    fault(core, script, error, entity === undefined ? { export: name } : { export: name, entity })
    return false
  }
}

function settleAttachments(core: Core, script: Script): void {
  const perEntity = script.options.instances === 'entity'
  script.attachment.settle({
    proceed: () => script.status === 'active',
    started(entity) {
      if (perEntity && !makeEntityInstance(core, script, entity)) return false
      notify(core, script, 'on_attach', entity, instanceFor(script, entity)?.onAttach)
      return true
    },
    stopped(entity) {
      notify(core, script, 'on_detach', entity, instanceFor(script, entity)?.onDetach)
      script.entityInstances.delete(entity)
    },
    forgotten(entity) {
      script.entityInstances.delete(entity)
    },
  })
}

function notify(core: Core, script: Script, name: string, entity: number, call: ScriptFunction | undefined): void {
  if (call !== undefined) guarded(core, script, name, entity, () => call(entity))
}

function makeEntityInstance(core: Core, script: Script, entity: number): boolean {
  const { generation, options } = script
  if (generation === undefined) return false
  return guarded(core, script, 'init', entity, () => {
    const instance = transact(core, script, () => {
      const made = new ScriptInstance(generation, options.limits.jsonBytes)
      made.init(options.config)
      return made
    })
    script.entityInstances.set(entity, instance)
  })
}

function instanceFor(script: Script, entity: number): ScriptInstance | undefined {
  return script.options.instances === 'entity' ? script.entityInstances.get(entity) : script.instance
}

/** The instances that take part in ticks and events, each with its entity if it has one. */
function* instances(script: Script): Generator<readonly [ScriptInstance, number | undefined]> {
  if (script.options.instances === 'shared') {
    if (script.instance !== undefined) yield [script.instance, undefined]
    return
  }
  for (const [entity, instance] of script.entityInstances) {
    if (script.attachment.runsOn(entity)) yield [instance, entity]
  }
}

function deliver(core: Core, scripts: readonly Script[], event: GameEvent): void {
  for (const script of scripts) {
    if (script.instance?.handlers.has(event.name) !== true) continue
    timed(core, script, () => {
      for (const [instance, entity] of instances(script)) {
        const handler = instance.handlers.get(event.name)
        if (handler === undefined || script.status !== 'active') continue
        guarded(core, script, `on_${event.name}`, entity, () => handler.call(...fitArguments(handler.type.params, event.args)))
      }
    })
  }
}

function runScript(core: Core, script: Script, dt: number): void {
  if (script.instance?.tick !== undefined) {
    for (const [instance, entity] of instances(script)) {
      if (script.status !== 'active') return
      guarded(core, script, 'tick', entity, () => instance.tick?.(dt))
    }
  }
  if (script.instance?.update === undefined || script.status !== 'active') return
  const { list, count } = script.attachment.entities()
  if (script.options.instances === 'entity') updateEach(core, script, list, count, dt)
  else updateAll(core, script, script.instance.update, list, count, dt)
}

/** The reference for `update` over all entities: one call from JavaScript for each. */
function updateAll(core: Core, script: Script, update: ScriptFunction, list: Uint32Array, count: number, dt: number): void {
  const { attachment, stats } = script
  const { ecs } = core
  let index = 0
  while (index < count && script.status === 'active') {
    let calls = 0
    try {
      while (index < count && script.status === 'active') {
        const entity = list[index++] as number
        if (!attachment.stillRunsOn(entity)) continue
        calls++
        update(entity, dt)
        if (ecs.raised !== undefined) rethrow(ecs)
      }
    } catch (error) {
      ecs.raised = undefined
      fault(core, script, error, { export: 'update', entity: list[index - 1] as number })
    }
    stats.entities += calls
    stats.calls += calls
  }
}

function updateEach(core: Core, script: Script, list: Uint32Array, count: number, dt: number): void {
  for (let index = 0; index < count && script.status === 'active'; index++) {
    const entity = list[index] as number
    const update = script.entityInstances.get(entity)?.update
    if (update === undefined || !script.attachment.stillRunsOn(entity)) continue
    script.stats.entities++
    guarded(core, script, 'update', entity, () => update(entity, dt))
  }
}
