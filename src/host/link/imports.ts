import type { AbiImport } from '../../abi/types.ts'
import { ecs } from '../modules/ecs.ts'
import { ecsAdd, ecsHas, ecsRemove } from '../modules/ecs-components.ts'
import { ecsGet, ecsSet } from '../modules/ecs-fields.ts'
import { ecsEntity, ecsQuery } from '../modules/ecs-queries.ts'
import { ecsRelate, ecsTarget, ecsUnrelate } from '../modules/ecs-relations.ts'
import { ecsAttach, ecsDetach } from '../modules/ecs-scripts.ts'
import { emit } from '../modules/emit.ts'
import { host } from '../modules/host.ts'
import type { FixedImport, ImportModule } from '../modules/import-module.ts'
import { math } from '../modules/math.ts'

/** The import modules that the runtime provides. */
export const IMPORT_MODULES: readonly ImportModule[] = [
  ecsGet,
  ecsSet,
  ecsHas,
  ecsAdd,
  ecsRemove,
  ecs,
  ecsQuery,
  ecsEntity,
  ecsTarget,
  ecsRelate,
  ecsUnrelate,
  ecsAttach,
  ecsDetach,
  emit,
  host,
  math,
]

/** The names that `create({ host })` may not use. */
export const RESERVED_MODULES: ReadonlySet<string> = new Set(IMPORT_MODULES.map(({ module }) => module))

// The annotation lets a bundler drop the table from a page that does not use it.
/** The imports that the runtime provides to scripts, beside the host functions passed to `WasmScriptRuntime.create`. */
export const IMPORTS: readonly AbiImport[] = /* @__PURE__ */ IMPORT_MODULES.flatMap((each) => {
  if ('functions' in each) return Object.entries(each.functions).map(([name, found]) => describe(each.module, name, found))
  const { module, pattern, example, params, results, price, meaning, variadic } = each
  return { module, name: { pattern, example }, params, results, price, meaning, ...(variadic && { variadic }) }
})

function describe(module: string, name: string, { params, results, price, meaning }: FixedImport): AbiImport {
  return { module, name, params, results, price, meaning }
}

/** Returns whether an import of the runtime takes a pointer into the script's memory. */
export function passesText(module: string, name: string): boolean {
  const found = IMPORT_MODULES.find((each) => each.module === module)
  return found !== undefined && 'functions' in found && found.functions[name]?.passesText === true
}
