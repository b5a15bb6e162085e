import type { Batch } from '../../ecs/entities/batch.ts'
import { fitArguments } from '../../guest/script/calls.ts'
import { type ScriptFunction, ScriptInstance } from '../../guest/script/instance.ts'
import { writtenInPlace } from '../../guest/script/program.ts'
import type { GameEvent } from '../../host/event-queue.ts'
import type { TickReport } from '../api/reports.ts'
import { passTrials } from '../reload/probation.ts'
import type { Script } from '../script/script.ts'
import { type Store, fault, flushCommands, rethrow, transact } from '../script/store.ts'

/** Bytes of an entity in a list. */
const WORD = 4
/** Times that the rest of a list is looked through in one tick. */
const MOST_INTERRUPTIONS = 8

/**
 * One fixed step: what was attached and detached since the last, then the events that wait, then every script by order.
 * A script's fault ends that script's part alone.
 */
export function runTick(store: Store, dt: number): TickReport {
  const { clock, options, scripts, turns } = store
  const start = options.clock()
  store.faults = 0
  // Scripts may be unloaded meanwhile.
  turns.length = 0
  for (const script of scripts) turns.push(script)
  for (const script of turns) beginTick(script)
  for (const script of turns) if (!script.attachment.isSettled) timed(store, script, settleAttachments, dt)
  for (const event of store.events.take()) deliver(store, turns, event)
  for (const script of turns) if (hasWork(script)) timed(store, script, runScript, dt)
  clock.tick++
  clock.time += dt
  let entities = 0
  let fuel = 0
  for (const script of turns) {
    endTick(script)
    entities += script.lastStats.entities
    fuel += script.lastStats.fuel
  }
  turns.length = 0
  passTrials(store)
  return { tick: clock.tick, time: clock.time, dt, entities, fuel, faults: store.faults, ms: options.clock() - start }
}

/** Takes a script off every entity, and tells it. One that runs at this moment is not told: it unloads itself. */
export function detachAll(store: Store, script: Script): void {
  script.attachment.detachAll()
  script.fuel = script.options.limits.fuel
  timed(store, script, settleAttachments, 0)
}

function beginTick(script: Script): void {
  script.spawned = 0
  script.scanned = 0
  script.makingFuel = script.options.limits.fuel
  script.fuel = script.options.limits.fuel
  const { stats } = script
  stats.entities = stats.ms = stats.calls = 0
}

function endTick(script: Script): void {
  const { stats, lastStats, log } = script
  lastStats.entities = stats.entities
  lastStats.fuel = script.options.limits.fuel - script.fuel
  lastStats.ms = stats.ms
  lastStats.calls = stats.calls
  lastStats.logsDropped = log.dropped
  log.endTick()
}

function timed(store: Store, script: Script, run: (store: Store, script: Script, dt: number) => void, dt: number): void {
  if (script.status !== 'active') return
  const start = store.options.clock()
  run(store, script, dt)
  flushCommands(store)
  script.stats.ms += store.options.clock() - start
}

/** Calls into a script with what fuel it has left; a fault is dealt with. Returns whether the call went well. */
function guarded(
  store: Store,
  script: Script,
  { meter }: ScriptInstance,
  name: string,
  entity: number | undefined,
  call: ScriptFunction,
  argument: number,
): boolean {
  script.stats.calls++
  meter.fuel = script.fuel
  try {
    meter.enter()
    call(argument)
    rethrow(store.ecs)
    return true
  } catch (error) {
    store.ecs.raised = undefined
    fault(store, script, meter.explain(error), entity === undefined ? { export: name } : { export: name, entity })
    return false
  } finally {
    script.fuel = meter.fuel
  }
}

function settleAttachments(store: Store, script: Script): void {
  const perEntity = script.options.instances === 'entity'
  script.attachment.settle({
    proceed: () => script.status === 'active',
    started(entity) {
      if (perEntity && !makeEntityInstance(store, script, entity)) return false
      notify(store, script, 'on_attach', entity)
      return true
    },
    stopped(entity) {
      notify(store, script, 'on_detach', entity)
      script.entityInstances.delete(entity)
    },
    forgotten(entity) {
      script.entityInstances.delete(entity)
    },
  })
}

function notify(store: Store, script: Script, name: 'on_attach' | 'on_detach', entity: number): void {
  const instance = instanceFor(script, entity)
  const call = name === 'on_attach' ? instance?.onAttach : instance?.onDetach
  if (instance !== undefined && call !== undefined) guarded(store, script, instance, name, entity, call, entity)
}

/**
 * Makes the instance of an entity, with fuel of its own: it has to be made, however little its script has left. What all
 * that are made in a tick spend together is bounded; others wait for the next.
 */
