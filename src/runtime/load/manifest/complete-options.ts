import satisfies from 'semver/functions/satisfies.js'
import { ScriptError } from '../../../errors.ts'
import { suggest } from '../../../nearest-name.ts'
import type { LoadOptions } from '../../api/load-options.ts'
import type { ResolvedRuntimeOptions } from '../../api/runtime-options.ts'
import { checkConfig } from './check-config.ts'
import { narrowGrant, withOwnComponents } from './grants.ts'
import type { Manifest } from './manifest.ts'

/**
 * Returns the options of a load: those of the manifest, with the given ones in their place. A grant only narrows that of the manifest. Throws
 * `DependencyUnmet` for what the game does not have, `InvalidOptions` for a config that does not match the manifest's schema.
 */
export function completeOptions(
  manifest: Manifest,
  given: LoadOptions,
  { hostVersions }: Pick<ResolvedRuntimeOptions, 'hostVersions'>,
): LoadOptions {
  const { name, requires = {}, order, instances, preserve, onFault, components, actor, hooks, every, guest, configSchema } = manifest
  for (const [module, range] of Object.entries(requires.host ?? {})) checkHost(module, range, hostVersions)
  const config = given.config === undefined ? manifest.config : given.config
  checkConfig(config ?? null, configSchema)
  const grant = withOwnComponents(narrowGrant(manifest.grant, given.grant), Object.keys(components ?? {}))
  return {
    ...present({ name, order, instances, preserve, onFault, components, actor, hooks, every, guest }),
    ...present(given),
    ...present({ config, grant }),
    limits: { ...manifest.limits, ...given.limits },
    requires: [...(requires.exports ?? []), ...(given.requires ?? [])],
  }
}

function present<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value
}

/** Throws `DependencyUnmet` if the game has no host functions of a version in the range. */
function checkHost(module: string, range: string, versions: ResolvedRuntimeOptions['hostVersions']): void {
  const version = Object.hasOwn(versions, module) ? versions[module] : undefined
  if (version === undefined) {
    const known = Object.keys(versions)
    const why = `it requires the host module '${module}' ${range}, and the game gives no version of it`
    throw new ScriptError('DependencyUnmet', `${why}${suggest(module, known)}`)
  }
  if (!satisfies(version, range))
    throw new ScriptError('DependencyUnmet', `it requires the host module '${module}' ${range}, and the game has ${version}`)
}
