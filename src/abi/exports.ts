import type { AbiExport, AbiSignature, SignatureType } from './types.ts'

/** The names of the exports that the runtime calls or reads. Other files use this table instead of the strings. */
export const EXPORT = {
  init: 'init',
  tick: 'tick',
  update: 'update',
  onAttach: 'on_attach',
  onDetach: 'on_detach',
  onResponse: 'on_response',
  getState: 'get_state',
  setState: 'set_state',
  getMetadata: 'get_metadata',
  process: 'process',
  handleMessage: 'handle_message',
  handleCallback: 'handle_callback',
  validateConfig: 'validate_config',
  getVersion: 'get_version',
  jobInit: 'job_init',
  jobChunk: 'job_chunk',
  jobFinish: 'job_finish',
  jobCleanup: 'job_cleanup',
  state: 'state',
  stateSize: 'state_size',
  migrateState: 'migrate_state',
  alloc: 'alloc',
  dealloc: 'dealloc',
  memory: 'memory',
} as const

/** The exports that pass JSON or text, and those of jobs, which guests other than scripts pass in their own way. */
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
  EXPORT.jobInit,
  EXPORT.jobChunk,
  EXPORT.jobFinish,
  EXPORT.jobCleanup,
]

const EVENT_PREFIX = 'on_'
/** Exports that begin as handlers of events do. */
const NO_EVENTS: readonly string[] = [EXPORT.onAttach, EXPORT.onDetach, EXPORT.onResponse]

/** Returns the event that an export handles: `hit` for `on_hit`. `undefined` for names that handle no event. */
export function handledEvent(name: string): string | undefined {
  if (!name.startsWith(EVENT_PREFIX) || NO_EVENTS.includes(name)) return undefined
  return name.slice(EVENT_PREFIX.length)
}

/** Returns the name of the export that handles an event. */
export function handlerOf(event: string): string {
  return EVENT_PREFIX + event
}

const signature = (params: readonly SignatureType[], results: readonly SignatureType[] = []): AbiSignature => ({ params, results })

/** A pointer and a length as two results, or packed into an i64 as `pointer << 32 | length`. */
const TEXT_RESULT: readonly AbiSignature[] = [signature([], ['i32', 'i32']), signature([], ['i64'])]

/** What takes a message or a part of a job: data in, and data out or nothing. */
const DATA_SIGNATURES: readonly AbiSignature[] = [
  signature(['i32', 'i32'], ['i32', 'i32']),
  signature(['i32', 'i32'], ['i64']),
  signature(['i32', 'i32']),
]

/** The signatures that `update` may have: the entity, then `dt` in seconds. */
export const UPDATE_SIGNATURES: readonly AbiSignature[] = [signature(['i32', 'f32']), signature(['i32', 'f64'])]

/** What an export must be that the runtime calls or reads. */
export type ExportRule = Omit<AbiExport, 'when'>

