import { hasComponent, isNested, Not, type QueryTerm, query, type World } from 'bitecs'
import { ScriptError } from '../errors.ts'
import { type Ecs, raise } from './access.ts'
import { ScriptState } from './script-state.ts'
import type { QueryTerms } from './terms.ts'

/** A query of one script: its result stays as it is until the script runs the query again. */
export interface ScriptQuery {
  readonly run: () => number
  readonly entity: (index: number) => number
}

/** The queries of one script, each once, however often and in whatever order its terms are written. */
export class ScriptQueries {
  readonly #ecs: Ecs
  readonly #queries = new Map<string, ScriptQuery>()

  constructor(ecs: Ecs) {
    this.#ecs = ecs
  }

  /** The query of these terms, whose components must be known. */
  get(terms: QueryTerms): ScriptQuery {
    const known = this.#queries.get(terms.key)
    if (known !== undefined) return known
    const made = makeQuery(this.#ecs, terms)
    this.#queries.set(terms.key, made)
    return made
  }
}

function makeQuery(ecs: Ecs, terms: QueryTerms): ScriptQuery {
  const { world, components, journal } = ecs
  const component = (name: string): object => components.byName.get(name)?.component as object
  const all = terms.all.map(component)
  // An entity of a script has no part in the game: a query that only says what is absent would find it.
  const none = [...terms.none.map(component), ...(all.length === 0 ? [ScriptState] : [])]
  const bitecsTerms: QueryTerm[] = [...all, ...none.map((each) => Not(each))]
  let result = new Uint32Array(64)
  let count = 0
  return {
    run: () => {
      // To take out at last what was removed changes the order of what stays. In a transaction, which may yet be taken
      // back, it is only passed over.
      const found = journal.open ? query(world, bitecsTerms, isNested) : query(world, bitecsTerms)
      if (found.length > result.length) result = new Uint32Array(Math.max(found.length, result.length * 2))
      count = 0
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        if (!journal.open || matches(world, entity, all, none)) result[count++] = entity
      }
      return count
    },
    entity: (index) => {
      if (index >>> 0 >= count) {
        const detail = `the query '${terms.key}' has ${count} entities, and number ${index >>> 0} was asked for`
        raise(ecs, new ScriptError('EntityOutOfRange', detail))
      }
      return result[index] as number
    },
  }
}

function matches(world: World, entity: number, all: readonly object[], none: readonly object[]): boolean {
  return all.every((each) => hasComponent(world, entity, each)) && !none.some((each) => hasComponent(world, entity, each))
}
