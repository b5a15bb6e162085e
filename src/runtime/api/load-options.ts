import * as v from 'valibot'
import { type Limits, limitsSchema, resolveLimits } from '../../abi/limits.ts'
import type { ComponentsSchema } from '../../ecs/components/columns.ts'
import { GUEST_KINDS, type GuestKind, type Link } from '../../guest/module-description.ts'
import type { Grant } from '../../host/modules/permissions.ts'
import { copyJson, writeJson } from '../../json.ts'
import { anything, boolean, checkOptions, invalidOption, isRecord, nonEmptyString, oneOf, wholeNumber } from '../../options.ts'
import type { ResolvedRuntimeOptions } from './runtime-options.ts'

/** Options of `loadModule`. */
export interface LoadOptions<Name extends string = string> {
  /** The script's name. Must be unique. @default the file name without its extension */
  readonly name?: string
  /** Scripts with a lower order run first; scripts with the same order run in the order in which they were loaded. @default 0 */
  readonly order?: number
  /** What the script may import. @default everything */
  readonly grant?: Grant<Name>
  /** Limits that replace those of the runtime. @default the runtime's limits */
  readonly limits?: Partial<Limits>
  /** Passed to `init` as JSON. @default null */
  readonly config?: unknown
  /**
   * `'shared'` runs one instance on all entities; `'entity'` creates an instance for each entity, with memory and globals of
   * its own, which costs more memory and time.
   * @default 'shared'
   */
  readonly instances?: 'shared' | 'entity'
  /**
   * How a reload keeps the state of a script without `get_state` and `set_state`. `'auto'` carries over mutable globals with
   * the same name and type, and the memory if the data segments of both generations begin at the same addresses; a global or
   * a byte whose initial value was edited gets its new initial value. The memory of a compiled module, and its globals with it, are
   * carried only if nothing shows that a variable moved. `'none'` starts from the initial state.
   * @default 'none'; in the dev loop `'auto'`
   */
  readonly preserve?: 'auto' | 'none'
  /**
   * The number of ticks for which a new generation is on probation: if it traps in that time, code and world are restored to
   * the moment before the reload. 0 turns this off.
   * @default the runtime's
   */
  readonly probation?: number
  /**
   * What a fault does. `'stop'` stops the script until it is reloaded; `'detach'` detaches the entity that it happened on, and the
   * script continues with the next one. With a {@link RestartPolicy} the script begins anew in the next tick.
   * @default 'stop'
   */
  readonly onFault?: 'stop' | 'detach' | RestartPolicy
  /**
   * Exports that are called in the next tick with each entity to which something happened, in the order in which it did: `(entity)` for a
   * component that was added or removed, `(entity, old, new)` for a field that changed, with the type that `ecs.get` has for it.
   * The values are compared once a tick, so a field that changes twice between two ticks changed once.
   * @default []
   */
  readonly hooks?: readonly Hook<Name>[]
  /** Exports that are called without arguments at an interval of ticks. @default [] */
  readonly every?: readonly Interval[]
  /**
   * Makes the script an actor: `process` is called with the entities of a query as JSON, and its result says what to change. The result is
   * checked as a whole, grants among it, before any of it is applied.
   * @default none
   */
  readonly actor?: Actor<Name>
  /**
   * Components that the script declares, by name: they are made from the reserve of `defineComponents`, and given back when it is unloaded.
   * Scripts that declare one with the same fields share it.
   * @default {}
   */
  readonly components?: ComponentsSchema
  /** Exports that every generation of the script must have. @default [] */
  readonly requires?: readonly string[]
  /**
   * How the script accesses columns and entities. `'inline'` replaces calls of `ecs.get`, `ecs.set` and `ecs.entity` by loads
   * and stores, and runs `update` over all entities in one call a tick. `'host'` calls a JavaScript function for each access,
   * and calls `update` for each entity: slower, with the same results. `'inline'` falls back to `'host'` with
   * `instances: 'entity'`.
   *
   * On engines that support one memory in a module (before Node 22; Safari), a script's own memory becomes a part of the memory that
   * `defineComponents` made. A memory that finds no room there makes the script fall back to `'host'`. `'window'` does the same on
   * every engine, and rejects with `OutOfMemory` instead of falling back.
   * @default the `link` of the runtime: 'inline'
   */
  readonly link?: Link
  /**
   * Whether `update` may run on four entities at once, where its code allows. The results are the same, to the bit and to the
   * unit of fuel. `script(id).link` says whether it does, or what prevents it.
   * @default true
   */
  readonly vector?: boolean
  /** The kind of module. @default detected from the bytes */
  readonly guest?: GuestKind
  /**
   * Whether an Extism plugin runs in a worker, by the package `@extism/extism`. It may then wait, such as for HTTP to `grant.hosts`. Its
   * calls return promises, which settle at the start of a later tick.
   * @default false
   */
  readonly worker?: boolean
  /** Milliseconds of wall time that a call of a plugin in a worker may take. A longer one ends with `Timeout`. @default 5_000 */
  readonly timeoutMs?: number
}

