import { addEntity, createWorld, query, type World } from 'bitecs'
import { type Components, createComponents } from './schema.ts'

/** A world with entities for a program to run on. */
export interface Stage {
  readonly world: World
  readonly components: Components
  /** The initial entities. */
  readonly entities: readonly number[]
}

/** The initial content of a world. */
export interface Scene {
  /** The components of the entities. */
  readonly terms: (components: Components) => object[]
  /** Writes the initial values of an entity. */
  readonly fill: (components: Components, entity: number, index: number) => void
}

/** Seconds per tick, exact in f32. */
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
