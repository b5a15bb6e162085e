import type { FixedModule } from '../../host/modules/import-module.ts'
import { suggest } from '../../nearest-name.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { CoreModuleDescription, DescribedName, ModuleDescription } from '../module-description.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import { describeCoreModule } from '../script/describe-core-module.ts'
import { envModule } from './env-module.ts'
import { wasiModule } from './wasi-module.ts'

/** The modules that every plugin may import from, and whose functions are known without a game. */
const KNOWN: readonly FixedModule[] = [envModule, wasiModule]

/** Returns what is in the module of a plugin, and in the modules that it imports. */
export function describePluginModules(
  module: DecodedModule,
  linked: readonly { readonly name: string; readonly module: DecodedModule }[],
  known: readonly FixedModule[] = KNOWN,
): ModuleDescription {
  const pluginFunctions = module.exports.filter((entry) => isPluginFunction(module, entry)).map(({ name }) => name)
  return {
    guest: 'extism',
    ...withWarnings(describeCoreModule(module), known),
    pluginFunctions,
    linked: linked.map((each) => ({ name: each.name, ...withWarnings(describeCoreModule(each.module), known) })),
  }
}

/** Adds a warning to each import that no plugin can have. */
function withWarnings(description: CoreModuleDescription, known: readonly FixedModule[]): CoreModuleDescription {
  return { ...description, imports: description.imports.map((entry) => ({ ...entry, ...warningOf(entry, known) })) }
}

function warningOf({ module, name }: DescribedName, modules: readonly FixedModule[]): Pick<DescribedName, 'warning'> {
  const known = modules.find((each) => each.module === module)
  if (known === undefined || Object.hasOwn(known.functions, name)) return {}
  return { warning: `${module} has no function '${name}'${suggest(name, Object.keys(known.functions))}` }
}
