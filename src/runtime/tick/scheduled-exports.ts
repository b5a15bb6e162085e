import type { NamedComponents } from '../../ecs/components/components.ts'
import type { HookTarget } from '../../ecs/entities/hooks.ts'
import { ScriptError } from '../../errors.ts'
import type { Program } from '../../guest/guest.ts'
import { deniedBy } from '../../host/modules/permissions.ts'
import { suggest } from '../../nearest-name.ts'
import { invalidOption } from '../../options.ts'
import { formatFunctionType, sameFunctionType } from '../../wasm/format/module.ts'
import type { Hook, ResolvedLoadOptions } from '../api/load-options.ts'

/** Returns what the hooks of a script watch. Throws `InvalidOptions`, `GrantDenied`. */
export function hookTargets({ hooks, grant }: ResolvedLoadOptions, components: NamedComponents): readonly HookTarget[] {
  return hooks.map((hook, index) => {
    const target = targetOf(hook, index, components)
    const component = target.component.name
    const denied = deniedBy(grant, { kind: target.on === 'change' ? 'read' : 'query', component })
    if (denied !== undefined) throw new ScriptError('GrantDenied', `hooks[${index}] is not granted: ${denied}`)
    return target
  })
}

function targetOf({ on, component: name }: Hook, index: number, { byName }: NamedComponents): HookTarget {
  const [componentName = '', field, ...rest] = on === 'change' ? name.split('.') : [name]
  const component = byName.get(componentName)
  if (component === undefined)
    return invalidOption(`hooks[${index}] names the unknown component '${componentName}'${suggest(componentName, [...byName.keys()])}`)
  if (on !== 'change') return { on, component }
  const column = field === undefined || rest.length > 0 ? undefined : component.columns.get(field)
  if (column !== undefined) return { on, component, column }
  const fields = [...component.columns.keys()].map((each) => `${componentName}.${each}`)
  return invalidOption(
    `hooks[${index}].component must be a field of '${componentName}', one of ${fields.join(', ') || 'none'}, not '${name}'`,
  )
}

/** Checks the exports that hooks and intervals call. Throws `MissingExport`, `SignatureMismatch`. */
export function checkScheduledExports(program: Program, { hooks, every }: ResolvedLoadOptions, targets: readonly HookTarget[]): void {
  for (const [index, target] of targets.entries()) {
    const number = target.on === 'change' ? target.column.number : undefined
    checkExport(program, hooks[index]?.export ?? '', `hooks[${index}]`, number === undefined ? ['i32'] : ['i32', number, number])
  }
  for (const [index, each] of every.entries()) checkExport(program, each.export, `every[${index}]`, [])
}

function checkExport(program: Program, name: string, where: string, params: readonly string[]): void {
  const type = program.typeOf(name)
  const wanted = { params, results: [] }
  if (type === undefined) {
    const names = program.describe().exports.map((each) => each.name)
    throw new ScriptError('MissingExport', `${where} calls '${name}', which it does not export${suggest(name, names)}`, { export: name })
  }
  if (type === 'json' || sameFunctionType(type, wanted)) return
  throw new ScriptError(
    'SignatureMismatch',
    `${where} calls '${name}', which is ${formatFunctionType(type)} and must be ${formatFunctionType(wanted)}`,
    {
      export: name,
    },
  )
}