/** The exports that the runtime calls or reads, with their signatures. All are optional. */
export const EXPORT_RULES: readonly ExportRule[] = [
  {
    name: EXPORT.init,
    kind: 'func',
    signatures: [signature([]), signature(['i32', 'i32'])],
  },
  { name: EXPORT.tick, kind: 'func', signatures: [signature(['f32']), signature(['f64'])] },
  { name: EXPORT.update, kind: 'func', signatures: UPDATE_SIGNATURES },
  { name: EXPORT.onAttach, kind: 'func', signatures: [signature(['i32'])] },
  { name: EXPORT.onDetach, kind: 'func', signatures: [signature(['i32'])] },
  { name: EXPORT.onResponse, kind: 'func', signatures: [signature(['i32', 'i32', 'i32', 'i32'])] },
  { name: handlerOf('<event>'), kind: 'func' },
  { name: EXPORT.getState, kind: 'func', signatures: TEXT_RESULT },
  {
    name: EXPORT.setState,
    kind: 'func',
    signatures: [signature(['i32', 'i32'])],
  },
  { name: EXPORT.state, kind: 'number' },
  { name: EXPORT.stateSize, kind: 'number' },
  {
    name: EXPORT.migrateState,
    kind: 'func',
    signatures: [signature(['i32', 'i32', 'i32'])],
  },
  {
    name: EXPORT.getMetadata,
    kind: 'func',
    signatures: TEXT_RESULT,
  },
  { name: EXPORT.getVersion, kind: 'func', signatures: TEXT_RESULT },
  {
    name: EXPORT.process,
    kind: 'func',
    signatures: [signature(['i32', 'i32'], ['i32', 'i32']), signature(['i32', 'i32'], ['i64'])],
  },
  {
    name: EXPORT.validateConfig,
    kind: 'func',
    signatures: [signature(['i32', 'i32'], ['i32', 'i32']), signature(['i32', 'i32'], ['i64'])],
  },
  {
    name: EXPORT.handleMessage,
    kind: 'func',
    signatures: DATA_SIGNATURES,
  },
  {
    name: EXPORT.handleCallback,
    kind: 'func',
    signatures: DATA_SIGNATURES,
  },
  {
    name: EXPORT.jobInit,
    kind: 'func',
    signatures: [signature([]), signature(['i32', 'i32'])],
  },
  {
    name: EXPORT.jobChunk,
    kind: 'func',
    signatures: DATA_SIGNATURES,
  },
  {
    name: EXPORT.jobFinish,
    kind: 'func',
    signatures: [...TEXT_RESULT, signature([])],
  },
  {
    name: EXPORT.jobCleanup,
    kind: 'func',
    signatures: [signature([])],
  },
  {
    name: EXPORT.alloc,
    kind: 'func',
    signatures: [signature(['i32'], ['i32'])],
  },
  { name: EXPORT.dealloc, kind: 'func', signatures: [signature(['i32', 'i32'])] },
  { name: EXPORT.memory, kind: 'memory' },
]

/** When the runtime calls or reads each export. Only documentation needs it: a page that does not import `EXPORTS` leaves it out. */
const WHEN = {
  init: 'once, after the first load; JSON of the config',
  tick: 'once each tick',
  update: 'each tick, for every entity the script runs on',
  on_attach: 'when it starts running on an entity',
  on_detach: 'when it stops running on an entity',
  on_response: 'for each answer to http.request, in a later tick: its id, the status (0: it failed), the body as pointer and length',
  'on_<event>': 'for each queued event of that name, in the next tick',
  get_state: 'before a reload: the state as JSON',
  set_state: 'after a reload: that JSON, into the new generation',
  state: 'before and after a reload: the address of a block that is the whole state',
  state_size: 'at the same time: the length of that block in bytes',
  migrate_state: 'after a reload, if state_version or size differ: the old version, and the old block as pointer and length',
  get_metadata: 'at load: JSON { name, version, abi?, description?, state_version? }',
  get_version: 'at load of a mod: the version as text, that of its manifest',
  process: 'when the host calls it: JSON context in, JSON result out',
  validate_config: 'before init: JSON of the config in; true, or a text of what is wrong, as JSON out',
  handle_message: 'for each message, in the next tick: JSON { from, topic, data, id? } in; the reply, if it has an id, as JSON out',
  handle_callback: 'for each reply to a message of its own: JSON { from, data, id }',
  job_init: "when a job begins, in an instance of its own: JSON of the job's config",
  job_chunk: "for each part of a job's input, as fuel allows: a JSON array of items in, JSON out; or bytes in, bytes out",
  job_finish: 'when the input is over: the result of the job, as JSON or bytes',
  job_cleanup: 'when a job ends, in whatever way; after a fault in a new instance',
  alloc: 'before text is passed in: room for that many bytes',
  dealloc: 'after the call that text was passed to',
  memory: 'read and written whenever text crosses',
} satisfies Record<(typeof EXPORT)[keyof typeof EXPORT] | 'on_<event>', string>

/** The exports that the runtime calls or reads, with their signatures and when it does. All are optional. */
export const EXPORTS: readonly AbiExport[] = /* @__PURE__ */ EXPORT_RULES.map((rule) => ({
  ...rule,
  when: WHEN[rule.name as keyof typeof WHEN],
}))

/** Returns the rule for an export of this name; `undefined` for a name that the runtime never calls. */
export function exportRule(name: string): ExportRule | undefined {
  const wanted = handledEvent(name) === undefined ? name : handlerOf('<event>')
  return EXPORT_RULES.find((rule) => rule.name === wanted)
}
