import { ScriptError } from '../../errors.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { moduleCache } from '../module-cache.ts'
import type { DescribedName, ModuleDescription } from '../module-description.ts'
import { warningOfExport } from '../script/near-misses.ts'
import { Layouts } from './canonical/layout.ts'
import { checkCoreModules } from './check-core.ts'
import { isPrepared, readContainer } from './container.ts'
import { type ComponentPlan, exportName, type PlannedExport } from './plan.ts'
import { parsePlan } from './plan-schema.ts'
import { roleOf } from './roles.ts'
import { functionText } from './wit.ts'
import { snakeCase } from './wit-names.ts'

/** The names that a script's exports have for those of a component: `on_hit` for `on-hit`. */
export type ComponentRoles = ReadonlyMap<PlannedExport, string | undefined>

/** A component whose plan is read and checked. */
export interface OpenedPlan {
  readonly plan: ComponentPlan
  readonly layouts: Layouts
  readonly roles: ComponentRoles
  readonly modules: readonly Uint8Array<ArrayBuffer>[]
}

/** Reads a prepared component. Throws `InvalidBinary`, `MissingExport`, `SignatureMismatch`. */
export function openPlan({ bytes }: SourceModule): OpenedPlan {
  if (!isPrepared(bytes)) throw new ScriptError('InvalidBinary', 'the module is no component; leave the option guest out')
  const { plan: text, modules } = readContainer(bytes)
  const plan = parsePlan(text, modules.length)
  const layouts = new Layouts(plan.types)
  if (plan.exports.length === 0)
    throw new ScriptError('MissingExport', 'the component exports no function that could be called, such as update or tick')
  return { plan, layouts, modules, roles: new Map(plan.exports.map((exported) => [exported, roleOf(exported, layouts)])) }
}

/** Checks a component without a world. Rejects with the errors of {@link openPlan} and of its core modules. */
export async function describeComponent(source: SourceModule): Promise<ModuleDescription> {
  const opened = openPlan(source)
  const decoded: DecodedModule[] = []
  for (const module of opened.modules) decoded.push(await moduleCache.decode(module))
  checkCoreModules(opened.plan, opened.layouts, decoded)
  return describePlan(opened, source, decoded)
}

/** Describes a component as its world: types as WIT writes them. An export that the runtime calls has the name that a script has for it. */
export function describePlan(
  { plan, layouts, roles }: OpenedPlan,
  { bytes }: SourceModule,
  decoded: readonly DecodedModule[],
): ModuleDescription {
  const described = ({ interface: from, name, type }: Pick<PlannedExport, 'interface' | 'name' | 'type'>): DescribedName => ({
    name,
    ...(from !== '' && { module: from }),
    type: functionText(layouts, type),
  })
  const nameOf = (exported: PlannedExport): string => roles.get(exported) ?? exportName(exported)
  const known = { exports: plan.exports.map((exported) => ({ name: nameOf(exported) })) }
  const warningOf = (exported: PlannedExport): Pick<DescribedName, 'warning'> => {
    if (exported.interface !== '' || roles.get(exported) !== undefined) return {}
    return warningOfExport(snakeCase(exported.name), { results: exported.type.result === null ? [] : ['i32'] }, known)
  }
  return {
    guest: 'component',
    bytes: bytes.length,
    functions: decoded.reduce((sum, { bodies }) => sum + bodies.length, 0),
    memoryPages: decoded.reduce((sum, { memories }) => sum + memories.reduce((pages, { minimum }) => pages + minimum, 0), 0),
    imports: plan.imports.map(described),
    exports: plan.exports.map((exported) => ({
      name: nameOf(exported),
      type: functionText(layouts, exported.type),
      ...warningOf(exported),
    })),
  }
}
