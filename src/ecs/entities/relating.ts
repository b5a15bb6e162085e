import { addComponent, hasComponent, IsA, removeComponent, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { describeThrown, ScriptError } from '../../errors.ts'
import {
  type AnyRelation,
  contextOf,
  isPair,
  type PairComponent,
  relationDataOf,
  relationOf,
  targetOf,
} from '../components/bitecs-internals.ts'
import { plainColumns } from '../components/components.ts'
import { pairOf, targetsOf } from '../components/relations.ts'
import { checkEntity, clearFields, type Ecs, isInGame, needHeadroom, pay, priceOfChange } from './access.ts'

/** Components that a world may have for scripts to make more pairs. bitECS makes up to three for each target, and never frees one. */
export const MAX_COMPONENTS = 32_768

/** Returns the function that returns the first target of a relation; 0 if there is none. */
export function targetNamed(ecs: Ecs, relation: AnyRelation): (entity: number) => number {
  return (entity) => {
    if (!isInGame(ecs, entity)) return 0
    let steps = 0
    let found = 0
    for (const component of contextOf(ecs.world).entityComponents.get(entity) ?? []) {
      steps++
      const target = isPair(component) && relationOf(component) === relation ? targetOf(component) : undefined
      if (typeof target !== 'number') continue
      found = target
      break
    }
    ecs.charge(PRICES.relationStep * steps)
    return found
  }
}

/**
 * Returns the function that adds a relation at once; its data begin at 0. An exclusive relation loses its other target. It does
 * nothing if one of the entities does not exist.
 */
export function relateNamed(ecs: Ecs, relation: AnyRelation): (entity: number, target: number) => void {
  const { world, journal } = ecs
  return (entity, target) => {
    if (!bothExist(ecs, entity, target)) return
    const pair = makePair(world, relation, target)
    if (hasComponent(world, entity, pair)) return
    needHeadroom(ecs)
    const columns = plainColumns('', pair)
    if (!pay(ecs, priceOfRelating(ecs, relation, entity, target) + PRICES.plainField * columns.size)) return
    clearFields(ecs, columns.values())(entity)
    const undo = journal.isOpen ? reverting(ecs, [entity, target, ...targetsOf(world, entity, relation)]) : undefined
    addComponent(world, entity, pair)
    if (undo !== undefined) journal.record(undo)
  }
}

/** Returns the function that removes a relation when the script's run ends. It does nothing if there is no such relation. */
export function unrelateNamed(ecs: Ecs, relation: AnyRelation): (entity: number, target: number) => void {
  const { world } = ecs
  return (entity, target) => {
    if (!bothExist(ecs, entity, target)) return
    const pair = relationDataOf(relation).pairsMap.get(target)
    if (pair === undefined || !hasComponent(world, entity, pair)) return
    if (ecs.commands.isQueued(entity, pair)) return
    if (pay(ecs, priceOfRemoval(ecs, relation, entity, target))) ecs.commands.remove(entity, pair)
  }
}

function bothExist(ecs: Ecs, entity: number, target: number): boolean {
  checkEntity(ecs, entity)
  checkEntity(ecs, target)
  return isInGame(ecs, entity) && isInGame(ecs, target)
}

/** Returns the pair of a relation. Throws `OutOfMemory` if the world has too many, `HostError` if the game cannot make its data. */
export function makePair(world: World, relation: AnyRelation, target: number): PairComponent {
  const { componentMap } = contextOf(world)
  const known = relationDataOf(relation).pairsMap.get(target)
  if ((known === undefined || !componentMap.has(known)) && componentMap.size >= MAX_COMPONENTS) {
    throw new ScriptError('OutOfMemory', `the world has ${componentMap.size} components, too many for a relation to another target`)
  }
  try {
    return pairOf({ relation, target })
  } catch (cause) {
    throw new ScriptError('HostError', `the store of a relation threw ${describeThrown(cause)}`, { cause })
  }
}

function priceOfRelating(ecs: Ecs, relation: AnyRelation, entity: number, target: number): number {
  const price = PRICES.relation + searchPrice(ecs, relation, entity)
  if (relation === IsA) return price + priceOfInheriting(ecs, target)
  if (!relationDataOf(relation).exclusiveRelation) return price
  const [before] = targetsOf(ecs.world, entity, relation, 1)
  const scan = PRICES.relationStep * sizeOf(ecs, entity)
  return price + scan + (before === undefined ? 0 : priceOfRemoval(ecs, relation, entity, before))
}

function priceOfRemoval(ecs: Ecs, relation: AnyRelation, entity: number, target: number): number {
  const steps = 3 * (sizeOf(ecs, entity) + sizeOf(ecs, target))
  return PRICES.relation + PRICES.relationStep * steps + searchPrice(ecs, relation, entity)
}

/** Returns the price of adding all components of an entity, and of those that it inherits from, to another. */
function priceOfInheriting(ecs: Ecs, base: number): number {
  const each = priceOfChange(ecs) + PRICES.relation
  const bases = new Set([base])
  let price = 0
  for (const current of bases) {
    price += each * sizeOf(ecs, current)
    if (price > ecs.fuelLeft()) return Number.POSITIVE_INFINITY
    for (const further of targetsOf(ecs.world, current, IsA)) bases.add(further)
  }
  return price
}

/** bitECS follows a hierarchy by recursion. */
const MAX_DEPTH = 500

/**
 * Returns the price of a change in a hierarchy that the game queries: bitECS looks for the children of every entity below, each time
 * in the whole world. Throws `StackOverflow` if the hierarchy is too deep.
 */
function searchPrice({ world, fuelLeft }: Ecs, relation: AnyRelation, entity: number): number {
  const { entityComponents, entityIndex, hierarchyActiveRelations } = contextOf(world)
  if (!hierarchyActiveRelations.has(relation as never)) return 0
  const depths = new Map([[entity, 0]])
  let price = 0
  for (const [current, depth] of depths) {
    const pair = relationDataOf(relation).pairsMap.get(current)
    const components = entityComponents.get(current) ?? new Set()
    price += PRICES.relationScan * entityIndex.aliveCount + PRICES.relationStep * components.size
    if (price > fuelLeft()) return Number.POSITIVE_INFINITY
    if (depth === MAX_DEPTH)
      throw new ScriptError('StackOverflow', `the hierarchy below entity ${entity} has more than ${MAX_DEPTH} levels`)
    for (const component of components) {
      const child = isPair(component) ? targetOf(component) : undefined
      if (pair !== undefined && typeof child === 'number' && !depths.has(child) && hasComponent(world, child, pair))
        depths.set(child, depth + 1)
    }
  }
  return price
}

function sizeOf({ world }: Ecs, entity: number): number {
  return contextOf(world).entityComponents.get(entity)?.size ?? 0
}

/** Returns a function that gives entities the components that they have now, in order. */
function reverting({ world, versions }: Ecs, entities: readonly number[]): () => void {
  const { entityComponents } = contextOf(world)
  const before = entities.map((entity) => ({ entity, version: versions.of(entity), components: [...(entityComponents.get(entity) ?? [])] }))
  return () => {
    const same = before.filter(({ entity, version }) => versions.of(entity) === version)
    for (const { entity, components } of same) {
      for (const each of [...(entityComponents.get(entity) ?? [])]) if (!components.includes(each)) removeComponent(world, entity, each)
    }
    for (const { entity, components } of same) {
      for (const each of components) addComponent(world, entity, each)
      const set = entityComponents.get(entity)
      set?.clear()
      for (const each of components) set?.add(each)
    }
  }
}