/** A call of an export for what happens to entities. */
export interface Hook<Name extends string = string> {
  /** What happens: a component is added, is removed, or a field of it changes. */
  readonly on: 'add' | 'remove' | 'change'
  /** The name of the component; for a change, the name of the field, such as `Position.x`. */
  readonly component: Name | `${Name}.${string}`
  /** The export that is called. */
  readonly export: string
}

/** A call of an export at an interval. */
export interface Interval {
  /** Ticks between two calls. */
  readonly ticks: number
  /** The export that is called. */
  readonly export: string
}

/** What an actor receives, and what it may write. */
export interface Actor<Name extends string = string> {
  /** The query: names of components, those to leave out with a `!`, such as `Position !Dead`. */
  readonly query: string
  /** The components whose fields it receives. @default [] */
  readonly read?: readonly Name[]
  /** The components whose fields it may set. @default [] */
  readonly write?: readonly Name[]
  /** Ticks between two calls. @default 1 */
  readonly every?: number
}

/** How often a script that faulted is started again: with new instances, whose `init` gets the config. */
export interface RestartPolicy {
  /** The restarts that are allowed within `within` ticks. One more fault stops the script. */
  readonly restart: number
  /** The number of ticks in which restarts are counted. */
  readonly within: number
}

/** Options of `reloadModule`. */
export interface ReloadOptions {
  /** How to keep the state of a script that was loaded without `preserve`: see `LoadOptions.preserve`. @default 'none' */
  readonly preserve?: 'auto' | 'none'
}

/** Options of `request`. */
export interface RequestOptions {
  /** The ticks within which the script must reply, counted from the next one. @default 60 */
  readonly ticks?: number
}

/** The options, complete and frozen. */
export type ResolvedLoadOptions = Readonly<
  Required<Omit<LoadOptions, 'name' | 'grant' | 'limits' | 'guest' | 'preserve' | 'timeoutMs' | 'actor'>>
> & {
  readonly preserve: 'auto' | 'none' | undefined
  readonly name: string | undefined
  readonly grant: Grant | undefined
  readonly guest: GuestKind | undefined
  readonly timeoutMs: number | undefined
  readonly actor: Required<Actor> | undefined
  readonly limits: Limits
}

const names = v.custom<string[]>((value) => Array.isArray(value) && value.every((name) => typeof name === 'string'), 'a list of names')
const HOST_NAME = /^(\*|(\*\.)?(\[[0-9a-f:.]+\]|[^\s/:*[\]]+))$/i
const hostNames = v.custom<string[]>(
  (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && HOST_NAME.test(name)),
  "a list of host names without protocol and port, such as 'api.example.com' or '*.example.com'",
)
/** The schema of a {@link Grant}. */
export const grantSchema: v.GenericSchema = v.strictObject(
  {
    read: v.optional(names),
    write: v.optional(names),
    change: v.optional(names),
    spawn: v.optional(boolean),
    emit: v.optional(names),
    host: v.optional(names),
    hosts: v.optional(hostNames),
  },
  'an object with read, write, change, spawn, emit, host, hosts',
)
const hook = v.strictObject(
  { on: oneOf('add', 'remove', 'change'), component: nonEmptyString, export: nonEmptyString },
  'an object with on, component and export',
)
const interval = v.strictObject({ ticks: wholeNumber(1), export: nonEmptyString }, 'an object with ticks and export')
const actor = v.strictObject(
  { query: nonEmptyString, read: v.optional(names), write: v.optional(names), every: v.optional(wholeNumber(1)) },
  'an object with query, read, write, every',
)
const restartPolicy = v.strictObject({ restart: wholeNumber(1), within: wholeNumber(1) }, 'an object with restart and within')
const preserve = v.optional(oneOf('auto', 'none'))
const requestOptions = v.strictObject({ ticks: v.optional(wholeNumber(1)) }, 'an object of options')
const reloadOptions = v.strictObject({ preserve }, 'an object of options')
const loadOptions = v.strictObject(
  {
    name: v.optional(nonEmptyString),
    order: v.optional(v.custom<number>(Number.isFinite, 'a finite number')),
    grant: v.optional(grantSchema),
    limits: v.optional(limitsSchema),
    config: anything,
    instances: v.optional(oneOf('shared', 'entity')),
    preserve,
    probation: v.optional(wholeNumber(0)),
    onFault: v.optional(v.union([oneOf('stop', 'detach'), restartPolicy], "'stop', 'detach' or an object with restart and within")),
    actor: v.optional(actor),
    hooks: v.optional(v.array(hook, 'a list of hooks')),
    every: v.optional(v.array(interval, 'a list of intervals')),
    components: v.optional(v.custom<object>(isRecord, 'an object of components')),
    requires: v.optional(names),
    link: v.optional(oneOf('inline', 'window', 'host')),
    vector: v.optional(boolean),
    guest: v.optional(oneOf(...GUEST_KINDS)),
    worker: v.optional(boolean),
    // The longest time of a timer.
    timeoutMs: v.optional(wholeNumber(1, 2 ** 31 - 1)),
  },
  'an object of options',
)

