/** The version of the script ABI that this file describes. */
export const ABI_VERSION = 1

/** The value types of WebAssembly that cross the boundary as JavaScript numbers, or as bigint for `i64`. */
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

/** What the fields of a component may be. An `eid` holds an entity. */
export type FieldType = 'f32' | 'f64' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'eid'

/** Bytes of a page of memory, and the most pages that a memory addressed by i32 has. */
export const PAGE_BYTES = 65_536
export const MOST_PAGES = 65_536

/** How the names of an import module are formed, where they are not a fixed list. */
export type NamePattern = 'column' | 'component' | 'terms' | 'event'

/** `T` stands for the type of the column that the import names. */
export type SignatureType = NumberType | 'T'

export interface AbiSignature {
  readonly params: readonly SignatureType[]
  readonly results: readonly SignatureType[]
}

export interface AbiImport extends AbiSignature {
  readonly module: string
  /** The import's exact name, or how its name is formed. */
  readonly name: string | { readonly pattern: NamePattern; readonly example: string }
  /** Takes any numbers, beside `params`. */
  readonly variadic?: true
  readonly meaning: string
}

export interface AbiExport {
  /** The export's exact name; `on_<event>` stands for every name that begins with `on_`. */
  readonly name: string
  /** The types it may have. Left out: any function without results. */
  readonly signatures?: readonly AbiSignature[]
  readonly kind: 'func' | 'memory'
  readonly when: string
}

const signature = (params: readonly SignatureType[], results: readonly SignatureType[] = []): AbiSignature => ({ params, results })
const row = (
  module: string,
  name: AbiImport['name'],
  params: readonly SignatureType[],
  results: readonly SignatureType[],
  meaning: string,
): AbiImport => ({ module, name, params, results, meaning })
const named = (pattern: NamePattern, example: string): AbiImport['name'] => ({ pattern, example })
const MATH_UNARY = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'log'] as const
const MATH_BINARY = ['atan2', 'pow', 'hypot'] as const

/** Every import that the runtime provides to a script, beside the host functions given to `create()`. */
export const IMPORTS: readonly AbiImport[] = [
  row('ecs.get', named('column', 'Position.x'), ['i32'], ['T'], 'read a field of an entity'),
  row('ecs.set', named('column', 'Position.x'), ['i32', 'T'], [], 'write a field of an entity; integers wrap'),
  row('ecs.has', named('component', 'Dead'), ['i32'], ['i32'], '1 if the entity has the component, else 0'),
  row('ecs.add', named('component', 'Dead'), ['i32'], [], 'add the component, at once'),
  row('ecs.remove', named('component', 'Dead'), ['i32'], [], "remove the component, when the script's run ends"),
  row('ecs', 'spawn', [], ['i32'], 'a new entity, at once; first updated in the next tick'),
  row('ecs', 'despawn', ['i32'], [], "remove the entity, when the script's run ends"),
  row('ecs', 'exists', ['i32'], ['i32'], '1 if the entity is alive, else 0'),
  row('ecs', 'attach', ['i32'], [], 'run this script on the entity, from the next tick'),
  row('ecs', 'detach', ['i32'], [], "stop running this script on the entity, when the script's run ends"),
  row('ecs.query', named('terms', 'Position !Dead'), [], ['i32'], 'run the query, return how many entities match'),
  row('ecs.entity', named('terms', 'Position !Dead'), ['i32'], ['i32'], 'the i-th entity of the last run of that query'),
  { ...row('emit', named('event', 'hit'), [], [], 'queue an event, with any numbers'), variadic: true },
  row('host', 'log', ['i32', 'i32'], [], 'log a UTF-8 line (pointer, length) at info'),
  row('host', 'log_level', ['i32', 'i32', 'i32'], [], 'the same at 0 debug, 1 info, 2 warn, 3 error'),
  row('host', 'time', [], ['f64'], 'seconds simulated so far'),
  row('host', 'tick', [], ['i32'], 'ticks completed so far'),
  row('host', 'random', [], ['f64'], 'seeded, in [0, 1)'),
  row('host', 'state_version', [], ['i32'], 'in `set_state`: the state_version of the code that saved it, 0 if it gave none'),
  ...MATH_UNARY.map((name) => row('math', name, ['f64'], ['f64'], `${name}(x), the same bits on every engine`)),
  ...MATH_BINARY.map((name) => row('math', name, ['f64', 'f64'], ['f64'], `${name}(a, b), the same bits on every engine`)),
]

/** A pointer and a length into the script's memory as two results, or packed as `pointer << 32 | length`. */
const TEXT_RESULT: readonly AbiSignature[] = [signature([], ['i32', 'i32']), signature([], ['i64'])]

/** Every export that the runtime calls or reads. All are optional. */
export const EXPORTS: readonly AbiExport[] = [
  {
    name: 'init',
    kind: 'func',
    signatures: [signature([]), signature(['i32', 'i32'])],
    when: 'once, after the first load; JSON of the config',
  },
  { name: 'tick', kind: 'func', signatures: [signature(['f32']), signature(['f64'])], when: 'once each tick' },
  {
    name: 'update',
    kind: 'func',
    signatures: [signature(['i32', 'f32']), signature(['i32', 'f64'])],
    when: 'each tick, for every entity the script runs on',
  },
  { name: 'on_attach', kind: 'func', signatures: [signature(['i32'])], when: 'when it starts running on an entity' },
  { name: 'on_detach', kind: 'func', signatures: [signature(['i32'])], when: 'when it stops running on an entity' },
  { name: 'on_<event>', kind: 'func', when: 'for each queued event of that name, in the next tick' },
  { name: 'get_state', kind: 'func', signatures: TEXT_RESULT, when: 'before a reload: the state as JSON' },
  { name: 'set_state', kind: 'func', signatures: [signature(['i32', 'i32'])], when: 'after a reload: that JSON, into the new generation' },
  {
    name: 'get_metadata',
    kind: 'func',
    signatures: TEXT_RESULT,
    when: 'at load: JSON { name, version, abi?, description?, state_version? }',
  },
  {
    name: 'process',
    kind: 'func',
    signatures: [signature(['i32', 'i32'], ['i32', 'i32']), signature(['i32', 'i32'], ['i64'])],
    when: 'when the host calls it: JSON context in, JSON result out',
  },
  { name: 'alloc', kind: 'func', signatures: [signature(['i32'], ['i32'])], when: 'before text is passed in: room for that many bytes' },
  { name: 'dealloc', kind: 'func', signatures: [signature(['i32', 'i32'])], when: 'after the call that text was passed to' },
  { name: 'memory', kind: 'memory', when: 'read and written whenever text crosses' },
]

/** The import modules that belong to the runtime: `create({ host })` may not name them. */
export const RESERVED_MODULES: ReadonlySet<string> = new Set(IMPORTS.map((entry) => entry.module))

/** The name of the levels that `host.log_level` takes as a number. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
