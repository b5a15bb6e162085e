import { IsA, Wildcard, type World } from 'bitecs'
import { invalidOption } from '../../options.ts'
import { type AnyRelation, contextOf, isPair, isRelation, type PairComponent, relationOf, targetOf } from './bitecs-internals.ts'

/** The relations that have a name. */
export interface NamedRelations {
  /** The relations that the game named: scripts may use them. */
  readonly byName: ReadonlyMap<string, AnyRelation>
  /** Those, and bitECS's own: `*` for `Wildcard`, and `IsA`. A pair `*(5)` marks an entity that has any relation to entity 5. */
  readonly all: ReadonlyMap<string, AnyRelation>
  /** The names in `all`. */
  readonly names: ReadonlyMap<AnyRelation, string>
}

/** Reads the `relations` option of a runtime. Throws `InvalidOptions`. */
export function nameRelations(relations: Readonly<Record<string, unknown>>): NamedRelations {
  const byName = new Map<string, AnyRelation>()
  const names = new Map<AnyRelation, string>([
    [Wildcard, '*'],
    [IsA, 'IsA'],
  ])
  for (const [name, relation] of Object.entries(relations)) {
    const refuse = (why: string): never => invalidOption(`relations.${name} ${why}`)
    if (!isRelation(relation)) return refuse("must be a relation made by bitECS's createRelation()")
    if (relation === Wildcard) refuse('is Wildcard, which stands for every relation; leave it out')
    if (!/^[^\s.!*()]+$/.test(name)) refuse("must have a name without spaces, '.', '!', '*' and brackets")
    if (name === 'IsA' && relation !== IsA) refuse("must have another name: 'IsA' is a relation of bitECS")
    if ([...byName.values()].includes(relation)) refuse(`is the same relation as relations.${names.get(relation)}; name it once`)
    byName.set(name, relation)
    names.set(relation, name)
  }
  return { byName, names, all: new Map([...names].map(([relation, name]) => [name, relation])) }
}

/** What a pair stands for. */
export interface PairParts {
  readonly relation: AnyRelation
  readonly target: number | AnyRelation
}

/** Returns the name of a pair, such as `ChildOf(5)`, or `ChildOf(*)` for any target; `undefined` if its relation has no name. */
export function nameOfPair({ names }: NamedRelations, { relation, target }: PairParts): string | undefined {
  const [name, to] = [names.get(relation), typeof target === 'number' ? target : names.get(target)]
  return name === undefined || to === undefined ? undefined : `${name}(${to})`
}

/** Returns what the name of a pair stands for; `undefined` for another text, or if there is no such relation. Makes no pair. */
export function parsePair({ all }: NamedRelations, text: string): PairParts | undefined {
  const [, name = '', to = ''] = /^([^()]+)\(([^()]+)\)$/.exec(text) ?? []
  const relation = all.get(name)
  const target = /^[1-9]\d{0,9}$/.test(to) ? Number(to) : all.get(to)
  if (relation === undefined || target === undefined) return undefined
  // Only Wildcard has relations as targets.
  return typeof target === 'number' || target === Wildcard || relation === Wildcard ? { relation, target } : undefined
}

/** Returns a pair. bitECS makes it if it is new, and keeps it for ever. */
export function pairOf({ relation, target }: PairParts): PairComponent {
  return relation(target as number) as PairComponent
}

/** Returns the entities that an entity is related to, in the order in which they were added: at most `count`. */
export function targetsOf(world: World, entity: number, relation: AnyRelation, count: number = Number.POSITIVE_INFINITY): number[] {
  const targets: number[] = []
  for (const component of contextOf(world).entityComponents.get(entity) ?? []) {
    const target = isPair(component) && relationOf(component) === relation ? targetOf(component) : undefined
    if (typeof target === 'number' && targets.push(target) === count) break
  }
  return targets
}

/** Returns the relation that a pair was made for: bitECS adds `Wildcard(ChildOf)` to the target of `ChildOf`. */
export function madeFor(pair: PairComponent): AnyRelation {
  const [relation, target] = [relationOf(pair), targetOf(pair)]
  return relation === Wildcard && typeof target !== 'number' ? target : relation
}

/** Returns whether a pair relates two entities. bitECS adds further pairs for each, which do not. */
export function isMadeByHand(pair: PairComponent): boolean {
  return relationOf(pair) !== Wildcard && typeof targetOf(pair) === 'number'
}
