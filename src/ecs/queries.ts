import { Not, type QueryTerm, query, type World } from 'bitecs'
import { ScriptError } from '../errors.ts'
import type { ComponentSet } from './components.ts'
import { ScriptState } from './script-state.ts'
import type { QueryTerms } from './terms.ts'

/** A query of one script: its result stays as it is until the script runs the query again. */
export interface ScriptQuery {
  readonly run: () => number
  readonly entity: (index: number) => number
}

/** The queries of one script, each once, however often and in whatever order its terms are written. */
export class ScriptQueries {
  readonly #world: World
  readonly #components: ComponentSet
  readonly #queries = new Map<string, ScriptQuery>()

  constructor(world: World, components: ComponentSet) {
    this.#world = world
    this.#components = components
  }

  /** The query of these terms, whose components must be known. */
  get(terms: QueryTerms): ScriptQuery {
    const known = this.#queries.get(terms.key)
    if (known !== undefined) return known
    const made = makeQuery(this.#world, this.#components, terms)
    this.#queries.set(terms.key, made)
    return made
  }
}

function makeQuery(world: World, components: ComponentSet, terms: QueryTerms): ScriptQuery {
  const component = (name: string): object => components.byName.get(name)?.component as object
  // An entity of a script has no part in the game: a query that only says what is absent would find it.
  const none = [...terms.none.map(component), ...(terms.all.length === 0 ? [ScriptState] : [])]
  const bitecsTerms: QueryTerm[] = [...terms.all.map(component), ...none.map((each) => Not(each))]
  let result = new Uint32Array(64)
  let count = 0
  return {
    run: () => {
      const found = query(world, bitecsTerms)
      count = found.length
      if (count > result.length) result = new Uint32Array(Math.max(count, result.length * 2))
      for (let index = 0; index < count; index++) result[index] = found[index] as number
      return count
    },
    entity: (index) => {
      if (index >>> 0 >= count) {
        throw new ScriptError('EntityOutOfRange', `the query '${terms.key}' has ${count} entities, and number ${index >>> 0} was asked for`)
      }
      return result[index] as number
    },
  }
}
