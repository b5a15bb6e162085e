import { Not, observe, onAdd, onRemove, type QueryTerm, type World } from 'bitecs'
import { ScriptError } from '../../errors.ts'
import { type OwnedQuery, ownQuery } from '../components/bitecs-internals.ts'

/** Different queries that the scripts of a world may have. bitECS compares each change of an entity with all of them. */
export const MAX_SHARED_QUERIES = 256

/** A query that is registered in a world. All scripts whose queries have these terms share it. */
export interface SharedQuery {
  readonly terms: QueryTerm[]
  /** A number that changes when another run may find other entities. */
  readonly version: number
  /** Must be called once by each user. */
  release(): void
}

interface Entry extends SharedQuery {
  version: number
  users: number
  /** Takes the query out of bitECS, unless the game uses it, too. */
  readonly remove: () => void
}

/**
 * The queries that the scripts of a world use or used. bitECS keeps a query for good, so those that no script uses any more
 * stay for scripts to come, until their number reaches {@link MAX_SHARED_QUERIES}.
 */
class SharedQueries {
  readonly #world: World
  /** By their terms. The one that was released last is last. */
  readonly #entries = new Map<string, Entry>()
  readonly #numbers = new WeakMap<object, number>()
  #count = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Returns the query of some components, registered. Throws `TooLarge` if scripts use too many others. */
  acquire(all: readonly object[], none: readonly object[]): SharedQuery {
    const key = [...all.map((each) => this.#numberOf(each)), ...none.map((each) => -this.#numberOf(each))].sort((a, b) => a - b).join()
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#makeRoom()
      entry = this.#register(key, [...all, ...none.map((each) => Not(each))])
      this.#entries.set(key, entry)
    }
    entry.users++
    return entry
  }

  #numberOf(component: object): number {
    const known = this.#numbers.get(component)
    if (known !== undefined) return known
    this.#numbers.set(component, ++this.#count)
    return this.#count
  }

  #makeRoom(): void {
    if (this.#entries.size < MAX_SHARED_QUERIES) return
    for (const [key, { users, remove }] of this.#entries) {
      if (users > 0) continue
      this.#entries.delete(key)
      remove()
      return
    }
    throw new ScriptError(
      'TooLarge',
      `the scripts of this world have ${MAX_SHARED_QUERIES} different queries already, the limit, which no option raises: each slows down every change of the world`,
    )
  }

  #register(key: string, terms: QueryTerm[]): Entry {
    const world = this.#world
    const owned: OwnedQuery | undefined = ownQuery(world, terms)
    const changed = (): void => {
      entry.version++
    }
    const stops = [observe(world, onAdd(...terms), changed), observe(world, onRemove(...terms), changed)]
    const entry: Entry = {
      terms,
      version: 0,
      users: 0,
      release: () => {
        entry.users--
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      },
      remove: () => {
        for (const stop of stops) stop()
        owned?.remove()
      },
    }
    return entry
  }
}

const shared = new WeakMap<World, SharedQueries>()

/** Returns the query of some components in a world, registered. Throws `TooLarge`. */
export function acquireQuery(world: World, all: readonly object[], none: readonly object[]): SharedQuery {
  let queries = shared.get(world)
  if (queries === undefined) {
    queries = new SharedQueries(world)
    shared.set(world, queries)
  }
  return queries.acquire(all, none)
}
