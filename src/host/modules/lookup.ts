import type { AnyRelation } from '../../ecs/components/bitecs-internals.ts'
import type { Column, NamedComponent } from '../../ecs/components/components.ts'
import type { Ecs } from '../../ecs/entities/access.ts'
import { parseTerms, type QueryTerms } from '../../ecs/queries/terms.ts'
import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { abbreviate } from '../../printable.ts'

/** Returns the name of an import as errors show it. */
export function labelOf(module: string, name: string): string {
  return `${abbreviate(module)}::${abbreviate(name)}`
}

/** Throws `UnknownImport` with the candidate that was probably meant. */
export function unknownImport(module: string, name: string, candidates: readonly string[]): never {
  throw new ScriptError('UnknownImport', `${labelOf(module, name)} does not exist${suggest(name, candidates)}`)
}

/** Returns the column of an import such as `Position.x`. Throws `UnknownImport`. */
export function findColumn(module: string, name: string, { components }: Ecs): Column {
  const [componentName = '', field = ''] = name.split('.')
  const component = components.byName.get(componentName)
  const column = component?.columns.get(field)
  if (column !== undefined && name === `${componentName}.${field}`) return column
  if (component !== undefined && component.columns.size === 0) {
    throw new ScriptError('UnknownImport', `${labelOf(module, name)} does not exist: the component '${componentName}' has no fields`)
  }
  const all = [...components.byName.values()].flatMap((each) => [...each.columns.keys()].map((key) => `${each.name}.${key}`))
  return unknownImport(module, name, all)
}

/** Returns the component of an import. Throws `UnknownImport`. */
export function findComponent(module: string, name: string, { components }: Ecs): NamedComponent {
  return components.byName.get(name) ?? unknownImport(module, name, [...components.byName.keys()])
}

/** Returns the relation of an import. Throws `UnknownImport`. */
export function findRelation(module: string, name: string, { components }: Ecs): AnyRelation {
  const { byName } = components.relations
  return byName.get(name) ?? unknownImport(module, name, [...byName.keys()])
}

/** Returns the terms of an import such as `Position !Dead`. Throws `UnknownImport`. */
export function findTerms(module: string, name: string, { components }: Ecs): QueryTerms {
  const terms = parseTerms(name)
  if (terms === undefined) throw new ScriptError('UnknownImport', `${labelOf(module, name)} names no component to query`)
  for (const term of [...terms.all, ...terms.none]) {
    if (components.byName.has(term)) continue
    if (term === name) unknownImport(module, name, [...components.byName.keys()])
    throw new ScriptError(
      'UnknownImport',
      `${labelOf(module, name)} names an unknown component '${abbreviate(term)}'${suggest(term, [...components.byName.keys()])}`,
    )
  }
  return terms
}
