import { handlerOf } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { ScriptError } from '../../errors.ts'
import type { GuestInstance, Handler } from '../../guest/guest.ts'
import type { EventList } from '../../host/services/event-queue.ts'
import { recordInput } from '../api/input-log.ts'
import { reportFault } from '../script/faults.ts'
import { invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import { flushCommands } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { instances } from './entity-instances.ts'

/** Queues an event of the host. Throws `InvalidOptions`, `OutOfMemory`. */
export function emitEvent(store: Store, name: string, numbers: (number | bigint)[]): void {
  if (typeof name !== 'string' || name === '') throw new ScriptError('InvalidOptions', 'an event must have a name')
  if (!numbers.every((value) => typeof value === 'number' || typeof value === 'bigint')) {
    throw new ScriptError('InvalidOptions', `the arguments of the event '${name}' must be numbers`)
  }
  recordInput(store, () => ({ kind: 'emit', name, args: numbers }))
  store.events.push(name, numbers)
}

/** The call of a handler. One object serves all events of a tick. */
interface HandlerCall {
  instance: GuestInstance | undefined
  handler: Handler | undefined
  readonly numbers: (number | bigint)[]
}

/** Calls the handlers of the events that were queued since the last tick: event by event, in the order of the scripts. */
export function deliverEvents(store: Store, scripts: readonly Script[]): void {
  const events = store.events.take()
  if (events.length === 0) return
  const call: HandlerCall = { instance: undefined, handler: undefined, numbers: [] }
  const begin = timing(store.options.clock)
  const receivers = new Map<string, readonly Script[]>()
  let { faults } = store
  for (let index = 0; index < events.length; index++) {
    // A fault may give a script the code that it had before.
    if (faults !== store.faults) receivers.clear()
    faults = store.faults
    const name = events.nameOf(index)
    let found = receivers.get(name)
    if (found === undefined) {
      found = scripts.filter((script) => handlesEvent(script, name))
      receivers.set(name, found)
    }
    for (const script of found) {
      // An observer or a host function may have reset the world.
      checkLife(store.ecs)
      if (script.status !== 'active' || !handlesEvent(script, name)) continue
      begin(script)
      deliver(store, script, events, index, call)
      flushCommands(store)
    }
  }
  begin(undefined)
}

function handlesEvent({ running }: Script, name: string): boolean {
  return running?.instance.roles.handlers.has(name) === true
}

function deliver(store: Store, script: Script, events: EventList, index: number, call: HandlerCall): void {
  if (script.options.instances === 'shared') deliverTo(store, script, script.running?.instance, undefined, events, index, call)
  else for (const [instance, entity] of instances(script)) deliverTo(store, script, instance, entity, events, index, call)
}

function deliverTo(
  store: Store,
  script: Script,
  instance: GuestInstance | undefined,
  entity: number | undefined,
  events: EventList,
  index: number,
  call: HandlerCall,
): void {
  const name = events.nameOf(index)
  const handler = instance?.roles.handlers.get(name)
  if (instance === undefined || handler === undefined || script.status !== 'active' || script.isExhausted) return
  fitNumbers(call.numbers, handler.params, events, index)
  call.instance = instance
  call.handler = handler
  script.stats.calls++
  script.fuel -= PRICES.handlerNumber * call.numbers.length + PRICES.entry
  try {
    invoke(store, instance, script, callHandler, call)
  } catch (error) {
    reportFault(store, script, error, { export: handlerOf(name), ...(entity !== undefined && { entity }) })
  }
}

function callHandler({ instance, handler, numbers }: HandlerCall): void {
  instance?.meter.enter()
  handler?.call(...numbers)
}

/** Fits the numbers of an event to the parameters of a handler: drops those past the last parameter, and adds zeros. */
function fitNumbers(numbers: (number | bigint)[], params: readonly string[] | undefined, events: EventList, index: number): void {
  numbers.length = params?.length ?? events.countOf(index)
  for (let place = 0; place < numbers.length; place++) {
    const value = events.number(index, place)
    numbers[place] = params === undefined ? value : fitNumber(params[place] as string, value)
  }
}

function fitNumber(param: string, value: number | bigint): number | bigint {
  if (param !== 'i64') return Number(value)
  return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}

/**
 * Returns a function that is called as a script begins to run, and with `undefined` at the end. It adds the time until then to the script before. The
 * clock is read only where another script begins: that takes as long as a short call.
 */
function timing(clock: () => number): (script: Script | undefined) => void {
  let running: Script | undefined
  let since = 0
  return (script) => {
    if (script === running) return
    const now = clock()
    if (running !== undefined) running.stats.ms += now - since
    running = script
    since = now
  }
}
