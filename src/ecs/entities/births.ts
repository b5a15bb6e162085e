import { getAllEntities, observe, onAdd, type World } from 'bitecs'
import { EVERY_ENTITY } from './every-entity.ts'

/** The order in which the entities of a world were born, which is that of `getAllEntities`. */
export interface Births {
  readonly count: number
  /** By entity: the number of its last birth. */
  readonly numbers: Float64Array
}

interface BirthRecord {
  count: number
  numbers: Float64Array
  /** The numbers as they were last saved; `undefined` after another birth. */
  saved: Float64Array | undefined
}

const records = new WeakMap<World, BirthRecord>()

/**
 * Records the births of a world from now on. An entity added inside another's onAdd observer counts as younger, although
 * `getAllEntities` lists it first.
 */
export function recordBirths(world: World): void {
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
  observe(world, onAdd(EVERY_ENTITY), born)
  records.set(world, record)
}

/** Returns the births of entities up to an id. Nobody may write to them. */
export function saveBirths(world: World, maxId: number): Births {
  const record = records.get(world) as BirthRecord
  const length = Math.min(maxId + 1, record.numbers.length)
  if (record.saved?.length !== length) record.saved = record.numbers.slice(0, length)
  return { count: record.count, numbers: record.saved }
}

/** Puts saved births back. */
export function restoreBirths(world: World, { count, numbers }: Births): void {
  const record = records.get(world) as BirthRecord
  record.count = count
  if (numbers === record.saved) return
  if (numbers.length > record.numbers.length) record.numbers = new Float64Array(numbers.length)
  record.numbers.set(numbers)
  record.saved = numbers
}

/** Returns entities of a world in the order of their births. */
export function inOrderOfBirth(world: World, entities: readonly number[]): number[] {
  const { numbers } = records.get(world) as BirthRecord
  return [...entities].sort((one, other) => (numbers[one] ?? 0) - (numbers[other] ?? 0))
}
