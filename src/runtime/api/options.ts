import type { World } from 'bitecs'
import * as v from 'valibot'
import { RESERVED_MODULES } from '../../abi/abi.ts'
import { DEFAULT_LIMITS, type Limits } from '../../abi/limits.ts'
import { isWorld } from '../../ecs/components/bitecs-internals.ts'
import { ScriptError } from '../../errors.ts'
import type { HostModules } from '../../host/host-functions.ts'
import type { Grant } from '../../host/permissions.ts'
import type { LogLine } from '../../host/script-log.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { HostContext } from './script-info.ts'

export interface RuntimeOptions {
  readonly world: World
  /** What `defineComponents` gave, and beside it any plain bitECS components. @default {} */
  readonly components?: Readonly<Record<string, object>>
  /** Limits of every script that is loaded without its own. */
  readonly limits?: Partial<Limits>
  /** Host functions of your own, by import module and name. @default {} */
  readonly host?: HostModules<HostContext>
  /** Decides every random number that scripts get. @default 0 */
  readonly seed?: number
  /** Called with every line that scripts log, as `on('log', …)` is. */
  readonly onLog?: (line: LogLine) => void
  /** Ticks in which a new generation of a script must not trap: see `LoadOptions.probation`. @default 60 */
  readonly probation?: number
  /** Milliseconds, for the times in reports. @default performance.now */
  readonly clock?: () => number
}

export interface LoadOptions {
  /** Another name than the file's. Names are given once: a second is `DuplicateName`. */
  readonly name?: string
  /** Scripts of a lower order run first, those of one order as they were loaded. @default 0 */
  readonly order?: number
  /** What it may import. @default everything */
  readonly grant?: Grant
  /** Limits other than the runtime's. */
  readonly limits?: Partial<Limits>
  /** Passed to `init` as JSON. @default null */
  readonly config?: unknown
  /** `'entity'` gives each entity an instance of its own. @default 'shared' */
  readonly instances?: 'shared' | 'entity'
  /**
   * What a reload does with a script that does not pass its state on by `get_state` and `set_state`. `'auto'` carries mutable
   * globals over by name and type, and the memory where the data of both generations begins at the same places; what the edit
   * gave another initial value begins anew. `'none'` starts afresh.
   * @default 'none'; in the dev loop `'auto'`
   */
  readonly preserve?: 'auto' | 'none'
  /**
   * Ticks in which a new generation must not trap: else code and world go back to the moment before the reload. 0 for none.
   * @default the runtime's
   */
  readonly probation?: number
  /** `'detach'` takes an entity on which the script traps off the script, which goes on. @default 'stop' */
  readonly onFault?: 'stop' | 'detach'
  /** Exports that the script must have, through all its generations. @default [] */
  readonly requires?: readonly string[]
  /**
   * How it reaches columns and entities. `'inline'` turns calls of `ecs.get`, `ecs.set` and `ecs.entity` into loads and
   * stores, and lets the script walk its entities by itself, in one call a tick. `'host'` calls a JavaScript function for
   * each access, and `update` for each entity. Both mean the same. `'inline'` goes the way of `'host'` with
   * `instances: 'entity'`, and for a script with a memory of its own where the engine holds one memory only (before Node 22).
   * @default 'inline'
   */
  readonly link?: 'inline' | 'host'
  /** What runs the script. @default 'store' */
  readonly engine?: 'store' | 'extism' | 'component'
}

export interface ReloadOptions {
  /** What to do with a script that was loaded without saying it: see `LoadOptions.preserve`. @default 'none' */
  readonly preserve?: 'auto' | 'none'
}

export type ResolvedRuntimeOptions = Readonly<Required<Omit<RuntimeOptions, 'onLog' | 'limits'>>> & {
  readonly onLog: ((line: LogLine) => void) | undefined
  readonly limits: Limits
}

