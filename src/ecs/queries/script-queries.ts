import { commitRemovals, hasComponent, isNested, Not, observe, onAdd, onRemove, type QueryTerm, query, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { ArrayCopy, type ArrayImage, type ArrayKeeper } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import type { Reserve, Room } from '../components/reserve.ts'
import type { Ecs } from '../entities/access.ts'
import { EntityList } from '../entities/entity-list.ts'
import { ScriptState } from '../entities/script-state.ts'
import type { QueryTerms } from './terms.ts'

/** Where the result of a query lies in the ECS memory: two words, how many entities they are and the address of the first. */
const RESULT_WORDS = 2

/** Different queries that a script may have. */
const MOST_QUERIES = 64

/** The queries of one generation of a script, each once, however often and in whatever order its terms are written. */
export class ScriptQueries {
  readonly #ecs: Ecs
  readonly #reserve: Reserve | undefined
  readonly #queries = new Map<string, ScriptQuery>()

  readonly #charge: (entities: number) => void

  /**
   * With a `reserve`, results lie there as far as there is room. `charge` is passed the units of fuel that running a query
   * costs beyond its price.
   */
  constructor(ecs: Ecs, reserve: Reserve | undefined, charge: (units: number) => void = () => undefined) {
    this.#ecs = ecs
    this.#reserve = reserve
    this.#charge = charge
  }

  /** The query of these terms, whose components must be known. Throws `TooLarge` for one more than a script may have. */
  get(terms: QueryTerms): ScriptQuery {
    const known = this.#queries.get(terms.key)
    if (known !== undefined) return known
    if (this.#queries.size === MOST_QUERIES) {
      throw new ScriptError('TooLarge', `it has more than ${MOST_QUERIES} queries, each of which every change of the world is held against`)
    }
    const made = new ScriptQuery(this.#ecs, terms, this.#reserve, this.#charge)
    this.#queries.set(terms.key, made)
    return made
  }

  /** `path` names the script. */
  save(path: string, keeper: ArrayKeeper): ReadonlyMap<string, ResultImage> {
    return new Map([...this.#queries].map(([key, made]) => [key, made.save(`${path} result ${key}`, keeper)]))
  }

  /** Results of queries that are not in the image are empty. */
  restore(images: ReadonlyMap<string, ResultImage>): void {
    for (const [key, made] of this.#queries) made.restore(images.get(key) ?? NO_RESULT)
  }

  dispose(): void {
    for (const made of this.#queries.values()) made.dispose()
    this.#queries.clear()
  }
}

/** What a query found when it was last run, and whether it would find the same again. */
export interface ResultImage {
  readonly entities: ArrayImage<Uint32Array>
  readonly isFresh: boolean
}

const NO_RESULT: ResultImage = { entities: new ArrayCopy(new Uint32Array()), isFresh: false }

/** A query of one script: its result stays as it is until the script runs the query again. */
export class ScriptQuery {
  readonly #ecs: Ecs
  readonly #key: string
  readonly #all: readonly object[]
  readonly #none: readonly object[]
  readonly #terms: QueryTerm[]
  readonly #stop: readonly (() => void)[]
  readonly #reserve: Reserve | undefined
  readonly #charge: (entities: number) => void
  readonly #room: Room | undefined
  readonly #words: Uint32Array | undefined
  readonly #list: EntityList
  #count = 0
  /** An image of the result; `undefined` after another run. */
  #saved: ArrayImage<Uint32Array> | undefined
  /** Whether the result is what the query would find now. */
  #isFresh = false
  #isDisposed = false

  constructor(ecs: Ecs, terms: QueryTerms, reserve: Reserve | undefined, charge: (units: number) => void) {
    this.#charge = charge
    const component = (name: string): object => ecs.components.byName.get(name)?.component as object
    this.#ecs = ecs
    this.#key = terms.key
    this.#all = terms.all.map(component)
    // An entity of a script has no part in the game: a query that only says what is absent would find it.
    this.#none = [...terms.none.map(component), ...(terms.all.length === 0 ? [ScriptState] : [])]
    this.#terms = [...this.#all, ...this.#none.map((each) => Not(each))]
    this.#room = reserve?.take(RESULT_WORDS * Uint32Array.BYTES_PER_ELEMENT)
    this.#reserve = reserve
    if (reserve !== undefined && this.#room !== undefined) this.#words = reserve.words(this.#room)
    this.#list = new EntityList(this.#room === undefined ? undefined : reserve)
    this.#publish()
    const changed = (): void => {
      this.#isFresh = false
    }
    this.#stop = [observe(ecs.world, onAdd(...this.#terms), changed), observe(ecs.world, onRemove(...this.#terms), changed)]
  }

  /** Where the two words of the result lie; `undefined` if it has no place in the ECS memory. */
  get address(): number | undefined {
    return this.#room?.address
  }

  /** Runs the query. Gives how many entities it found; none any more once it was disposed of. */
  run(): number {
    if (this.#isDisposed) return 0
    const { world, journal } = this.#ecs
    // To take out at last what was removed changes the order of what stays. In a transaction, which may yet be taken
    // back, it is only passed over.
    if (!journal.open) commitRemovals(world)
    else this.#isFresh = false
    if (this.#isFresh) return this.#count
    const found = journal.open ? query(world, this.#terms, isNested) : query(world, this.#terms)
    const terms = this.#terms.length
    this.#charge(PRICES.queryTerm * terms + found.length * (PRICES.scan + (journal.open ? PRICES.scanTerm * terms : 0)))
    this.#saved = undefined
    this.#list.hold(found.length)
    const { array } = this.#list
    let count = 0
    for (let index = 0; index < found.length; index++) {
      const entity = found[index] as number
      if (!journal.open || this.#matches(world, entity)) array[count++] = entity
    }
    this.#count = count
    this.#publish()
    this.#isFresh = !journal.open
    return count
  }

  /** Returns the entity at a place of the result. Throws `EntityOutOfRange`. */
  entity(index: number): number {
    if (index >>> 0 >= this.#count) this.#ecs.refuse(this.outOfRange(index))
    return this.#list.array[index] as number
  }

  /** The error for a place behind the end of the result. */
  outOfRange(index: number): ScriptError {
    const detail = `the query '${this.#key}' has ${this.#count} entities, and number ${index >>> 0} was asked for`
    return new ScriptError('EntityOutOfRange', detail)
  }

  save(path: string, keeper: ArrayKeeper): ResultImage {
    this.#saved = keeper.keep(path, this.#list.array.subarray(0, this.#count), this.#saved)
    return { entities: this.#saved, isFresh: this.#isFresh }
  }

  restore({ entities, isFresh }: ResultImage): void {
    if (entities !== this.#saved) {
      this.#list.hold(entities.length)
      entities.writeTo(this.#list.array)
      this.#count = entities.length
      this.#saved = entities
    }
    this.#isFresh = isFresh
    this.#publish()
  }

  dispose(): void {
    this.#isDisposed = true
    this.#count = 0
    this.#saved = undefined
    for (const stop of this.#stop) stop()
    this.#list.release()
    if (this.#room !== undefined) this.#reserve?.give(this.#room)
  }

  /** Tells the script's own code where the result lies. */
  #publish(): void {
    if (this.#words === undefined) return
    const { address } = this.#list
    this.#words[0] = address === undefined ? 0 : this.#count
    this.#words[1] = address ?? 0
    if (address === undefined && this.#count > 0) {
      const detail = `the result of the query '${this.#key}' finds no room behind the columns (reserve of defineComponents)`
      throw new ScriptError('OutOfMemory', detail)
    }
  }

  #matches(world: World, entity: number): boolean {
    return this.#all.every((each) => hasComponent(world, entity, each)) && !this.#none.some((each) => hasComponent(world, entity, each))
  }
}
