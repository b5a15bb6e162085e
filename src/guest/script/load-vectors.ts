import { EXPORT } from '../../abi/exports.ts'
import { HAS_VECTORS } from '../../engine/compile.ts'
import { type DecodedModule, exportedFunction } from '../../wasm/format/module.ts'
import type { VectorCode } from '../core-module.ts'
import type { Link } from '../module-description.ts'

/**
 * Loads what lets `update` run on four entities at once, for a module that has one, and loops of `tick` over query results. A page downloads it with the first such
 * module. Without it, `update` runs one by one, with the same results.
 */
export async function loadVectors(
  module: DecodedModule,
  { link, vector }: { readonly link: Link; readonly vector: boolean },
): Promise<VectorCode | undefined> {
  const isWanted = link !== 'host' && vector && HAS_VECTORS && (exportedFunction(module, EXPORT.update) !== undefined || loops(module))
  if (!isWanted) return undefined
  loaded ??= await import('../../host/inline/vector-code.ts').catch(() => undefined)
  return loaded
}

/** Returns whether `tick` may loop over a query result. */
function loops(module: DecodedModule): boolean {
  return exportedFunction(module, EXPORT.tick) !== undefined && module.imports.some((each) => each.module === 'ecs.entity')
}

let loaded: VectorCode | undefined
