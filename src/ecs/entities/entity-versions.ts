import { getAllEntities, Not, observe, onAdd, onRemove, type World } from 'bitecs'

/** No entity ever has it, so that a query for its absence holds every entity and tells when one is born or dies. */
const Never = {}

/** Whether a query of bitECS is that one: its members are known by the ids in use, and nobody goes by their order. */
export function holdsEveryone(query: object): boolean {
  return (query as { readonly notComponents: readonly object[] }).notComponents.includes(Never)
}

/** In what order the entities of a world were born, which is that of `getAllEntities`. */
export interface Births {
  readonly count: number
  /** By entity: which birth was its last. */
  readonly numbers: Float64Array
}

interface BirthRecord {
  count: number
  numbers: Float64Array
  /** The numbers as they were last saved, as long as there was no birth since. */
  saved: Float64Array | undefined
}

const records = new WeakMap<World, BirthRecord>()

/**
 * Records births from now on, for as long as there is the world. An entity that is born as observers are told of the birth
 * of another counts as the younger one, although `getAllEntities` gives it first.
 */
function keepBirths(world: World): void {
  if (records.has(world)) return
  const record: BirthRecord = { count: 0, numbers: new Float64Array(1024), saved: undefined }
  const born = (entity: number): void => {
    if (entity >= record.numbers.length) {
      const longer = new Float64Array(Math.max(entity + 1, record.numbers.length * 2))
      longer.set(record.numbers)
      record.numbers = longer
    }
    record.numbers[entity] = ++record.count
    record.saved = undefined
  }
  for (const entity of getAllEntities(world)) born(entity)
  observe(world, onAdd(Not(Never)), born)
  records.set(world, record)
}

/** Births of entities up to an id. Nobody may write to them. */
export function saveBirths(world: World, maxId: number): Births {
  const record = records.get(world) as BirthRecord
  const length = Math.min(maxId + 1, record.numbers.length)
  if (record.saved?.length !== length) record.saved = record.numbers.slice(0, length)
  return { count: record.count, numbers: record.saved }
}

export function restoreBirths(world: World, { count, numbers }: Births): void {
  const record = records.get(world) as BirthRecord
  record.count = count
  if (numbers === record.saved) return
  if (numbers.length > record.numbers.length) record.numbers = new Float64Array(numbers.length)
  record.numbers.set(numbers)
  record.saved = numbers
}

/** Entities of a world in the order of their births. */
export function inOrderOfBirth(world: World, entities: readonly number[]): number[] {
  const { numbers } = records.get(world) as BirthRecord
  return [...entities].sort((one, other) => (numbers[one] ?? 0) - (numbers[other] ?? 0))
}

/**
 * Tells an entity from a later one with the same id: bitECS gives the id of a removed entity out again at once. An
 * entity's life is the number of entities that had its id before.
 */
export class EntityLives {
  #deaths = new Uint32Array(1024)
  /** The deaths as they were last saved, as long as there was none since. */
  #saved: Uint32Array | undefined
  readonly #stop: () => void

  constructor(world: World) {
    keepBirths(world)
    this.#stop = observe(world, onRemove(Not(Never)), (entity: number) => this.#end(entity))
  }

  of(entity: number): number {
    return this.#deaths[entity] ?? 0
  }

  /** Deaths by entity, up to an id. Nobody may write to them. */
  save(maxId: number): Uint32Array {
    const length = Math.min(maxId + 1, this.#deaths.length)
    if (this.#saved?.length !== length) this.#saved = this.#deaths.slice(0, length)
    return this.#saved
  }

  restore(deaths: Uint32Array): void {
    if (deaths === this.#saved) return
    if (deaths.length > this.#deaths.length) this.#deaths = new Uint32Array(deaths.length)
    this.#deaths.set(deaths)
    this.#deaths.fill(0, deaths.length)
    this.#saved = deaths
  }

  dispose(): void {
    this.#stop()
  }

  #end(entity: number): void {
    if (entity >= this.#deaths.length) {
      const longer = new Uint32Array(Math.max(entity + 1, this.#deaths.length * 2))
      longer.set(this.#deaths)
      this.#deaths = longer
    }
    this.#deaths[entity] = this.of(entity) + 1
    this.#saved = undefined
  }
}