export type ResolvedLoadOptions = Readonly<Required<Omit<LoadOptions, 'name' | 'grant' | 'limits' | 'engine' | 'preserve'>>> & {
  readonly preserve: 'auto' | 'none' | undefined
  readonly name: string | undefined
  readonly grant: Grant | undefined
  readonly limits: Limits
}

const atLeast = (minimum: number): v.GenericSchema<number> => {
  const wanted = `a whole number, ${minimum} or more`
  return v.pipe(v.number(wanted), v.safeInteger(wanted), v.minValue(minimum, wanted))
}
const names = v.array(v.string('a name'), 'a list of names')
const limits = v.strictObject(
  {
    fuel: v.optional(v.pipe(atLeast(1), v.maxValue(2 ** 30 - 1, 'less than 2^30'))),
    memoryPages: v.optional(v.pipe(atLeast(0), v.maxValue(65_536, 'at most 65,536'))),
    tableElements: v.optional(atLeast(0)),
    moduleBytes: v.optional(atLeast(1)),
    jsonBytes: v.optional(atLeast(1)),
    logsPerTick: v.optional(atLeast(0)),
    spawnsPerTick: v.optional(atLeast(0)),
  },
  'an object of limits',
)
const grant = v.strictObject(
  {
    read: v.optional(names),
    write: v.optional(names),
    change: v.optional(names),
    spawn: v.optional(v.boolean('true or false')),
    emit: v.optional(names),
    host: v.optional(names),
  },
  'an object with read, write, change, spawn, emit, host',
)
const isFunction = (value: unknown): boolean => typeof value === 'function'
const runtimeOptions = v.strictObject(
  {
    world: v.custom<World>(isWorld, "a world made by bitECS's createWorld()"),
    components: v.optional(v.custom<Record<string, object>>(isRecord, 'an object of components')),
    limits: v.optional(limits),
    host: v.optional(
      v.pipe(
        v.custom<object>(isRecord, 'an object of import modules'),
        v.record(v.string(), v.record(v.string(), v.custom<never>(isFunction, 'a function'), 'an object of functions')),
      ),
    ),
    seed: v.optional(atLeast(0)),
    onLog: v.optional(v.custom<(line: LogLine) => void>(isFunction, 'a function')),
    probation: v.optional(atLeast(0)),
    clock: v.optional(v.custom<() => number>(isFunction, 'a function')),
  },
  'an object with at least { world }',
)

const preserve = v.optional(v.picklist(['auto', 'none'], "'auto' or 'none'"))
const reloadOptions = v.strictObject({ preserve }, 'an object of options')
const loadOptions = v.strictObject(
  {
    name: v.optional(v.pipe(v.string('a text that is not empty'), v.nonEmpty('a text that is not empty'))),
    order: v.optional(v.pipe(v.number('a number'), v.finite('a finite number'))),
    grant: v.optional(grant),
    limits: v.optional(limits),
    config: v.optional(v.unknown()),
    instances: v.optional(v.picklist(['shared', 'entity'], "'shared' or 'entity'")),
    preserve,
    probation: v.optional(atLeast(0)),
    onFault: v.optional(v.picklist(['stop', 'detach'], "'stop' or 'detach'")),
    requires: v.optional(names),
    link: v.optional(v.picklist(['inline', 'host'], "'inline' or 'host'")),
    engine: v.optional(v.picklist(['store', 'extism', 'component'], "'store', 'extism' or 'component'")),
  },
  'an object of options',
)

/** The complete, frozen form of the options. Throws `InvalidOptions`. */
export function resolveRuntimeOptions(options: RuntimeOptions): ResolvedRuntimeOptions {
  check(runtimeOptions, options, 'create')
  const { world, components = {}, host = {}, seed = 0, onLog, probation = 60, clock = () => performance.now() } = options
  for (const module of Object.keys(host)) {
    if (RESERVED_MODULES.has(module) || module === RESERVED.module)
      invalid(`host.${module} cannot be given: '${module}' is an import module of the runtime`)
  }
  const modules = Object.entries(host).map(([module, functions]) => [module, Object.freeze({ ...functions })])
  return Object.freeze({
    world,
    components,
    host: Object.freeze(Object.fromEntries(modules)),
    seed,
    onLog,
    probation,
    clock,
    limits: resolveLimits(DEFAULT_LIMITS, options.limits),
  })
}

