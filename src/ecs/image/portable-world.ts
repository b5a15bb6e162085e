import type { World } from 'bitecs'
import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import type { Query } from '../components/bitecs-internals.ts'
import type { Births } from '../entities/births.ts'
import { componentBits, type QueryImage, queriesOf, queryTerms, type WorldImage } from './world-image.ts'

/** An image of a world that refers to components by name, so that another process can read it. */
export interface PortableWorld {
  readonly alive: number
  readonly maxId: number
  readonly ids: ArrayImage<Uint32Array>
  readonly births: Births
  /** The entities that have a component, by its name, with one bit for each entity. */
  readonly owners: ReadonlyMap<string, Uint8Array>
  /** By their terms, such as `Position !Dead`. */
  readonly queries: ReadonlyMap<string, QueryImage>
}

/** Returns a portable copy of an image. Throws `InvalidOptions` if an entity has a component without a name. */
export function exportWorld(world: World, image: WorldImage, nameOf: (component: object) => string | undefined): PortableWorld {
  const owners = new Map<string, Uint8Array>()
  for (const { component, generation, bit } of componentBits(world)) {
    const mask = image.masks[generation]
    const found = mask === undefined ? undefined : ownersOf(mask.read(), bit, image.maxId)
    if (found === undefined) continue
    const name = nameOf(component)
    if (name === undefined) {
      throw new ScriptError(
        'InvalidOptions',
        'an entity has a component without a name, or a relation, which a file cannot hold; pass the component to create({ components })',
      )
    }
    owners.set(name, found)
  }
  const queries = new Map<string, QueryImage>()
  for (const [query, members] of image.queries) {
    const key = members.isLazy ? undefined : queryTerms(query, nameOf)
    if (key !== undefined) queries.set(key, members)
  }
  const { alive, maxId, ids, births } = image
  return { alive, maxId, ids, births, owners, queries }
}

/** Returns the image for a world of this process. Components that the world does not have by that name are left out. */
export function importWorld(
  world: World,
  portable: PortableWorld,
  nameOf: (component: object) => string | undefined,
  componentOf: (name: string) => object | undefined,
): WorldImage {
  const masks: Uint32Array[] = []
  for (const [name, owners] of portable.owners) {
    const component = componentOf(name)
    if (component === undefined) continue
    const { generation, bit } = componentBits(world, component)[0] as { generation: number; bit: number }
    while (masks.length <= generation) masks.push(new Uint32Array(portable.maxId + 1))
    const mask = masks[generation] as Uint32Array
    for (let entity = 0; entity <= portable.maxId; entity++) {
      if (((owners[entity >> 3] as number) & (1 << (entity & 7))) !== 0) mask[entity] = (mask[entity] as number) | bit
    }
  }
  const queries = new Map<Query, QueryImage>()
  for (const query of queriesOf(world)) {
    const key = queryTerms(query, nameOf)
    const members = key === undefined ? undefined : portable.queries.get(key)
    if (members !== undefined) queries.set(query, members)
  }
  const { alive, maxId, ids, births } = portable
  return { alive, maxId, ids, births, masks: masks.map((mask) => new ArrayCopy(mask)), queries, ordered: new Map(), withRelations: [] }
}

function ownersOf(mask: Uint32Array, bit: number, maxId: number): Uint8Array | undefined {
  const owners = new Uint8Array((maxId >> 3) + 1)
  let any = false
  for (let entity = 0; entity < mask.length; entity++) {
    if (((mask[entity] as number) & bit) === 0) continue
    any = true
    owners[entity >> 3] = (owners[entity >> 3] as number) | (1 << (entity & 7))
  }
  return any ? owners : undefined
}