function makeEntityInstance(store: Store, script: Script, entity: number): boolean {
  const { generation, options } = script
  if (generation === undefined || script.makingFuel <= 0) return false
  let made: ScriptInstance | undefined
  try {
    const instance = transact(store, script, writtenInPlace(generation), () => {
      made = new ScriptInstance(generation, options.limits)
      made.init(options.config)
      return made
    })
    script.entityInstances.set(entity, instance)
    return true
  } catch (error) {
    fault(store, script, error, { export: 'init', entity })
    return false
  } finally {
    script.makingFuel -= options.limits.fuel - (made?.meter.fuel ?? 0)
  }
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

function deliver(store: Store, scripts: readonly Script[], event: GameEvent): void {
  const handle = (store: Store, script: Script): void => {
    for (const [instance, entity] of instances(script)) {
      const handler = instance.handlers.get(event.name)
      if (handler === undefined || script.status !== 'active') continue
      const call = (): unknown => handler.call(...fitArguments(handler.type.params, event.args))
      guarded(store, script, instance, `on_${event.name}`, entity, call, 0)
    }
  }
  for (const script of scripts) if (script.instance?.handlers.has(event.name) === true) timed(store, script, handle, 0)
}

/** Whether there is anything for a script to do, events and attachments aside. */
function hasWork(script: Script): boolean {
  return script.instance?.tick !== undefined || (script.instance?.update !== undefined && script.attachment.entities() > 0)
}

function runScript(store: Store, script: Script, dt: number): void {
  if (script.instance?.tick !== undefined) runTickExport(store, script, script.instance, dt)
  const { attachment, instance } = script
  if (instance?.update === undefined || script.status !== 'active') return
  const { update, driver } = instance
  const count = attachment.entities()
  if (count === 0) return
  if (script.options.instances === 'entity') updateEach(store, script, count, dt)
  else if (driver !== undefined && attachment.list.address !== undefined && attachment.isBelowCapacity) {
    updateBatch(store, script, instance, driver, update, count, dt)
  } else updateAll(store, script, instance, update, 0, count, dt)
}

function runTickExport(store: Store, script: Script, own: ScriptInstance, dt: number): void {
  if (script.options.instances === 'shared') {
    if (own.tick !== undefined) guarded(store, script, own, 'tick', undefined, own.tick, dt)
    return
  }
  for (const [instance, entity] of instances(script)) {
    if (script.status !== 'active') return
    if (instance.tick !== undefined) guarded(store, script, instance, 'tick', entity, instance.tick, dt)
  }
}

/** The reference for `update` over the entities of a list from one place to another: one call from JavaScript for each. */
function updateAll(
  store: Store,
  script: Script,
  instance: ScriptInstance,
  update: ScriptFunction,
  from: number,
  to: number,
  dt: number,
): void {
  const { attachment, stats } = script
  const { ecs } = store
  const list = attachment.list.array
  const { meter } = instance
  let index = from
  meter.fuel = script.fuel
  while (index < to && script.status === 'active') {
    let calls = 0
    try {
      while (index < to && script.status === 'active') {
        const entity = list[index++] as number
        if (!attachment.stillRunsOn(entity)) continue
        calls++
        meter.enter()
        update(entity, dt)
        if (ecs.raised !== undefined) rethrow(ecs)
      }
    } catch (error) {
      faultOf(store, script, instance, error, list[index - 1] as number)
      if (meter.fuel < 0) to = index
    }
    script.fuel = meter.fuel
    stats.entities += calls
    stats.calls += calls
  }
}

/** Deals with a fault of `update`. One that lost an entity for want of fuel goes on in the next tick, which brings more. */
function faultOf(store: Store, script: Script, { meter }: ScriptInstance, error: unknown, entity: number): void {
  store.ecs.raised = undefined
  fault(store, script, meter.explain(error), { export: 'update', entity })
}

/**
 * The same in one call: the script itself walks the list, which lies in the ECS memory. It comes back when it is through,
 * when it traps, and when something happened that only JavaScript can judge: an import threw, or an entity was taken from
 * it. Then the list is looked through; where that happens often, the rest goes one by one.
 */
function updateBatch(
  store: Store,
  script: Script,
  instance: ScriptInstance,
  driver: ScriptFunction,
  update: ScriptFunction,
  count: number,
  dt: number,
): void {
  const { attachment, stats } = script
  const { ecs } = store
  const { meter } = instance
  const batch = ecs.batch as Batch
  const address = attachment.list.address as number
  let end = count
  let at = 0
  let interruptions = 0
  meter.fuel = script.fuel
  while (at < end && script.status === 'active') {
    batch.at = address + at * WORD
    batch.end = address + end * WORD
    batch.interrupted = false
    let error: unknown
    let next: number
    try {
      meter.enter()
      driver(0, dt)
      error = ecs.raised
      next = (batch.at - address) / WORD
    } catch (thrown) {
      error = thrown
      next = (batch.at - address) / WORD + 1
    }
    stats.entities += next - at
    stats.calls += next - at
    at = next
    if (error !== undefined) faultOf(store, script, instance, error, attachment.list.array[at - 1] as number)
    script.fuel = meter.fuel
    if (error !== undefined && meter.fuel < 0) return
    if (!batch.interrupted) continue
    if (++interruptions > MOST_INTERRUPTIONS) {
      updateAll(store, script, instance, update, at, end, dt)
      return
    }
    end = attachment.keepRunning(at, end)
  }
}

function updateEach(store: Store, script: Script, count: number, dt: number): void {
  const list = script.attachment.list.array
  for (let index = 0; index < count && script.status === 'active'; index++) {
    const entity = list[index] as number
    const instance = script.entityInstances.get(entity)
    const update = instance?.update
    if (instance === undefined || update === undefined || !script.attachment.stillRunsOn(entity)) continue
    script.stats.entities++
    const went = guarded(store, script, instance, 'update', entity, () => update(entity, dt), 0)
    if (!went && script.fuel < 0) return
  }
}
