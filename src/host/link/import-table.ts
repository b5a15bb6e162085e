import type { AbiImport } from '../../abi/types.ts'
import { ECS_MEANINGS } from '../modules/ecs.ts'
import { COMPONENT_MEANINGS } from '../modules/ecs-components.ts'
import { FIELD_MEANINGS } from '../modules/ecs-fields.ts'
import { QUERY_MEANINGS } from '../modules/ecs-queries.ts'
import { RELATION_MEANINGS } from '../modules/ecs-relations.ts'
import { SCRIPT_MEANINGS } from '../modules/ecs-scripts.ts'
import { EMIT_MEANINGS } from '../modules/emit.ts'
import { HOST_MEANINGS } from '../modules/host.ts'
import type { ImportModule, Meanings } from '../modules/import-module.ts'
import { IMPORT_MODULES } from './imports.ts'
import { LATER_IMPORTS } from './later-imports.ts'

// The annotations let a bundler drop the table from a page that does not use it.
/** The imports that the runtime provides to scripts, beside the host functions passed to `WasmScriptRuntime.create`. */
export const IMPORTS: readonly AbiImport[] = /* @__PURE__ */ [...IMPORT_MODULES, ...LATER_IMPORTS].flatMap(describeImports)

function describeImports(each: ImportModule): AbiImport[] {
  const { module } = each
  if ('functions' in each) {
    return Object.entries(each.functions).map(([name, { params, results, price, meaning = meaningOf(`${module}::${name}`) }]) => {
      return { module, name, params, results, price, meaning }
    })
  }
  const { pattern, example, params, results, price, variadic, meaning = meaningOf(module) } = each
  return [{ module, name: { pattern, example }, params, results, price, meaning, ...(variadic && { variadic }) }]
}

function meaningOf(name: string): string {
  const all: Meanings = {
    ...FIELD_MEANINGS,
    ...COMPONENT_MEANINGS,
    ...ECS_MEANINGS,
    ...QUERY_MEANINGS,
    ...RELATION_MEANINGS,
    ...SCRIPT_MEANINGS,
    ...EMIT_MEANINGS,
    ...HOST_MEANINGS,
  }
  return all[name] as string
}
