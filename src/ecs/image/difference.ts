import { entityExists, getAllEntities, hasComponent, type World } from 'bitecs'
import { type ComponentSet, nameComponents } from '../components/components.ts'

/** A world, and the components by which it is told from another. */
export interface ComparedWorld {
  readonly world: World
  readonly components: Readonly<Record<string, object>>
}

/** Where two worlds differ. */
export interface WorldDifference {
  readonly entity: number
  /** Left out where the entity is alive in one world alone. */
  readonly component?: string
  /** Left out where it has the component in one world alone. */
  readonly field?: string
  /** The value of the field in each world; 1 and 0 for what is there and not there. */
  readonly values: readonly [number, number]
}

/**
 * The first difference of two worlds, by entity, component and field: whether entities are alive, which of `components`
 * they have, and the values of their fields, bit by bit but for NaN. `undefined` where there is none.
 */
export function compareWorlds(one: ComparedWorld, other: ComparedWorld): WorldDifference | undefined {
  const sets = [nameComponents(one.components), nameComponents(other.components)] as const
  const names = [...new Set(sets.flatMap(({ byName }) => [...byName.keys()]))].sort()
  const entities = [...new Set([...getAllEntities(one.world), ...getAllEntities(other.world)])].sort((a, b) => a - b)
  for (const entity of entities) {
    const lives = [entityExists(one.world, entity), entityExists(other.world, entity)] as const
    const owns = (name: string): readonly [boolean, boolean] => [
      lives[0] && has(one.world, sets[0], entity, name),
      lives[1] && has(other.world, sets[1], entity, name),
    ]
    // As for hashWorld, an entity without any of the components has no part in the game.
    if (lives[0] !== lives[1]) {
      if (names.some((name) => owns(name).includes(true))) return { entity, values: [Number(lives[0]), Number(lives[1])] }
      continue
    }
    for (const component of names) {
      const [first, second] = owns(component)
      if (first !== second) return { entity, component, values: [Number(first), Number(second)] }
      if (!first) continue
      const columns = sets[0].byName.get(component)?.columns ?? new Map()
      for (const [field, column] of columns) {
        const values = [column.array()[entity] ?? 0, sets[1].byName.get(component)?.columns.get(field)?.array()[entity] ?? 0] as const
        if (!Object.is(values[0], values[1])) return { entity, component, field, values }
      }
    }
  }
  return undefined
}

function has(world: World, { byName }: ComponentSet, entity: number, name: string): boolean {
  const component = byName.get(name)?.component
  return component !== undefined && hasComponent(world, entity, component)
}
