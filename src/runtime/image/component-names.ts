import { Prefab } from 'bitecs'
import { isPair, isRelation, relationOf, targetOf } from '../../ecs/components/bitecs-internals.ts'
import { madeFor, nameOfPair, pairOf, parsePair } from '../../ecs/components/relations.ts'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import type { Naming } from '../../ecs/image/portable-world.ts'
import { suggest } from '../../nearest-name.ts'
import { invalidOption } from '../../options.ts'
import type { Store } from '../script/store.ts'
import type { GameImage } from './game-image.ts'

/** What a file leaves out: a list of components and relations, by name or as objects, or `'unnamed'`: all that `create` did not name. */
export type Without = 'unnamed' | readonly (string | object)[]

export const STATE = 'bitscript:state'
const PREFAB = 'bitscript:prefab'

/** Returns the names of components in a file. The tag of a script has the name of the script, loaded or not. */
export function namesOf({ ecs, scripts }: Store, image?: GameImage): Naming['nameOf'] {
  const { byName, relations } = ecs.components
  const names = new Map<object, string>([
    [ScriptState, STATE],
    [Prefab, PREFAB],
  ])
  // The scripts of an image may have been unloaded since, and their tags reused by others.
  const tags = image?.scripts ?? scripts.map(({ name, attachment }) => ({ name, tag: attachment.tag }))
  for (const { name, tag } of tags) if (tag !== undefined) names.set(tag, tagName(name))
  for (const { name, component } of byName.values()) names.set(component, name)
  return (component) => {
    const name = names.get(component)
    if (name !== undefined || !isPair(component)) return name
    return nameOfPair(relations, { relation: relationOf(component), target: targetOf(component) })
  }
}

/** Returns the components by their names in a file. */
export function componentsOf({ ecs, scripts }: Store): (name: string) => object | undefined {
  const { byName, relations } = ecs.components
  const components = new Map<string, object>([
    [STATE, ScriptState],
    [PREFAB, Prefab],
  ])
  for (const { name, attachment } of scripts) components.set(tagName(name), attachment.tag)
  for (const { name, component } of byName.values()) components.set(name, component)
  return (name) => {
    const component = components.get(name)
    const pair = component === undefined ? parsePair(relations, name) : undefined
    return pair === undefined ? component : pairOf(pair)
  }
}

function tagName(script: string): string {
  return `bitscript:script ${script}`
}

/** Returns how a file of an image names components, and what it leaves out. Throws `InvalidOptions` for an unknown name. */
export function namingOf(store: Store, image: GameImage, without: Without): Naming & { readonly isNameLeftOut: (name: string) => boolean } {
  const { byName, relations } = store.ecs.components
  const nameOf = namesOf(store, image)
  const leftOut = new Set<object>(without === 'unnamed' ? [] : without.map((each) => findLeftOut(store, each)))
  const isLeftOut = (component: object): boolean =>
    leftOut.has(component) ||
    (isPair(component) && leftOut.has(madeFor(component))) ||
    (without === 'unnamed' && nameOf(component) === undefined)
  const isNameLeftOut = (name: string): boolean => {
    const named = byName.get(name)?.component ?? relations.byName.get(name) ?? parsePair(relations, name)?.relation
    return named !== undefined && leftOut.has(named)
  }
  return { nameOf, isLeftOut, isNameLeftOut }
}

function findLeftOut({ ecs }: Store, given: unknown): object {
  const { byName, relations } = ecs.components
  if (isRelation(given) || (typeof given === 'object' && given !== null)) return given
  if (typeof given !== 'string') return invalidOption('without must list components and relations, or their names')
  const found = byName.get(given)?.component ?? relations.byName.get(given)
  return (
    found ?? invalidOption(`there is no component or relation '${given}'${suggest(given, [...byName.keys(), ...relations.byName.keys()])}`)
  )
}
