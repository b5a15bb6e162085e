import type { AbiExport, AbiSignature, SignatureType } from './types.ts'

/** The names of the exports that the runtime calls or reads. Other files use this table instead of the strings. */
export const EXPORT = {
  init: 'init',
  tick: 'tick',
  update: 'update',
  onAttach: 'on_attach',
  onDetach: 'on_detach',
  getState: 'get_state',
  setState: 'set_state',
  getMetadata: 'get_metadata',
  process: 'process',
  handleMessage: 'handle_message',
  handleCallback: 'handle_callback',
  validateConfig: 'validate_config',
  getVersion: 'get_version',
  state: 'state',
  stateSize: 'state_size',
  migrateState: 'migrate_state',
  alloc: 'alloc',
  dealloc: 'dealloc',
  memory: 'memory',
} as const

/** The exports that take or return JSON or text, which guests other than scripts pass in their own way. */
export const JSON_EXPORTS: readonly string[] = [
  EXPORT.init,
  EXPORT.getState,
  EXPORT.setState,
  EXPORT.getMetadata,
  EXPORT.process,
  EXPORT.handleMessage,
  EXPORT.handleCallback,
  EXPORT.validateConfig,
  EXPORT.getVersion,
]

const EVENT_PREFIX = 'on_'

/** Returns the event that an export handles: `hit` for `on_hit`. `undefined` for names that handle no event. */
export function handledEvent(name: string): string | undefined {
  if (!name.startsWith(EVENT_PREFIX) || name === EXPORT.onAttach || name === EXPORT.onDetach) return undefined
  return name.slice(EVENT_PREFIX.length)
}

/** Returns the name of the export that handles an event. */
export function handlerOf(event: string): string {
  return EVENT_PREFIX + event
}

const signature = (params: readonly SignatureType[], results: readonly SignatureType[] = []): AbiSignature => ({ params, results })

/** A pointer and a length as two results, or packed into an i64 as `pointer << 32 | length`. */
const TEXT_RESULT: readonly AbiSignature[] = [signature([], ['i32', 'i32']), signature([], ['i64'])]

/** What takes a message: JSON in, and JSON out or nothing. */
const MESSAGE_SIGNATURES: readonly AbiSignature[] = [
  signature(['i32', 'i32'], ['i32', 'i32']),
  signature(['i32', 'i32'], ['i64']),
  signature(['i32', 'i32']),
]

/** The signatures that `update` may have: the entity, then `dt` in seconds. */
export const UPDATE_SIGNATURES: readonly AbiSignature[] = [signature(['i32', 'f32']), signature(['i32', 'f64'])]

/** The exports that the runtime calls or reads, with their signatures. All are optional. */
export const EXPORTS: readonly AbiExport[] = [
  {
    name: EXPORT.init,
    kind: 'func',
    signatures: [signature([]), signature(['i32', 'i32'])],
    when: 'once, after the first load; JSON of the config',
  },
  { name: EXPORT.tick, kind: 'func', signatures: [signature(['f32']), signature(['f64'])], when: 'once each tick' },
  { name: EXPORT.update, kind: 'func', signatures: UPDATE_SIGNATURES, when: 'each tick, for every entity the script runs on' },
  { name: EXPORT.onAttach, kind: 'func', signatures: [signature(['i32'])], when: 'when it starts running on an entity' },
  { name: EXPORT.onDetach, kind: 'func', signatures: [signature(['i32'])], when: 'when it stops running on an entity' },
  { name: handlerOf('<event>'), kind: 'func', when: 'for each queued event of that name, in the next tick' },
  { name: EXPORT.getState, kind: 'func', signatures: TEXT_RESULT, when: 'before a reload: the state as JSON' },
  {
    name: EXPORT.setState,
    kind: 'func',
    signatures: [signature(['i32', 'i32'])],
    when: 'after a reload: that JSON, into the new generation',
  },
  { name: EXPORT.state, kind: 'number', when: 'before and after a reload: the address of a block that is the whole state' },
  { name: EXPORT.stateSize, kind: 'number', when: 'at the same time: the length of that block in bytes' },
  {
    name: EXPORT.migrateState,
    kind: 'func',
    signatures: [signature(['i32', 'i32', 'i32'])],
    when: 'after a reload, if state_version or size differ: the old version, and the old block as pointer and length',
  },
  {
    name: EXPORT.getMetadata,
    kind: 'func',
    signatures: TEXT_RESULT,
    when: 'at load: JSON { name, version, abi?, description?, state_version? }',
  },
  { name: EXPORT.getVersion, kind: 'func', signatures: TEXT_RESULT, when: 'at load of a mod: the version as text, that of its manifest' },
  {
    name: EXPORT.process,
    kind: 'func',
    signatures: [signature(['i32', 'i32'], ['i32', 'i32']), signature(['i32', 'i32'], ['i64'])],
    when: 'when the host calls it: JSON context in, JSON result out',
  },
  {
    name: EXPORT.validateConfig,
    kind: 'func',
    signatures: [signature(['i32', 'i32'], ['i32', 'i32']), signature(['i32', 'i32'], ['i64'])],
    when: 'before init: JSON of the config in; true, or a text of what is wrong, as JSON out',
  },
  {
    name: EXPORT.handleMessage,
    kind: 'func',
    signatures: MESSAGE_SIGNATURES,
    when: 'for each message, in the next tick: JSON { from, topic, data, id? } in; the reply, if it has an id, as JSON out',
  },
  {
    name: EXPORT.handleCallback,
    kind: 'func',
    signatures: MESSAGE_SIGNATURES,
    when: 'for each reply to a message of its own: JSON { from, data, id }',
  },
  {
    name: EXPORT.alloc,
    kind: 'func',
    signatures: [signature(['i32'], ['i32'])],
    when: 'before text is passed in: room for that many bytes',
  },
  { name: EXPORT.dealloc, kind: 'func', signatures: [signature(['i32', 'i32'])], when: 'after the call that text was passed to' },
  { name: EXPORT.memory, kind: 'memory', when: 'read and written whenever text crosses' },
]

/** Returns the rule for an export of this name; `undefined` for a name that the runtime never calls. */
export function exportRule(name: string): AbiExport | undefined {
  const wanted = handledEvent(name) === undefined ? name : handlerOf('<event>')
  return EXPORTS.find((rule) => rule.name === wanted)
}
