import { PAGE_BYTES } from '../../abi/types.ts'
import { type ArrayImage, type ArrayKeeper, COPIES } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import { instructionOffsets } from '../decode/instruction-offsets.ts'
import { type ArenaRange, type DecodedModule, isNumberType, type ValueType } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { RESERVED } from '../format/reserved.ts'
import type { InstanceMemory } from './instance-memory.ts'

/** The value of a global or of a table element. */
export interface CellImage {
  readonly value: unknown
  /** The index of the function, if the value is a function of the instance. */
  readonly functionIndex?: number
}

/** The state of an instance: its memories without the host arena, its mutable globals and its tables. */
export interface InstanceImage {
  /** The exports of the saved instance, which identify it. */
  readonly of: WebAssembly.Exports
  /** The bytes of each memory. The memory with the host arena has two parts: below and above the arena. */
  readonly memories: readonly (readonly ArrayImage<Uint8Array>[])[]
  /** By global index. */
  readonly globals: ReadonlyMap<number, CellImage>
  /** The v128 globals by index, each as two i64. */
  readonly vectors: ReadonlyMap<number, readonly bigint[]>
  readonly tables: readonly (readonly CellImage[])[]
  /** Named bytes that a guest keeps beside its memories. @default none */
  readonly variables?: ReadonlyMap<string, ArrayImage<Uint8Array>>
  /** The states of the other modules of a program, by name. @default none */
  readonly linked?: ReadonlyMap<string, InstanceImage>
  /** Pages of memory beside the memories, which hold no state. @default 0 */
  readonly scratchPages?: number
}

/** Saves and restores the state of an instance through the reserved exports of its rewritten module. */
export class InstanceState {
  readonly #module: DecodedModule
  readonly #exports: WebAssembly.Exports
  readonly #memories: readonly InstanceMemory[]
  /** By table index; `undefined` for tables that JavaScript cannot read. */
  readonly #tables: readonly (WebAssembly.Table | undefined)[]
  readonly #globals: ReadonlyMap<number, WebAssembly.Global>
  readonly #vectors: readonly number[]
  readonly #arena: ArenaRange | undefined

