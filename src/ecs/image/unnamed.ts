import { invalidOption } from '../../options.ts'
import { isPair, targetOf } from '../components/bitecs-internals.ts'
import { isMadeByHand, madeFor } from '../components/relations.ts'

/** A component or a pair that the game did not name, and the entities that have it. */
export interface Unnamed {
  readonly component: object
  readonly owners: readonly number[]
}

/** Components and relations that a message describes. */
const MAX_DESCRIBED = 5

/** Throws `InvalidOptions` with a description of each component and each relation; does nothing if there are none. */
export function refuseUnnamed(unnamed: readonly Unnamed[]): void {
  const described = new Map<object, string>()
  for (const each of unnamed) {
    const { component } = each
    const subject = isPair(component) ? madeFor(component) : component
    if (!described.has(subject) || (isPair(component) && isMadeByHand(component))) described.set(subject, describe(each))
  }
  if (described.size === 0) return
  const all = [...described.values()]
  if (all.length > MAX_DESCRIBED) all.splice(MAX_DESCRIBED, all.length, `${all.length - MAX_DESCRIBED} more`)
  invalidOption(
    `a file needs the name of everything that entities have, and create() does not name ${all.join('; ')}. Name it in ` +
      `create({ components, relations }), or leave it out: toBytes({ without: 'unnamed' })`,
  )
}

/** Returns a description by which a reader can find a component or a relation in the game. */
function describe({ component, owners: [first = 0, ...others] }: Unnamed): string {
  const fields = Object.keys(component)
  const withFields = fields.length === 0 ? '' : ` with ${fields.join(', ')}`
  if (isPair(component)) {
    const target = targetOf(component)
    return `a relation${withFields}, of entity ${first} to ${typeof target === 'number' ? `entity ${target}` : 'any entity'}`
  }
  const owners = others.length === 0 ? `entity ${first}` : `entity ${first} and ${others.length} more`
  return `a component${withFields || ' without fields'}, of ${owners}, among getEntityComponents(world, ${first})`
}
