import { describeEntity, describeGame, listComponents, listEntities, type RelationSet, type WasmScriptRuntime } from '../../index.ts'
import { type FilterMistake, type FilterNames, readFilter } from './entity-filter.ts'

type Components = Readonly<Record<string, object>>

/** Returns the tag components of the scripts by name. They show which scripts run on an entity. */
export function scriptTags(runtime: WasmScriptRuntime): Components {
  return Object.fromEntries(runtime.scripts().map(({ id, name }) => [name, runtime.tag(id)]))
}

/** Returns the names of the given components and relations that an entity has. A relation is named with its target, as `ChildOf(5)`. */
export function ownedNames(runtime: WasmScriptRuntime, components: Components, entity: number, relations: RelationSet = {}): string[] {
  return Object.keys(describeEntity(runtime.world, components, entity, relations) ?? {})
}

/** Returns the entities that match a filter (see {@link readFilter}), or what is wrong with the filter. */
export function searchEntities(runtime: WasmScriptRuntime, text: string): readonly number[] | FilterMistake {
  const all = listEntities(runtime.world)
  if (text.trim() === '') return all
  const filter = readFilter(text, filterNames(runtime))
  if ('mistake' in filter) return filter
  const { uses } = filter
  const [components, tags, relations] = [listComponents(runtime), scriptTags(runtime), runtime.relations].map((all) => pick(all, uses))
  return all.filter((entity) =>
    filter.matches({
      id: entity,
      scripts: ownedNames(runtime, tags ?? {}, entity),
      components: describeEntity(runtime.world, components ?? {}, entity, relations as RelationSet) ?? {},
    }),
  )
}

/** Returns what has one of the names. To look at the rest of many entities would take long. */
function pick(all: Components, names: ReadonlySet<string>): Components {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)))
}

function filterNames(runtime: WasmScriptRuntime): FilterNames {
  const { components, relations } = describeGame(runtime)
  return {
    components: new Map(components.map(({ name, fields }) => [name, fields.map((field) => field.name)])),
    relations,
    scripts: runtime.scripts().map(({ name }) => name),
  }
}
