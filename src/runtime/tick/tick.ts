import { commitRemovals } from 'bitecs'
import { EXPORT } from '../../abi/exports.ts'
import { keepColumns } from '../../ecs/entities/access.ts'
import { checkLife, isGone } from '../../ecs/entities/world-life.ts'
import type { TickReport } from '../api/reports.ts'
import type { Script } from '../script/script.ts'
import { flushCommands, reportObserver } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { enter } from './enter.ts'
import { dropEntityInstance, instanceFor, instances, makeEntityInstance } from './entity-instances.ts'
import { deliverEvents } from './events.ts'
import { deliverMessages } from './messages.ts'
import { updateEntities } from './update.ts'

/**
 * Runs one fixed step: answers of workers, restarts, attachments and detachments since the last tick, hooks, queued events, messages,
 * answers by HTTP, every script by order but not those that are paused, and jobs. A fault stops only the script that it happened in.
 */
export function runTick(store: Store, dt: number): TickReport {
  const { clock, options, scripts, turns } = store
  const start = options.clock()
  store.faults = 0
  store.updates?.speedUpQueries(store.ecs.world)
  settleQueries(store)
  // Scripts may be unloaded while the tick runs.
  turns.length = 0
  for (const script of scripts) {
    if (!script.isPaused) turns.push(script)
    else script.hooks?.take()
    beginTick(store, script)
  }
  store.workerAnswers?.apply(store)
  store.jobs?.beginTick()
  for (const script of turns) if (script.status === 'faulted') script.running?.generation.schedule?.restart()
  for (const script of turns) if (!script.attachment.isSettled) timed(store, script, settleAttachments, dt)
  for (const script of turns) {
    if (script.hooks === undefined) continue
    if (script.status === 'active') timed(store, script, callHooks, dt)
    // Hooks are not called later for what happens while the script is stopped.
    else script.hooks.take()
  }
  deliverEvents(store, turns)
  deliverMessages(store)
  const { services } = store
  if (services !== undefined)
    for (const script of turns) if (script.services?.http.hasAnswers === true) timed(store, script, services.deliver, dt)
  for (const script of turns) if (hasWork(store, script)) timed(store, script, runScript, dt)
  store.jobs?.run()
  settleQueries(store)
  clock.tick++
  clock.time += dt
  let entities = 0
  let fuel = 0
  for (const script of scripts) if (script.isPaused) endTick(store, script)
  for (const script of turns) {
    endTick(store, script)
    entities += script.lastStats.entities
    fuel += script.lastStats.fuel
  }
  turns.length = 0
  return { tick: clock.tick, time: clock.time, dt, entities, fuel, faults: store.faults, ms: options.clock() - start }
}

/**
 * Takes removed entities out of the queries, and moves others into their places, as bitECS does when the next query runs: the order of
 * entities must not depend on whether the game, or its view, runs one between two ticks.
 */
function settleQueries({ ecs }: Store): void {
  if (!isGone(ecs)) commitRemovals(ecs.world)
}

/**
 * Detaches a script from every entity and calls its `on_detach` for each. Another script may be running: the commands of both
 * are carried out when that one's run ends.
 */
export function detachAll(store: Store, script: Script): void {
  script.attachment.detachAll((cause) => reportObserver(store, cause))
  script.fuel = script.options.limits.fuel
  script.isExhausted = false
  if (store.ecs.journal.isOpen) keepColumns(store.ecs, script.running?.generation.program.written ?? [])
  if (script.status === 'active') settleAttachments(store, script)
}

function beginTick(store: Store, script: Script): void {
  script.spawned = 0
  script.instanceFuel = script.options.limits.fuel
  script.fuel = script.options.limits.fuel
  script.isExhausted = false
  script.jobFuel = 0
  const { stats } = script
  stats.entities = stats.ms = stats.calls = stats.messagesDropped = 0
  if (!script.isPaused) store.renewal?.keepState(script)
}

function endTick(store: Store, script: Script): void {
  const { stats, lastStats, log } = script
  lastStats.entities = stats.entities
  lastStats.fuel = 2 * script.options.limits.fuel - script.fuel - script.instanceFuel + script.jobFuel
  lastStats.ms = stats.ms
  lastStats.calls = stats.calls
  lastStats.logsDropped = log.dropped
  lastStats.messagesDropped = stats.messagesDropped
  log.endTick()
  store.renewal?.forgetState(script)
}

function timed(store: Store, script: Script, run: (store: Store, script: Script, dt: number) => void, dt: number): void {
  // An observer or a host function may have reset the world.
  checkLife(store.ecs)
  if (script.status !== 'active') return
  const start = store.options.clock()
  run(store, script, dt)
  flushCommands(store)
  script.stats.ms += store.options.clock() - start
}

function settleAttachments(store: Store, script: Script): void {
  const perEntity = script.options.instances === 'entity'
  script.attachment.settle({
    proceed: () => script.status === 'active',
    started(entity) {
      if (perEntity && !makeEntityInstance(store, script, entity)) return false
      notify(store, script, EXPORT.onAttach, entity)
      return true
    },
    stopped(entity) {
      notify(store, script, EXPORT.onDetach, entity)
      dropEntityInstance(script, entity)
    },
    forgotten(entity) {
      dropEntityInstance(script, entity)
    },
  })
}

function notify(store: Store, script: Script, name: typeof EXPORT.onAttach | typeof EXPORT.onDetach, entity: number): void {
  const instance = instanceFor(script, entity)
  const call = name === EXPORT.onAttach ? instance?.roles.onAttach : instance?.roles.onDetach
  if (instance !== undefined && call !== undefined) enter(store, script, instance, name, entity, call, entity)
}

/** Returns whether a script has a `tick` or an interval to call, or entities to update. */
function hasWork(store: Store, script: Script): boolean {
  const { running, attachment } = script
  if (running?.generation.schedule?.isDue() === true || isActing(store, script)) return true
  const roles = running?.instance.roles
  return roles?.tick !== undefined || (roles?.update !== undefined && attachment.entities() > 0)
}

function callHooks(_: Store, { running }: Script): void {
  running?.generation.schedule?.callHooks()
}

/** Returns whether `process` of a script is called in this tick. */
function isActing({ clock }: Store, { options: { actor } }: Script): boolean {
  return actor !== undefined && (clock.tick + 1) % actor.every === 0
}

function runScript(store: Store, script: Script, dt: number): void {
  script.running?.generation.schedule?.callIntervals()
  runTickExport(store, script, dt)
  if (script.status === 'active' && !script.isExhausted && isActing(store, script)) script.running?.generation.actor?.run(dt)
  if (script.status === 'active') updateEntities(store, script, dt)
}

function runTickExport(store: Store, script: Script, dt: number): void {
  if (script.running?.instance.roles.tick === undefined) return
  for (const [instance, entity] of instances(script)) {
    if (script.status !== 'active' || script.isExhausted) return
    const { tick } = instance.roles
    if (tick !== undefined) enter(store, script, instance, EXPORT.tick, entity, tick, dt)
  }
}
