import type { SignatureType } from '../../abi/types.ts'
import type { FixedModule, ImportedFunction, LinkContext } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { componentOf, coreExport } from './caller.ts'

/** Returns the import module of the functions that a core instance of the same component exports. */
export function instanceModule(index: number): string {
  return `component:${index}`
}

/** Returns the functions of a core instance as an import module of those that import from it. Their own code spends the fuel. */
export function coreFunctions(index: number, module: DecodedModule): FixedModule {
  const functions = module.exports.flatMap(({ name, kind, index: at }) => {
    const type = kind === 'func' ? module.functions[at] : undefined
    if (type === undefined) return []
    const row = {
      params: type.params as readonly SignatureType[],
      results: type.results as readonly SignatureType[],
      meaning: 'a function of another core module of the component',
      price: 0,
      implement: (_: LinkContext, caller: Parameters<typeof componentOf>[0]) =>
        coreExport(componentOf(caller).shared, [index, name]) as ImportedFunction,
    }
    return [[name, row] as const]
  })
  return { module: instanceModule(index), functions: Object.fromEntries(functions) }
}