  /** `memories` are all memories of the instance, by index. */
  constructor(module: DecodedModule, exports: WebAssembly.Exports, memories: readonly InstanceMemory[], arena: ArenaRange | undefined) {
    this.#module = module
    this.#arena = arena
    this.#exports = exports
    this.#memories = memories
    this.#tables = module.tables.map((_, index) => exports[`${RESERVED.table}${index}`] as WebAssembly.Table | undefined)
    const mutable = [...module.globals.entries()].filter(([, global]) => global.mutable)
    this.#globals = new Map(
      mutable.flatMap(([index]) => {
        const global = exports[`${RESERVED.global}${index}`]
        return global instanceof WebAssembly.Global ? [[index, global] as const] : []
      }),
    )
    this.#vectors = mutable.filter(([, { value }]) => value === 'v128').map(([index]) => index)
  }

  /** The pages of all memories, without the host arena. */
  get pages(): number {
    const arena = this.#arena === undefined ? 0 : this.#arena.end - this.#arena.start
    return this.#memories.reduce((sum, { size }) => sum + size, -arena) / PAGE_BYTES
  }

  /** Returns an image of the state. `path` identifies the instance within the snapshot. */
  save(path = '', keeper: ArrayKeeper = COPIES): InstanceImage {
    return {
      of: this.#exports,
      memories: this.#memories.map((_, index) =>
        this.#partsOf(index).map((bytes, part) => keeper.keep(`${path} memory ${index}.${part}`, bytes)),
      ),
      globals: new Map([...this.#globals].map(([index, global]) => [index, cellOf(global.value)])),
      vectors: new Map(this.#vectors.map((index) => [index, this.#call(`${RESERVED.readVector}${index}`) as bigint[]])),
      tables: this.#tables.map((table) => Array.from({ length: table?.length ?? 0 }, (_, index) => cellOf(table?.get(index)))),
    }
  }

  /** Returns the parts of a memory below and above the host arena, which is whole pages. */
  #partsOf(index: number): readonly Uint8Array[] {
    const bytes = (this.#memories[index] as InstanceMemory).bytes()
    if (this.#arena?.memory !== index) return [bytes]
    const { start, end } = this.#arena
    const below = bytes.subarray(0, start)
    return bytes.length === end ? [below] : [below, bytes.subarray(end)]
  }

  /**
   * Returns whether an image can be restored into this instance. It cannot if a memory or table is larger than in the image, or
   * if a segment may have been dropped. A new instance has all segments and the initial sizes.
   */
  canHold({ memories, tables }: InstanceImage): boolean {
    return (
      !dropsSegments(this.#module) &&
      this.#memories.every((_, index) => lengthOf(this.#partsOf(index)) <= lengthOf(memories[index] ?? [])) &&
      this.#tables.every((table, index) => table === undefined || table.length <= (tables[index]?.length ?? 0))
    )
  }

  /**
   * Restores an image. Returns the indices of functions that the image refers to and that cannot be found in this instance.
   * Throws `StateRejected` before it changes anything if the image is of another module or lacks a part; an engine's error if the
   * instance cannot grow so far, or cannot hold a reference.
   */
  restore(image: InstanceImage): readonly number[] {
    if (image.of !== this.#exports) this.#check(image)
    const lost: number[] = []
    const functions = image.of === this.#exports ? undefined : this.#functions()
    const cellValue = ({ value, functionIndex }: CellImage): unknown => {
      if (functionIndex === undefined || functions === undefined) return value
      const found = functions.get(functionIndex)
      if (found === undefined) lost.push(functionIndex)
      return found ?? null
    }
    this.overwrite({ ...image, globals: new Map() })
    for (const [index, cell] of image.globals) this.#setGlobal(index, cellValue(cell), lost)
    for (const [index, cells] of image.tables.entries()) {
      const table = this.#tables[index]
      if (table === undefined) continue
      if (cells.length > table.length) table.grow(cells.length - table.length)
      for (const [place, cell] of cells.entries()) table.set(place, cellValue(cell))
    }
    return lost
  }

  /** Writes memories and globals that are numbers over those of this instance. What the parts leave out stays as it is. */
  overwrite({ memories, globals, vectors }: Omit<InstanceImage, 'of' | 'tables'>): void {
    for (const [index, parts] of memories.entries()) {
      const missing = lengthOf(parts) - lengthOf(this.#partsOf(index))
      if (missing > 0) this.#memories[index]?.grow(missing / PAGE_BYTES)
      for (const [place, target] of this.#partsOf(index).entries()) parts[place]?.writeTo(target)
    }
    for (const [index, { value }] of globals) this.#setGlobal(index, value, [])
    for (const [index, lanes] of vectors) this.#call(`${RESERVED.writeVector}${index}`, ...lanes)
  }

  #check({ memories, globals, vectors, tables, variables, linked, scratchPages }: InstanceImage): void {
    const refuse = (what: string): never => {
      throw new ScriptError('StateRejected', `the state is not of this module: ${what} differ`)
    }
    if (variables !== undefined || linked !== undefined || scratchPages !== undefined) refuse('its parts')
    const hasSizes = (sizes: readonly number[], index: number): boolean => {
      const start = this.#arena?.memory === index ? this.#arena.start : undefined
      const isSplit = sizes.length === (start === undefined || sizes.length < 2 ? 1 : 2) && (start === undefined || sizes[0] === start)
      return isSplit && sizes.every((size) => size % PAGE_BYTES === 0)
    }
    const isMemory = (parts: InstanceImage['memories'][number], index: number): boolean =>
      hasSizes(
        parts.map(({ length }) => length),
        index,
      ) && lengthOf(parts) >= lengthOf(this.#partsOf(index))
    if (memories.length !== this.#memories.length || !memories.every(isMemory)) refuse('its memories')
    const isGlobal = ([index, cell]: readonly [number, CellImage]): boolean =>
      this.#globals.has(index) && isOfType(this.#module.globals[index]?.value, cell)
    if (globals.size !== this.#globals.size || ![...globals].every(isGlobal)) refuse('its globals')
    const isVector = ([index, lanes]: readonly [number, readonly bigint[]]): boolean =>
      this.#vectors.includes(index) && lanes.every((lane) => isOfType('i64', { value: lane }))
    if (vectors.size !== this.#vectors.length || ![...vectors].every(isVector)) refuse('its vectors')
    const isTable = (cells: readonly CellImage[], index: number): boolean => {
      const table = this.#tables[index]
      return table === undefined ? cells.length === 0 : cells.length >= table.length
    }
    if (tables.length !== this.#tables.length || !tables.every(isTable)) refuse('its tables')
  }

  #setGlobal(index: number, value: unknown, lost: number[]): void {
    const global = this.#globals.get(index)
    // A global that cannot be null keeps its value if its function is lost.
    try {
      if (global !== undefined) global.value = value
    } catch (error) {
      if (value !== null || lost.length === 0) throw error
    }
  }

  #call(name: string, ...args: readonly bigint[]): unknown {
    return (this.#exports[name] as (...args: readonly bigint[]) => unknown)(...args)
  }

  /** Returns the functions that the instance exports or holds in tables, by index. */
  #functions(): Map<number, unknown> {
    const found = new Map<number, unknown>()
    const add = (value: unknown): void => {
      const { functionIndex } = cellOf(value)
      if (functionIndex !== undefined) found.set(functionIndex, value)
    }
    for (const [name, value] of Object.entries(this.#exports)) if (!name.startsWith(RESERVED.prefix)) add(value)
    for (const table of this.#tables) for (let index = 0; index < (table?.length ?? 0); index++) add(table?.get(index))
    return found
  }
}

/** The name of an exported function is its index: https://webassembly.github.io/spec/js-api/#name-of-the-webassembly-function */
function cellOf(value: unknown): CellImage {
  return typeof value === 'function' && /^\d+$/.test(value.name) ? { value, functionIndex: Number(value.name) } : { value }
}

/** Returns whether a global of a type can hold a value, to the last bit. */
function isOfType(type: ValueType | undefined, { value, functionIndex }: CellImage): boolean {
  if (type === undefined || !isNumberType(type)) return true
  if (functionIndex !== undefined) return false
  if (typeof value === 'bigint') return type === 'i64' && BigInt.asIntN(64, value) === value
  if (typeof value !== 'number') return false
  return type === 'f64' || Object.is(type === 'f32' ? Math.fround(value) : value | 0, value)
}

function lengthOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

/** The numbers of `data.drop` and `elem.drop` after their prefix. */
const DROPS: readonly number[] = [9, 13]

const dropping = new WeakMap<DecodedModule, boolean>()

/** Returns whether the code of a module drops segments. */
function dropsSegments(module: DecodedModule): boolean {
  let drops = dropping.get(module)
  if (drops === undefined) {
    const isDrop = (at: number): boolean => {
      const reader = new Reader(module.bytes, { start: at, end: module.bytes.length })
      return reader.byte('an instruction') === OPCODE.bulk && DROPS.includes(reader.u32('an instruction'))
    }
    const hasPassive = [...module.data, ...module.elements].some(({ mode }) => mode === 'passive')
    drops = hasPassive && module.bodies.some((_, index) => instructionOffsets(module, index).some(isDrop))
    dropping.set(module, drops)
  }
  return drops
}
