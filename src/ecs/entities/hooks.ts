import { hasComponent, observe, onAdd, onRemove, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { bytesOf, typeNameOf, wordsOf } from '../../bytes.ts'
import { contextOf } from '../components/bitecs-internals.ts'
import type { Column, NamedComponent } from '../components/components.ts'

/** What a hook waits for: that entities get a component, lose it, or that a field of it changes. */
export type HookTarget =
  | { readonly on: 'add' | 'remove'; readonly component: NamedComponent }
  | { readonly on: 'change'; readonly component: NamedComponent; readonly column: Column }

/** One thing that happened to an entity, for the hook with an index. A change has the old and the new value. */
export interface Happening {
  readonly hook: number
  readonly entity: number
  readonly values?: readonly [old: number, now: number]
}

/** What hooks have yet to be called for, and the values that changes are found by. */
export interface HooksImage {
  /** Pairs of the index of a hook and an entity. */
  readonly waiting: readonly number[]
  /** For each hook on a change: the last values, and the entities that have the component since. */
  readonly columns: readonly { readonly values: ArrayImage; readonly fresh: readonly number[] }[]
}

/**
 * What happens to the entities of a world, for the hooks of one script. Components that are added and removed are recorded as it
 * happens; changes of fields are found by comparing the column with a copy, once a tick.
 */
export class Hooks {
  readonly #count: number
  readonly #waiting: number[] = []
  readonly #columns: HookedColumn[] = []
  readonly #stop: (() => void)[] = []

  constructor(world: World, targets: readonly HookTarget[]) {
    this.#count = targets.length
    for (const [hook, target] of targets.entries()) {
      const { component } = target.component
      if (target.on === 'change') {
        const column = new HookedColumn(world, hook, target.component, target.column)
        this.#columns.push(column)
        this.#stop.push(observe(world, onAdd(component), (entity) => void column.fresh.add(entity)))
      } else {
        const observer = target.on === 'add' ? onAdd(component) : onRemove(component)
        this.#stop.push(observe(world, observer, (entity) => void this.#waiting.push(hook, entity)))
      }
    }
  }

  /** Returns what happened since the last call: components in the order in which they changed, then changes of fields by entity. */
  take(): readonly Happening[] {
    const found: Happening[] = []
    for (let index = 0; index < this.#waiting.length; index += 2)
      found.push({ hook: this.#waiting[index] as number, entity: this.#waiting[index + 1] as number })
    this.#waiting.length = 0
    const changes = this.#columns.flatMap((column) => column.compare())
    if (this.#columns.length > 1) changes.sort((one, other) => one.entity - other.entity || one.hook - other.hook)
    return found.length === 0 ? changes : [...found, ...changes]
  }

  /** How many of the components that were added and removed wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** Forgets the last of what waits, so that `length` remain. */
  truncate(length: number): void {
    this.#waiting.length = Math.min(this.#waiting.length, length)
  }

  /** Returns an image. `path` identifies the script. */
  save(path: string, keeper: ArrayKeeper): HooksImage {
    return {
      waiting: [...this.#waiting],
      columns: this.#columns.map((column, index) => column.save(`${path} hook ${index}`, keeper)),
    }
  }

  /** Restores an image. Hooks that it does not have begin with what there is. */
  restore({ waiting, columns }: HooksImage): void {
    this.#waiting.length = 0
    for (let index = 0; index + 1 < waiting.length; index += 2) {
      const [hook, entity] = [waiting[index] as number, waiting[index + 1] as number]
      if (hook < this.#count) this.#waiting.push(hook, entity)
    }
    for (const [index, column] of this.#columns.entries()) column.restore(columns[index])
  }

  dispose(): void {
    for (const stop of this.#stop.splice(0)) stop()
  }
}

/** A column with a copy of what it held. */
class HookedColumn {
  readonly fresh: Set<number> = new Set()
  readonly #world: World
  readonly #hook: number
  readonly #component: object
  readonly #column: Column
  #values: Copy

  constructor(world: World, hook: number, { component }: NamedComponent, column: Column) {
    this.#world = world
    this.#hook = hook
    this.#component = component
    this.#column = column
    this.#values = this.#copy(new Float64Array())
  }

  /** Returns the changes since the last call, and keeps the new values. The first value of an entity is no change. */
  compare(): Happening[] {
    const now = this.#now()
    if (now.length > this.#values.length || now.constructor !== this.#values.constructor) this.#values = this.#copy(this.#values)
    const found: Happening[] = []
    for (const entity of differing(now, this.#values)) {
      if (!this.fresh.has(entity) && hasComponent(this.#world, entity, this.#component))
        found.push({ hook: this.#hook, entity, values: [this.#values[entity] as number, now[entity] as number] })
      this.#values[entity] = now[entity] as number
    }
    this.fresh.clear()
    return found
  }

  save(path: string, keeper: ArrayKeeper): HooksImage['columns'][number] {
    return { values: keeper.keep(path, this.#values), fresh: [...this.fresh] }
  }

  restore(image: HooksImage['columns'][number] | undefined): void {
    this.fresh.clear()
    if (image === undefined || image.values.type !== typeNameOf(this.#values)) {
      this.#values = this.#copy(new Float64Array())
      return
    }
    this.#values = image.values.read().slice() as Copy
    for (const entity of image.fresh) this.fresh.add(entity)
  }

  /** Returns the values of all entities. */
  #now(): Copy {
    const array = this.#column.array()
    const length = Math.min(array.length, contextOf(this.#world).entityIndex.maxId + 1)
    return Array.isArray(array) ? Float64Array.from(array.slice(0, length), (value) => value ?? 0) : (array.subarray(0, length) as Copy)
  }

  /** Returns a copy of the values of all entities, in which the first ones are others. */
  #copy(first: ArrayLike<number>): Copy {
    const values = this.#now().slice()
    for (let entity = 0; entity < Math.min(first.length, values.length); entity++) values[entity] = first[entity] as number
    return values
  }
}

type Copy = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array

/** Words that are compared together. */
const BLOCK = 8

/** Returns the indices at which two arrays of one type differ in their bits, up to the end of the first. */
function differing(one: Copy, other: Copy): number[] {
  const found: number[] = []
  const [left, right] = [wordsOf(bytesOf(one)), wordsOf(bytesOf(other))]
  const each = one.BYTES_PER_ELEMENT
  const differ = (index: number): boolean => {
    if (each === 8) return left[2 * index] !== right[2 * index] || left[2 * index + 1] !== right[2 * index + 1]
    return each === 4 ? left[index] !== right[index] : one[index] !== other[index]
  }
  const scan = (from: number, to: number): void => {
    for (let index = from; index < to; index++) if (differ(index)) found.push(index)
  }
  const inWords = left instanceof Uint32Array && right instanceof Uint32Array
  const blocks = inWords ? Math.floor(one.byteLength / (4 * BLOCK)) : 0
  const elements = (4 * BLOCK) / each
  if (inWords) {
    for (let block = 0; block < blocks; block++) if (differsAt(left, right, block * BLOCK)) scan(block * elements, (block + 1) * elements)
  }
  scan(blocks * elements, one.length)
  return found
}

/** Returns whether one of {@link BLOCK} words differs. Nearly all are equal, and to look at each by itself takes twice as long. */
function differsAt(one: Uint32Array, other: Uint32Array, at: number): boolean {
  const word = (place: number): number => (one[at + place] as number) ^ (other[at + place] as number)
  return (word(0) | word(1) | word(2) | word(3) | word(4) | word(5) | word(6) | word(7)) !== 0
}
