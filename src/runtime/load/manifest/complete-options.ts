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
  game: Pick<ResolvedRuntimeOptions, 'host' | 'hostVersions'>,
): LoadOptions {
  const { name, requires = {}, order, instances, preserve, onFault, components, actor, hooks, every, guest, configSchema } = manifest
  for (const [module, range] of Object.entries(requires.host ?? {})) checkHost(module, range, game)
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
function checkHost(module: string, range: string, { host, hostVersions }: Parameters<typeof completeOptions>[2]): void {
  const version = Object.hasOwn(hostVersions, module) ? hostVersions[module] : undefined
  if (version !== undefined && satisfies(version, range)) return
  const why =
    version !== undefined
      ? `the game has ${version}`
      : Object.hasOwn(host, module)
        ? `the game does not say which version it has: create({ host: { ${module}: { version: '1.0.0' } } })`
        : `the game has none${Object.keys(host).length === 0 ? '' : suggest(module, Object.keys(host))}`
  throw new ScriptError('DependencyUnmet', `it requires the host module '${module}' ${range}, and ${why}`)
}
