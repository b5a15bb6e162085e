import { entityExists, hasComponent } from 'bitecs'
import * as v from 'valibot'
import { PRICES } from '../../abi/prices.ts'
import { LOG_LEVELS, type LogLevel } from '../../abi/types.ts'
import { despawn, type Ecs, priceOfChange, spawn } from '../../ecs/entities/access.ts'
import { ScriptError } from '../../errors.ts'
import { deniedBy, type Permission } from '../../host/modules/permissions.ts'
import { findMistake } from '../../options.ts'
import type { ComponentChanges } from '../api/component-types.ts'
import type { Message } from '../script/message.ts'
import { hasRoom } from '../script/message-room.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'
import { applyChanges, asHost, type Change, checkAlive, checkChanges } from './entity-changes.ts'

/** What `process` returns. Everything may be left out. */
export interface ActorResult {
  readonly set?: readonly ({ readonly entity: number } & Readonly<Record<string, unknown>>)[]
  readonly spawn?: readonly ComponentChanges[]
  readonly despawn?: readonly number[]
  readonly add?: readonly ActorChange[]
  readonly remove?: readonly ActorChange[]
  readonly emit?: readonly { readonly name: string; readonly args?: readonly number[] }[]
  readonly send?: readonly { readonly to: string; readonly topic: string; readonly data?: unknown; readonly id?: number }[]
  readonly log?: readonly (string | { readonly level?: LogLevel; readonly message: string })[]
}

interface ActorChange {
  readonly entity: number
  readonly component: string
}

const entity = v.pipe(v.number(), v.integer(), v.minValue(0))
const text = v.pipe(v.string(), v.minLength(1))
const fields = v.record(v.string(), v.record(v.string(), v.number()))
const change = v.strictObject({ entity, component: text })
const schema = v.nullable(
  v.strictObject({
    set: v.optional(v.array(v.looseObject({ entity }))),
    spawn: v.optional(v.array(fields)),
    despawn: v.optional(v.array(entity)),
    add: v.optional(v.array(change)),
    remove: v.optional(v.array(change)),
    emit: v.optional(v.array(v.strictObject({ name: text, args: v.optional(v.array(v.number())) }))),
    send: v.optional(
      v.array(
        v.strictObject({
          to: text,
          topic: text,
          data: v.optional(v.unknown()),
          id: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
        }),
      ),
    ),
    log: v.optional(v.array(v.union([v.string(), v.strictObject({ level: v.optional(v.picklist(LOG_LEVELS)), message: v.string() })]))),
  }),
)

/** The work that a result asks for, and its price. */
interface Plan {
  readonly work: (() => void)[]
  price: number
}

/**
 * Checks the whole result of `process`, then applies it. A wrong result changes nothing. Throws `InvalidResult` with the path of the
 * first mistake, `OutOfFuel`.
 */
export function applyResult(store: Store, script: Script, given: unknown): void {
  const mistake = findMistake(schema, given ?? null)
  if (mistake !== undefined) refuse(mistake)
  const plan: Plan = { work: [], price: 0 }
  planWork(store, script, (given ?? {}) as ActorResult, plan)
  if (plan.price > script.fuel) {
    script.fuel = -1
    throw new ScriptError('OutOfFuel', 'the result of process costs more than the fuel that is left (limits.fuel)')
  }
  script.fuel -= plan.price
  // The world may have no room for an entity, or the queue for an event.
  transact(store, script, [], () => {
    for (const work of plan.work) work()
  })
}

