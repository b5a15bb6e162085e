import { commitRemovals, hasComponent, isNested, query, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { ArrayCopy, type ArrayImage, type ArrayKeeper } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import type { Allocation, Reserve } from '../components/reserve.ts'
import type { Ecs } from '../entities/access.ts'
import { EntityList } from '../entities/entity-list.ts'
import { ScriptState } from '../entities/script-state.ts'
import { acquireQuery, type SharedQuery } from './shared-queries.ts'
import type { QueryTerms } from './terms.ts'

/** A result has two words in the ECS memory: the number of entities, and the address of the first. */
const RESULT_WORDS = 2

/** Different queries that a script may have. */
const MAX_QUERIES = 64

/** The queries of one generation of a script. Queries with the same terms are one. */
export class ScriptQueries {
  readonly #ecs: Ecs
  readonly #reserve: Reserve | undefined
  readonly #queries = new Map<string, ScriptQuery>()

  readonly #charge: (units: number) => void

  /** Results are allocated from `reserve`, if given, as far as they fit. `charge` receives the fuel for each entity found. */
  constructor(ecs: Ecs, reserve: Reserve | undefined, charge: (units: number) => void = () => undefined) {
    this.#ecs = ecs
    this.#reserve = reserve
    this.#charge = charge
  }

  /** Returns the query of these terms, all of whose components must exist. Throws `TooLarge` if the script has too many queries. */
  get(terms: QueryTerms): ScriptQuery {
    const known = this.#queries.get(terms.key)
    if (known !== undefined) return known
    if (this.#queries.size === MAX_QUERIES) {
      throw new ScriptError(
        'TooLarge',
        `it has more than ${MAX_QUERIES} different queries, the limit, which no option raises: each slows down every change of the world`,
      )
    }
    const made = new ScriptQuery(this.#ecs, terms, this.#reserve, this.#charge)
    this.#queries.set(terms.key, made)
    return made
  }

  /**
   * Registers the queries in bitECS, which keeps them for good: call it when nothing can refuse the script any more. Until then
   * they find nothing. Throws `TooLarge` if all scripts of the world have too many.
   */
  register(): void {
    for (const made of this.#queries.values()) made.register()
  }

  /** Returns the results by query. `path` identifies the script. */
  save(path: string, keeper: ArrayKeeper): ReadonlyMap<string, ResultImage> {
    return new Map([...this.#queries].map(([key, made]) => [key, made.save(`${path} result ${key}`, keeper)]))
  }

  /** Grows lists so that {@link restore} cannot fail. Returns whether the results fit; if they do not, no result has changed. */
  makeRoom(images: ReadonlyMap<string, ResultImage>): boolean {
    return [...this.#queries].every(([key, made]) => made.makeRoom(images.get(key)?.entities.length ?? 0))
  }

  /** Restores the results. Queries that are not in the image become empty. */
  restore(images: ReadonlyMap<string, ResultImage>): void {
    for (const [key, made] of this.#queries) made.restore(images.get(key) ?? NO_RESULT)
  }

  dispose(): void {
    for (const made of this.#queries.values()) made.dispose()
    this.#queries.clear()
  }
}

/** The result of a query's last run. */
export interface ResultImage {
  readonly entities: ArrayImage<Uint32Array>
  /** Whether another run would have found the same. */
  readonly isFresh: boolean
}

const NO_RESULT: ResultImage = { entities: new ArrayCopy(new Uint32Array()), isFresh: false }

/** A query of one script. Its result changes only when the script runs the query. */
export class ScriptQuery {
  readonly #ecs: Ecs
  readonly #key: string
  readonly #all: readonly object[]
  readonly #none: readonly object[]
  /** `undefined` until it is registered, and once it is disposed of. */
  #shared: SharedQuery | undefined
  readonly #reserve: Reserve | undefined
  readonly #charge: (units: number) => void
  readonly #allocation: Allocation | undefined
  readonly #words: Uint32Array | undefined
  readonly #list: EntityList
  #count = 0
  /** The image of the current result; `undefined` if it has not been saved. */
  #saved: ArrayImage<Uint32Array> | undefined
  /** The version of the query at the last run; -1 if another run may find others. */
  #seen = -1

  constructor(ecs: Ecs, terms: QueryTerms, reserve: Reserve | undefined, charge: (units: number) => void) {
    this.#charge = charge
    const component = (name: string): object => ecs.components.byName.get(name)?.component as object
    this.#ecs = ecs
    this.#key = terms.key
    this.#all = terms.all.map(component)
    // A query that only excludes components would find the entities of scripts.
    this.#none = [...terms.none.map(component), ...(terms.all.length === 0 ? [ScriptState] : [])]
    this.#allocation = reserve?.allocate(RESULT_WORDS * Uint32Array.BYTES_PER_ELEMENT)
    this.#reserve = reserve
    if (reserve !== undefined && this.#allocation !== undefined) this.#words = reserve.words(this.#allocation)
    this.#list = new EntityList(this.#allocation === undefined ? undefined : reserve)
    this.#publish()
  }

  /** The address of the result's two words; `undefined` if they are not in the ECS memory. */
  get address(): number | undefined {
    return this.#allocation?.address
  }

  /** Registers the query in bitECS. Throws `TooLarge`. */
  register(): void {
    this.#shared ??= acquireQuery(this.#ecs.world, this.#all, this.#none)
  }

  /** Runs the query. Returns the number of entities found, 0 unless it is registered. */
  run(): number {
    const shared = this.#shared
    if (shared === undefined) return 0
    const { world, journal } = this.#ecs
    // commitRemovals changes the order of the remaining entities. A transaction may be undone, so removed entities are
    // skipped instead.
    if (!journal.isOpen) commitRemovals(world)
    else this.#seen = -1
    if (this.#seen === shared.version) return this.#count
    const found = journal.isOpen ? query(world, shared.terms, isNested) : query(world, shared.terms)
    const terms = shared.terms.length
    this.#charge(PRICES.queryTerm * terms + found.length * (PRICES.scan + (journal.isOpen ? PRICES.scanTerm * terms : 0)))
    this.#saved = undefined
    this.#list.ensureLength(found.length)
    const { array } = this.#list
    let count = 0
    for (let index = 0; index < found.length; index++) {
      const entity = found[index] as number
      if (!journal.isOpen || this.#matches(world, entity)) array[count++] = entity
    }
    this.#count = count
    this.#publish()
    this.#seen = journal.isOpen ? -1 : shared.version
    return count
  }

  /** Returns the entity at an index of the result. Throws `EntityOutOfRange`. */
  entity(index: number): number {
    if (index >>> 0 >= this.#count) this.#ecs.refuse(this.outOfRange(index))
    return this.#list.array[index] as number
  }

  /** Returns the error for an index beyond the result. */
  outOfRange(index: number): ScriptError {
    const detail = `the index ${index >>> 0} is outside the result of the query '${this.#key}', which has ${this.#count} entities`
    return new ScriptError('EntityOutOfRange', detail)
  }

  /** Grows the list to hold `count` entities, where the script can read them. Returns whether it does. Keeps the result. */
  makeRoom(count: number): boolean {
    const { length } = this.#list.array
    if (count > length) {
      const kept = this.#list.array.slice(0, this.#count)
      this.#list.ensureLength(count)
      if (this.#words !== undefined && this.#list.address === undefined) {
        this.#list.release()
        this.#list.ensureLength(length)
      }
      this.#list.array.set(kept)
      this.#publish()
    }
    return count <= this.#list.array.length && (count === 0 || this.#words === undefined || this.#list.address !== undefined)
  }

  save(path: string, keeper: ArrayKeeper): ResultImage {
    this.#saved = keeper.keep(path, this.#list.array.subarray(0, this.#count), this.#saved)
    return { entities: this.#saved, isFresh: this.#seen === this.#shared?.version }
  }

  restore({ entities, isFresh }: ResultImage): void {
    if (entities !== this.#saved) {
      this.#list.ensureLength(entities.length)
      entities.writeTo(this.#list.array)
      this.#count = entities.length
      this.#saved = entities
    }
    this.#seen = isFresh ? (this.#shared?.version ?? -1) : -1
    this.#publish()
  }

  dispose(): void {
    this.#shared?.release()
    this.#shared = undefined
    this.#count = 0
    this.#saved = undefined
    this.#list.release()
    if (this.#allocation !== undefined) this.#reserve?.free(this.#allocation)
  }

  /** Writes the two words that the script's code reads. Throws `OutOfMemory` if the result is not in the ECS memory. */
  #publish(): void {
    if (this.#words === undefined) return
    const { address } = this.#list
    this.#words[0] = address === undefined ? 0 : this.#count
    this.#words[1] = address ?? 0
    if (address === undefined && this.#count > 0) {
      const detail = `the result of the query '${this.#key}' does not fit behind the columns; raise reserve in defineComponents`
      throw new ScriptError('OutOfMemory', detail)
    }
  }

  #matches(world: World, entity: number): boolean {
    return this.#all.every((each) => hasComponent(world, entity, each)) && !this.#none.some((each) => hasComponent(world, entity, each))
  }
}
