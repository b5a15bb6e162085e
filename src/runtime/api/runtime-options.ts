import type { World } from 'bitecs'
import * as v from 'valibot'
import { DEFAULT_LIMITS, type Limits, limitsSchema, resolveLimits } from '../../abi/limits.ts'
import { isWorld } from '../../ecs/components/bitecs-internals.ts'
import type { Link } from '../../guest/module-description.ts'
import { RESERVED_MODULES } from '../../host/link/imports.ts'
import type { HostFunctions, HostModules } from '../../host/modules/host-functions.ts'
import type { LogLine } from '../../host/services/script-log.ts'
import { anything, callable, checkOptions, invalidOption, isRecord, oneOf, wholeNumber } from '../../options.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { ComponentSet, RelationSet } from './component-types.ts'
import type { HttpOptions } from './http-options.ts'
import type { HostContext } from './script-info.ts'

/** Options of `WasmScriptRuntime.create`. */
export interface RuntimeOptions<Components extends ComponentSet = ComponentSet, Relations extends RelationSet = RelationSet> {
  /** The bitECS world whose entities the scripts run on. */
  readonly world: World
  /**
   * The components that scripts may access: the result of `defineComponents`, and any plain bitECS components, which are
   * slower to access.
   * @default {}
   */
  readonly components?: Components
  /**
   * The relations that scripts may use, and whose pairs and data snapshots hold as bytes. Names must differ from those of
   * components. bitECS's `IsA` and prefabs need no name, unless scripts use `IsA`.
   * @default {}
   */
  readonly relations?: Relations
  /** Limits of the scripts. A script can be loaded with limits of its own. @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits>
  /**
   * Host functions that scripts may import, by import module and name. A text `version` beside them, such as `1.2.0`, is the version of the
   * module, which manifests may require.
   * @default {}
   */
  readonly host?: HostModules<HostContext>
  /** The seed of the random numbers that scripts receive: a whole number, 0 or more. @default 0 */
  readonly seed?: number
  /**
   * Returns the number by which `ecs.random` knows an entity. A client that has the entities of a server under other ids returns the id that the
   * server has, so that scripts draw the same.
   * @default the id of the entity
   */
  readonly identify?: (entity: number) => number
  /** Called with every line that scripts log: the same as a listener of `on('log', …)`. @default the console, unless there is a listener */
  readonly onLog?: (line: LogLine) => void
  /** How scripts access columns and entities, unless they are loaded with a `link` of their own: see `LoadOptions.link`. @default 'inline' */
  readonly link?: Link
  /** The number of ticks for which a new generation is on probation: see `LoadOptions.probation`. @default 60 */
  readonly probation?: number
  /**
   * Whether scripts may import `http`, with which they ask the hosts of their `grant.hosts`: `true`, or {@link HttpOptions}. A script that
   * imports it in another game is `GrantDenied`.
   * @default false
   */
  readonly http?: boolean | HttpOptions
  /** Returns the time in milliseconds, for the durations in reports. @default performance.now */
  readonly clock?: () => number
}

/** The options, complete and frozen. */
export type ResolvedRuntimeOptions = Readonly<Required<Omit<RuntimeOptions, 'onLog' | 'limits' | 'host' | 'http'>>> & {
  readonly host: HostFunctions<HostContext>
  /** The versions of the host modules that have one. */
  readonly hostVersions: Readonly<Record<string, string>>
  /** Not checked yet: see `resolveHttp`. */
  readonly http: RuntimeOptions['http']
  readonly onLog: ((line: LogLine) => void) | undefined
  readonly limits: Limits
}

const runtimeOptions = v.strictObject(
  {
    world: v.custom<World>(isWorld, "a world made by bitECS's createWorld()"),
    components: v.optional(v.custom<ComponentSet>(isRecord, 'an object of components')),
    relations: v.optional(v.custom<RelationSet>(isRecord, 'an object of relations')),
    limits: v.optional(limitsSchema),
    host: v.optional(v.custom<object>(isRecord, 'an object of import modules')),
    seed: v.optional(wholeNumber(0)),
    identify: v.optional(callable<(entity: number) => number>()),
    onLog: v.optional(callable<(line: LogLine) => void>()),
    link: v.optional(oneOf('inline', 'window', 'host')),
    probation: v.optional(wholeNumber(0)),
    http: anything,
    clock: v.optional(callable<() => number>()),
  },
  'an object with at least { world }',
)

/** Returns the options, complete and frozen. Throws `InvalidOptions`. */
export function resolveRuntimeOptions(options: RuntimeOptions): ResolvedRuntimeOptions {
  checkOptions(runtimeOptions, options, 'create')
  const {
    world,
    components = {},
    relations = {},
    host = {},
    seed = 0,
    identify = (entity) => entity,
    onLog,
    link = 'inline',
    probation = 60,
    clock = () => performance.now(),
  } = options
  const versions: Record<string, string> = {}
  for (const [module, functions] of Object.entries(host)) {
    if (!isRecord(functions)) invalidOption(`host.${module} must be an object of functions`)
    for (const [name, code] of Object.entries(functions)) {
      if (name === 'version' && typeof code === 'string') versions[module] = code
      else if (typeof code !== 'function') invalidOption(`host.${module}.${name} must be a function`)
    }
    if (RESERVED_MODULES.has(module) || module === RESERVED.module)
      invalidOption(`host.${module} cannot be given: '${module}' is an import module of the runtime`)
  }
  const modules = Object.entries(host).map(([module, functions]) => {
    const own = Object.entries(functions).filter(([, code]) => typeof code === 'function')
    return [module, Object.freeze(Object.fromEntries(own))]
  })
  return Object.freeze({
    world,
    components,
    relations,
    host: Object.freeze(Object.fromEntries(modules)),
    hostVersions: Object.freeze(versions),
    seed,
    identify,
    onLog,
    link,
    probation,
    clock,
    http: options.http,
    limits: resolveLimits(DEFAULT_LIMITS, options.limits),
  })
}
