import * as v from 'valibot'
import { type Limits, limitsSchema, resolveLimits } from '../abi/limits.ts'
import type { Grant } from '../host/modules/permissions.ts'
import { callable, checkOptions, oneOf } from '../options.ts'
import type { Manifest } from '../runtime/load/manifest/manifest.ts'

/** The services that mods may be kept from, by the first word of their import modules. */
export const SERVICES = ['metrics', 'config', 'storage', 'http'] as const

/** A service of the runtime. */
export type Service = (typeof SERVICES)[number]

/** Options of `Mods`. */
export interface ModsOptions {
  /**
   * Decides what a mod may import, by its manifest. What the manifest asks for beyond that is `GrantDenied`. A mod whose manifest asks for
   * nothing in particular gets all that is allowed; components that a mod declares need no grant.
   * @default what the manifest asks for
   */
  readonly allow?: (manifest: Manifest) => Grant | Promise<Grant>
  /** The greatest limits that a mod may have. A manifest may ask for lower ones. @default the limits of the runtime */
  readonly limits?: Partial<Limits>
  /** The services that mods may import. @default all */
  readonly services?: readonly Service[]
}

/** The options, complete. */
export interface ResolvedModsOptions {
  readonly allow: ModsOptions['allow']
  readonly limits: Limits
  readonly services: readonly string[]
}

const modsOptions = v.strictObject(
  {
    allow: v.optional(callable()),
    limits: v.optional(limitsSchema),
    services: v.optional(v.array(oneOf(...SERVICES), 'a list of services')),
  },
  'an object of options',
)

/** Returns the options, complete. Throws `InvalidOptions`. */
export function resolveModsOptions(options: ModsOptions, runtime: Limits): ResolvedModsOptions {
  checkOptions(modsOptions, options, 'Mods')
  const { allow, limits, services = SERVICES } = options
  return { allow, limits: resolveLimits(runtime, limits), services: [...services] }
}
