import { addEntity, createWorld, query, type World } from 'bitecs'
import { type Components, createComponents } from './schema.ts'

/** A world with entities for a program to run on. */
export interface Stage {
  readonly world: World
  readonly components: Components
  /** The entities it began with. */
  readonly entities: readonly number[]
}

/** What there is in a world before anything runs. */
export interface Scene {
  /** The components of the entities. */
  readonly terms: (components: Components) => object[]
  /** Gives an entity what it begins with. */
  readonly fill: (components: Components, entity: number, index: number) => void
}

/** Seconds in a tick: a number that f32 holds exactly. */
export const TICK_SECONDS: number = 1 / 64

export function createStage({ terms: termsOf, fill }: Scene, count: number): Stage {
  const world = createWorld()
  const capacity = Math.ceil(count * 1.1) + 1000
  const components = createComponents(capacity)
  const terms = termsOf(components)
  const entities: number[] = []
  for (let index = 0; index < count; index++) {
    const entity = addEntity(world, components.Origin, ...terms)
    components.Origin.number[entity] = index
    fill(components, entity, index)
    entities.push(entity)
  }
  query(world, terms)
  return { world, components, entities }
}
