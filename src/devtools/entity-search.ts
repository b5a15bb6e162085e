import { describeEntity, listComponents, listEntities, type RelationSet, type WasmScriptRuntime } from '../index.ts'

type Components = Readonly<Record<string, object>>

/** Returns the tag components of the scripts by name. They show which scripts run on an entity. */
export function scriptTags(runtime: WasmScriptRuntime): Components {
  return Object.fromEntries(runtime.scripts().map(({ id, name }) => [name, runtime.tag(id)]))
}

/** Returns the names of the given components and relations that an entity has. A relation is named with its target, as `ChildOf(5)`. */
export function ownedNames(runtime: WasmScriptRuntime, components: Components, entity: number, relations: RelationSet = {}): string[] {
  return Object.keys(describeEntity(runtime.world, components, entity, relations) ?? {})
}

/**
 * Returns the entities that match every word of a text. A number matches the beginning of an id; any other word matches a part
 * of the name of a component, a relation or a script.
 */
export function searchEntities(runtime: WasmScriptRuntime, text: string): number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const all: Components = { ...prefixed(scriptTags(runtime), 'script '), ...listComponents(runtime) }
  let found = listEntities(runtime.world)
  for (const word of words) {
    if (/^\d+$/.test(word)) {
      found = found.filter((entity) => String(entity).startsWith(word))
      continue
    }
    const named = pick(all, word)
    const relations = pick(runtime.relations, word)
    found = found.filter((entity) => ownedNames(runtime, named, entity, relations).length > 0)
  }
  return found
}

/** Returns what has a word in its name. */
function pick<Value>(all: Readonly<Record<string, Value>>, word: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.toLowerCase().includes(word)))
}

/** Prefixes names, since a script may have the name of a component. */
function prefixed(components: Components, prefix: string): Components {
  return Object.fromEntries(Object.entries(components).map(([name, component]) => [prefix + name, component]))
}