function planWork(store: Store, script: Script, result: ActorResult, plan: Plan): void {
  const ecs = asHost(store)
  const change = priceOfChange(store.ecs)
  const add = (price: number, work: () => void): void => {
    plan.price += price
    plan.work.push(work)
  }
  for (const [index, { entity, ...components }] of (result.set ?? []).entries()) {
    const changes = changesAt(ecs, `set[${index}]`, entity, components as ComponentChanges)
    for (const { component } of changes) allow(script, `set[${index}].${component.name}`, { kind: 'write', component: component.name })
    for (const { component } of changes) {
      if (!script.options.actor?.write.includes(component.name)) refuse(`set[${index}].${component.name} is not in actor.write`)
      if (!hasComponent(ecs.world, entity, component.component))
        refuse(`set[${index}]: the entity ${entity} has no ${component.name}; add it first`)
    }
    add(PRICES.plainField * changes.reduce((sum, { writes }) => sum + writes.length, 0), () => applyChanges(ecs, entity, changes))
  }
  planEntities(script, result, ecs, change, add)
  planReports(store, script, result, add)
}

type Add = (price: number, work: () => void) => void

function planEntities(script: Script, result: ActorResult, ecs: Ecs, change: number, add: Add): void {
  const { spawnsPerTick } = script.options.limits
  const spawns = result.spawn ?? []
  if (script.spawned + spawns.length > spawnsPerTick) refuse(`spawn has ${spawns.length} entities, more than limits.spawnsPerTick leaves`)
  for (const [index, components] of spawns.entries()) {
    allow(script, `spawn[${index}]`, { kind: 'spawn' })
    const changes = within(`spawn[${index}]`, () => checkChanges(ecs, components))
    for (const { component } of changes) allow(script, `spawn[${index}].${component.name}`, { kind: 'change', component: component.name })
    add(change * (1 + changes.length), () => {
      script.spawned++
      applyChanges(ecs, spawn(ecs), changes)
    })
  }
  for (const [index, entity] of (result.despawn ?? []).entries()) {
    allow(script, `despawn[${index}]`, { kind: 'spawn' })
    within(`despawn[${index}]`, () => checkAlive(ecs, entity))
    add(change, () => despawn(ecs, entity))
  }
  for (const kind of ['add', 'remove'] as const) {
    for (const [index, { entity, component }] of (result[kind] ?? []).entries()) {
      const changes = changesAt(ecs, `${kind}[${index}]`, entity, { [component]: kind === 'add' ? {} : null })
      allow(script, `${kind}[${index}].component`, { kind: 'change', component })
      add(change, () => entityExists(ecs.world, entity) && applyChanges(ecs, entity, changes))
    }
  }
}

function planReports(store: Store, script: Script, result: ActorResult, add: Add): void {
  for (const [index, { name, args = [] }] of (result.emit ?? []).entries()) {
    allow(script, `emit[${index}].name`, { kind: 'emit', event: name })
    add(PRICES.event + PRICES.eventNumber * args.length, () => {
      store.events.push(name, args, script.name)
      store.emitter.queue('event', { name, args, script: script.name })
    })
  }
  for (const [index, { to, topic, data = null, id }] of (result.send ?? []).entries()) {
    if (!store.scripts.some(({ name }) => name === to)) refuse(`send[${index}].to names no script, '${to}'`)
    add(PRICES.event, () => {
      const message: Message = { kind: 'message', to, from: script.name, topic, data, ...(id !== undefined && { id }) }
      if (hasRoom(store, message)) store.messages.push(message)
      else script.stats.messagesDropped++
    })
  }
  for (const line of result.log ?? []) {
    const { level = 'info', message } = typeof line === 'string' ? { message: line } : line
    add(PRICES.log, () => script.log.line(LOG_LEVELS.indexOf(level), () => message))
  }
}

function changesAt(ecs: Ecs, where: string, entity: number, components: ComponentChanges): readonly Change[] {
  return within(where, () => {
    checkAlive(ecs, entity)
    return checkChanges(ecs, components)
  })
}

function allow({ options }: Script, where: string, permission: Permission): void {
  const denied = deniedBy(options.grant, permission)
  if (denied !== undefined) refuse(`${where} is not granted: ${denied}`)
}

/** Runs a check whose error says what is wrong at a place of the result. */
function within<Result>(where: string, check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    return refuse(`${where}: ${error instanceof ScriptError ? error.detail : String(error)}`)
  }
}

function refuse(what: string): never {
  throw new ScriptError('InvalidResult', what)
}