/** The schemas of options that a file holds. */
export const loadOptionsSchema: v.GenericSchema<LoadOptions> = loadOptions as v.GenericSchema<unknown> as v.GenericSchema<LoadOptions>
export const reloadOptionsSchema: v.GenericSchema<ReloadOptions> =
  reloadOptions as v.GenericSchema<unknown> as v.GenericSchema<ReloadOptions>

/** Returns the options, complete and frozen. `names` are those of the components that there are. Throws `InvalidOptions`. */
export function resolveLoadOptions(
  options: LoadOptions,
  runtime: Pick<ResolvedRuntimeOptions, 'limits' | 'link' | 'relations' | 'probation'> & { readonly names: Iterable<string> },
): ResolvedLoadOptions {
  checkOptions(loadOptions, options, 'loadModule')
  const {
    name,
    order = 0,
    grant,
    config = null,
    instances = 'shared',
    onFault = 'stop',
    actor,
    requires = [],
    link = runtime.link,
    vector = true,
    preserve,
    probation = runtime.probation,
    guest,
    worker = false,
    timeoutMs,
  } = options
  if (timeoutMs !== undefined && !worker) invalidOption('timeoutMs has no effect without worker: true: fuel bounds the time of a script')
  if (worker && actor !== undefined) invalidOption('an actor cannot run in a worker: its result is applied in the tick that calls it')
  const known = [...runtime.names, ...Object.keys(options.components ?? {})]
  const checkNames = (names: readonly string[] = [], among: readonly string[], what: string): void => {
    for (const name of names) {
      if (!among.includes(name)) invalidOption(`the grant names the unknown ${what} '${name}'; there are ${among.join(', ') || 'none'}`)
    }
  }
  checkNames([...(grant?.read ?? []), ...(grant?.write ?? [])], known, 'component')
  checkNames(grant?.change, [...known, ...Object.keys(runtime.relations)], 'component or relation')
  checkJsonConfig(config)
  return Object.freeze({
    name,
    order,
    grant: copyOf(grant),
    config,
    instances,
    onFault: copyOf(onFault),
    actor: actor && { read: [], write: [], every: 1, ...copyOf(actor) },
    hooks: copyOf(options.hooks) ?? [],
    every: copyOf(options.every) ?? [],
    components: copyOf(options.components) ?? {},
    requires: [...requires],
    link,
    vector,
    preserve,
    probation,
    guest,
    worker,
    timeoutMs,
    limits: resolveLimits(runtime.limits, options.limits),
  })
}

/** Copies what the caller may change later. A copy takes microseconds even of nothing, and a small script a few hundred to load. */
function copyOf<Value>(value: Value): Value {
  return typeof value === 'object' ? structuredClone(value) : value
}

/** Returns the options of a script as JSON data, without the name and with the config that it has now. */
export function recordedOptions({
  options,
  config: now,
}: {
  readonly options: ResolvedLoadOptions
  readonly config: unknown
}): LoadOptions {
  const { name: _, ...rest } = options
  const config = copyJson(now)
  return Object.fromEntries(Object.entries({ ...rest, config }).filter(([, value]) => value !== undefined))
}

/** Checks the options of a reload. Throws `InvalidOptions`. */
export function resolveReloadOptions(options: ReloadOptions): ReloadOptions {
  checkOptions(reloadOptions, options, 'reloadModule')
  return options
}

/** Returns the options of a request, complete. Throws `InvalidOptions`. */
export function resolveRequestOptions(options: RequestOptions): Required<RequestOptions> {
  checkOptions(requestOptions, options, 'request')
  return { ticks: options.ticks ?? 60 }
}

/** Returns whether a script has hooks, intervals or restarts. */
export function isScheduled({ hooks, every, onFault }: ResolvedLoadOptions): boolean {
  return hooks.length + every.length > 0 || typeof onFault === 'object'
}

/** Returns why accesses may not be inlined: instances of entities may be created at any time. `undefined` if they may. */
export function reasonToCall({ link, instances }: ResolvedLoadOptions): string | undefined {
  if (link === 'host') return "it was loaded with link: 'host'"
  return instances === 'entity' ? "it was loaded with instances: 'entity'" : undefined
}

/** Throws `InvalidOptions` for a config that JSON cannot write. */
export function checkJsonConfig(config: unknown): void {
  try {
    writeJson(config)
  } catch (cause) {
    invalidOption(`config must be a value that JSON can write: ${cause instanceof Error ? cause.message : cause}`)
  }
}
