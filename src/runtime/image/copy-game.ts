import { createWorld } from 'bitecs'
import { copyComponents, copyRelations } from '../../ecs/components/copies.ts'
import type { ResolvedRuntimeOptions, RuntimeOptions } from '../api/runtime-options.ts'

/** Returns the options of another game like one, in a new world, with components and relations of its own. `more` bytes are reserved behind columns. */
export function copyGame(options: ResolvedRuntimeOptions, more: number): RuntimeOptions {
  const { components, relations, limits, host, hostVersions, seed, link, probation, http } = options
  return {
    world: createWorld(),
    components: copyComponents(components, more),
    relations: copyRelations(relations),
    host: Object.fromEntries(
      Object.entries(host).map(([module, functions]) => {
        const version = hostVersions[module]
        return [module, { ...functions, ...(version !== undefined && { version }) }]
      }),
    ),
    ...{ limits, seed, link, probation },
    ...(http !== undefined && { http }),
  }
}