/** The complete, frozen form of the options. Throws `InvalidOptions`, `EngineUnavailable`. */
export function resolveLoadOptions(
  options: LoadOptions,
  runtime: Pick<ResolvedRuntimeOptions, 'limits' | 'components' | 'probation'>,
): ResolvedLoadOptions {
  check(loadOptions, options, 'loadModule')
  const {
    name,
    order = 0,
    grant,
    config = null,
    instances = 'shared',
    onFault = 'stop',
    requires = [],
    link = 'inline',
    preserve,
    probation = runtime.probation,
    engine = 'store',
  } = options
  if (engine !== 'store') throw new ScriptError('EngineUnavailable', `this version has no engine '${engine}', only 'store'`)
  for (const component of [...(grant?.read ?? []), ...(grant?.write ?? []), ...(grant?.change ?? [])]) {
    if (!Object.hasOwn(runtime.components, component)) {
      invalid(`the grant names the component '${component}'; there are ${Object.keys(runtime.components).join(', ') || 'none'}`)
    }
  }
  const limits = resolveLimits(runtime.limits, options.limits)
  checkConfig(config)
  return Object.freeze({
    name,
    order,
    grant: structuredClone(grant),
    config,
    instances,
    onFault,
    requires: [...requires],
    link,
    preserve,
    probation,
    limits,
  })
}

/** The options in the form in which a file can hold them, short of the name. */
export function recordedOptions(options: ResolvedLoadOptions): LoadOptions {
  const { name: _, ...rest } = options
  const config: unknown = JSON.parse(JSON.stringify(options.config) ?? 'null')
  return Object.fromEntries(Object.entries({ ...rest, config }).filter(([, value]) => value !== undefined))
}

/** Throws `InvalidOptions`. */
export function resolveReloadOptions(options: ReloadOptions): ReloadOptions {
  check(reloadOptions, options, 'reloadModule')
  return options
}

function resolveLimits(defaults: Limits, given: Partial<Limits> = {}): Limits {
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.freeze({ ...defaults, ...Object.fromEntries(known) })
}

function checkConfig(config: unknown): void {
  try {
    JSON.stringify(config)
  } catch (cause) {
    throw new ScriptError(
      'InvalidOptions',
      `config must be a value that JSON can write: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}

function check(schema: v.GenericSchema, options: unknown, where: string): void {
  if (Array.isArray(options)) invalid(`the options of ${where} must be an object, not an array`)
  const [issue] = v.safeParse(schema, options, { abortEarly: true }).issues ?? []
  if (issue === undefined) return
  const path = (issue.path ?? []).map((item) => String(item.key))
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = issue.path?.slice(0, -1).map((item) => String(item.key)) ?? []
    invalid(`${where} has no option '${path.join('.')}'; allowed are ${allowedKeys(schema, parent).join(', ')}`)
  }
  const { input } = issue
  const given = typeof input === 'string' ? JSON.stringify(input) : typeof input === 'number' ? String(input) : issue.received
  const what = path.length === 0 ? `the options of ${where}` : path.join('.')
  const wanted = issue.type === 'strict_object' && issue.received === 'undefined' ? 'given' : issue.message
  invalid(`${what} must be ${wanted}, not ${given}`)
}

function allowedKeys(schema: v.GenericSchema, path: readonly string[]): string[] {
  let at: unknown = schema
  for (const key of path) {
    const entry = (at as { entries: Record<string, unknown> }).entries[key] as { wrapped?: unknown }
    at = entry.wrapped ?? entry
  }
  return Object.keys((at as { entries: object }).entries)
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(detail: string): never {
  throw new ScriptError('InvalidOptions', detail)
}
