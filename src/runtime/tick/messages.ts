import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import { invalidOption } from '../../options.ts'
import { recordInput } from '../api/input-log.ts'
import { inScript, reportFault } from '../script/faults.ts'
import { invoke } from '../script/invoke.ts'
import type { Message } from '../script/message.ts'
import { hasRoom } from '../script/message-room.ts'
import type { Script } from '../script/script.ts'
import { flushCommands } from '../script/step.ts'
import type { Store } from '../script/store.ts'

/** Sends a message of the host. Throws `QueueFull`, `ExportNotFound`, `InvalidOptions`. */
export function sendMessage(store: Store, script: Script, topic: string, data: unknown): void {
  const sent = checked(store, script, topic, data)
  recordInput(store, () => ({ kind: 'send', script: script.name, topic, data: sent.data }))
  store.messages.push(sent)
}

/** Sends a message of the host that wants a reply within so many ticks. Rejects with the errors of {@link sendMessage}, and `Timeout`. */
export async function requestReply(store: Store, script: Script, topic: string, data: unknown, ticks: number): Promise<unknown> {
  const sent = checked(store, script, topic, data)
  recordInput(store, () => ({ kind: 'request', script: script.name, topic, data: sent.data, ticks }))
  const id = store.messages.number()
  store.messages.push({ ...sent, id })
  return store.messages.request(id, script.name, store.clock.tick + ticks)
}

function checked(store: Store, script: Script, topic: string, data: unknown): Extract<Message, { kind: 'message' }> {
  if (typeof topic !== 'string' || topic === '') invalidOption('a message must have a topic, a text that is not empty')
  const { messages: limit, jsonBytes } = script.options.limits
  if (store.messages.waitingFor(script.name) >= limit)
    throw inScript(script, new ScriptError('QueueFull', `${limit} messages wait for it already (limits.messages)`))
  if (
    script.running !== undefined &&
    script.options.actor === undefined &&
    !script.running.generation.program.takesJson(EXPORT.handleMessage)
  )
    throw inScript(script, new ScriptError('ExportNotFound', `it handles no messages: it exports no '${EXPORT.handleMessage}'`))
  const message = { kind: 'message', to: script.name, from: null, topic, data: dataOf(data) } as const
  if (!hasRoom(store, message)) {
    const room = `the messages that wait for it may have ${jsonBytes / 2} bytes as JSON together, half of limits.jsonBytes`
    throw inScript(script, new ScriptError('QueueFull', `there is no room for the message: ${room}`))
  }
  return message
}

function dataOf(data: unknown): unknown {
  try {
    return copyJson(data ?? null)
  } catch (cause) {
    return invalidOption(`the data of a message must be a value that JSON can write: ${cause instanceof Error ? cause.message : cause}`)
  }
}

/** Delivers the messages that were sent since the last tick, in their order. */
export function deliverMessages(store: Store): void {
  const { messages, clock } = store
  if (messages.isEmpty) return
  // Messages stay for a script that is loading, and for an actor that gets them with its context.
  const stays = ({ to, kind }: Message): boolean => {
    const script = store.scripts.find(({ name }) => name === to)
    return script?.status === 'loading' || (kind === 'message' && script !== undefined && takesWithContext(script))
  }
  for (const message of messages.take(stays)) {
    const script = store.scripts.find(({ name }) => name === message.to)
    if (script?.status === 'active' && !script.isPaused) deliver(store, script, message)
    else {
      const why = script === undefined ? 'was unloaded' : script.isPaused ? 'is disabled' : 'has faulted'
      refuse(store, message, new ScriptError('ScriptNotFound', `'${message.to}' ${why}`))
    }
  }
  messages.expire(clock.tick)
}

/** Returns whether a script gets its messages with the context of `process`. */
export function takesWithContext({ options, running, status, isPaused }: Script): boolean {
  return (
    options.actor !== undefined && status === 'active' && !isPaused && running?.generation.program.takesJson(EXPORT.handleMessage) === false
  )
}

function deliver(store: Store, script: Script, message: Message): void {
  const name = message.kind === 'message' ? EXPORT.handleMessage : EXPORT.handleCallback
  const instance = script.running?.instance
  if (instance === undefined || script.running?.generation.program.takesJson(name) !== true) {
    refuse(store, message, new ScriptError('ExportNotFound', `it exports no '${name}'`, { script: script.name, export: name }))
    return
  }
  const { to: _, kind: __, ...given } = message
  script.stats.calls++
  script.fuel -= PRICES.entry
  try {
    const data = invoke(store, instance, script, () => instance.callJson(name, given)) ?? null
    if (message.kind === 'message') reply(store, script, message, data)
  } catch (error) {
    refuse(store, message, reportFault(store, script, error, { export: name }))
  }
  flushCommands(store)
}

/** Passes the result of `handle_message` to the sender, if it wants a reply. */
function reply(store: Store, { name, stats }: Script, { from, id }: Extract<Message, { kind: 'message' }>, data: unknown): void {
  if (id === undefined) return
  if (from === null) store.messages.answer(id, { data })
  else {
    const message: Message = { kind: 'reply', to: from, from: name, id, data }
    if (hasRoom(store, message)) store.messages.push(message)
    else stats.messagesDropped++
  }
}

/** Rejects a request of the host. A request of a script ends without a reply. */
function refuse({ messages }: Store, message: Message, error: ScriptError): void {
  if (message.kind === 'message' && message.from === null && message.id !== undefined) messages.answer(message.id, error)
}
