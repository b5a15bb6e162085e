import * as v from 'valibot'
import { type Limits, limitsSchema, resolveLimits } from '../../abi/limits.ts'
import type { GuestKind } from '../../guest/guest.ts'
import type { Grant } from '../../host/modules/permissions.ts'
import { boolean, checkOptions, invalidOption, oneOf, string, wholeNumber } from '../../options.ts'
import type { ResolvedRuntimeOptions } from './runtime-options.ts'

/** What a script is loaded with. */
export interface LoadOptions<Name extends string = string> {
  /** The script's name. Must be unique. @default the file name without its extension */
  readonly name?: string
  /** Scripts of a lower order run first, those of one order as they were loaded. @default 0 */
  readonly order?: number
  /** What it may import. @default everything */
  readonly grant?: Grant<Name>
  /** Limits other than the runtime's. @default the runtime's */
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
   * stores, and runs `update` over all entities in one call a tick. `'host'` calls a JavaScript function for
   * each access, and `update` for each entity. Both mean the same. `'inline'` works as `'host'` with
   * `instances: 'entity'`, and for a script with a memory of its own where the engine holds one memory only (before Node 22).
   * @default 'inline'
   */
  readonly link?: 'inline' | 'host'
  /** The kind of module. @default found out from the bytes */
  readonly guest?: GuestKind
}

/** What a script is reloaded with. */
export interface ReloadOptions {
  /** What to do with a script that was loaded without saying it: see `LoadOptions.preserve`. @default 'none' */
  readonly preserve?: 'auto' | 'none'
}

/** The options, complete and frozen. */
export type ResolvedLoadOptions = Readonly<Required<Omit<LoadOptions, 'name' | 'grant' | 'limits' | 'guest' | 'preserve'>>> & {
  readonly preserve: 'auto' | 'none' | undefined
  readonly name: string | undefined
  readonly grant: Grant | undefined
  readonly guest: GuestKind | undefined
  readonly limits: Limits
}

const names = v.array(string('a name'), 'a list of names')
const grant = v.strictObject(
  {
    read: v.optional(names),
    write: v.optional(names),
    change: v.optional(names),
    spawn: v.optional(boolean),
    emit: v.optional(names),
    host: v.optional(names),
  },
  'an object with read, write, change, spawn, emit, host',
)
const preserve = v.optional(oneOf('auto', 'none'))
const reloadOptions = v.strictObject({ preserve }, 'an object of options')
const loadOptions = v.strictObject(
  {
    name: v.optional(v.custom<string>((value) => typeof value === 'string' && value !== '', 'a text that is not empty')),
    order: v.optional(v.custom<number>(Number.isFinite, 'a finite number')),
    grant: v.optional(grant),
    limits: v.optional(limitsSchema),
    config: v.optional(v.unknown()),
    instances: v.optional(oneOf('shared', 'entity')),
    preserve,
    probation: v.optional(wholeNumber(0)),
    onFault: v.optional(oneOf('stop', 'detach')),
    requires: v.optional(names),
    link: v.optional(oneOf('inline', 'host')),
    guest: v.optional(oneOf('script', 'extism', 'component')),
  },
  'an object of options',
)

/** Returns the options, complete and frozen. Throws `InvalidOptions`. */
export function resolveLoadOptions(
  options: LoadOptions,
  runtime: Pick<ResolvedRuntimeOptions, 'limits' | 'components' | 'probation'>,
): ResolvedLoadOptions {
  checkOptions(loadOptions, options, 'loadModule')
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
    guest,
  } = options
  for (const component of [...(grant?.read ?? []), ...(grant?.write ?? []), ...(grant?.change ?? [])]) {
    if (!Object.hasOwn(runtime.components, component)) {
      invalidOption(`the grant names the component '${component}'; there are ${Object.keys(runtime.components).join(', ') || 'none'}`)
    }
  }
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
    guest,
    limits: resolveLimits(runtime.limits, options.limits),
  })
}

/** Returns the options in the form in which a file can hold them, without the name. */
export function recordedOptions(options: ResolvedLoadOptions): LoadOptions {
  const { name: _, ...rest } = options
  const config: unknown = JSON.parse(JSON.stringify(options.config) ?? 'null')
  return Object.fromEntries(Object.entries({ ...rest, config }).filter(([, value]) => value !== undefined))
}

/** Throws `InvalidOptions`. */
export function resolveReloadOptions(options: ReloadOptions): ReloadOptions {
  checkOptions(reloadOptions, options, 'reloadModule')
  return options
}

/** Whether a script may reach columns without a call: not where each entity has an instance, made at any time. */
export function mayInline({ link, instances }: ResolvedLoadOptions): boolean {
  return link === 'inline' && instances === 'shared'
}

function checkConfig(config: unknown): void {
  try {
    JSON.stringify(config)
  } catch (cause) {
    invalidOption(`config must be a value that JSON can write: ${cause instanceof Error ? cause.message : cause}`)
  }
}
