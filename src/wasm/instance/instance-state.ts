import { PAGE_BYTES } from '../../abi/types.ts'
import { instructionOffsets } from '../decode/instruction-offsets.ts'
import type { DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { RESERVED } from '../format/reserved.ts'

/** A value of a global or an element of a table. A function of the instance is known by its index, too. */
export interface CellImage {
  readonly value: unknown
  readonly functionIndex?: number
}

/** Everything that an instance can change of itself: its memories, its mutable globals and its tables. */
export interface InstanceImage {
  /** The exports of the instance that it was made of. */
  readonly of: WebAssembly.Exports
  readonly memories: readonly Uint8Array[]
  /** By index. A vector is two i64. */
  readonly globals: ReadonlyMap<number, CellImage>
  readonly vectors: ReadonlyMap<number, readonly bigint[]>
  readonly tables: readonly (readonly CellImage[])[]
}

/** The state of an instance of a rewritten module, by way of what it exports for it. */
export class InstanceState {
  readonly #module: DecodedModule
  readonly #exports: WebAssembly.Exports
  readonly #memories: readonly WebAssembly.Memory[]
  /** Those that JavaScript can read. */
  readonly #tables: readonly (WebAssembly.Table | undefined)[]
  readonly #globals: ReadonlyMap<number, WebAssembly.Global>
  readonly #vectors: readonly number[]
  /** The memories as they were last saved, as long as somebody has them. */
  readonly #saved: WeakRef<Uint8Array>[] = []

  constructor(module: DecodedModule, exports: WebAssembly.Exports) {
    this.#module = module
    this.#exports = exports
    this.#memories = module.memories.map((_, index) => exports[`${RESERVED.memory}${index}`] as WebAssembly.Memory)
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

  save(): InstanceImage {
    return {
      of: this.#exports,
      memories: this.#memories.map(({ buffer }, index) => this.#copy(index, buffer)),
      globals: new Map([...this.#globals].map(([index, global]) => [index, cellOf(global.value)])),
      vectors: new Map(this.#vectors.map((index) => [index, this.#call(`${RESERVED.readVector}${index}`) as bigint[]])),
      tables: this.#tables.map((table) => Array.from({ length: table?.length ?? 0 }, (_, index) => cellOf(table?.get(index)))),
    }
  }

  /** What a memory holds: the copy that was made last, if it is the same still. Nobody may write to it. */
  #copy(index: number, buffer: ArrayBufferLike): Uint8Array {
    const before = this.#saved[index]?.deref()
    if (before !== undefined && sameWords(before, buffer)) return before
    const copy = new Uint8Array(buffer).slice()
    this.#saved[index] = new WeakRef(copy)
    return copy
  }

  /**
   * Whether an image can be put into this instance: what has grown since cannot shrink, and a segment that may have been
   * dropped is only to be had in another instance, which has them all.
   */
  canHold({ memories, tables }: InstanceImage): boolean {
    return (
      !dropsSegments(this.#module) &&
      this.#memories.every(({ buffer }, index) => buffer.byteLength <= (memories[index]?.length ?? 0)) &&
      this.#tables.every((table, index) => table === undefined || table.length <= (tables[index]?.length ?? 0))
    )
  }

  /** Puts an image in. Gives the functions, by index, that another instance held and that are not to be found in this one. */
  restore(image: InstanceImage): readonly number[] {
    const lost: number[] = []
    const functions = image.of === this.#exports ? undefined : this.#functions()
    const cellValue = ({ value, functionIndex }: CellImage): unknown => {
      if (functionIndex === undefined || functions === undefined) return value
      const found = functions.get(functionIndex)
      if (found === undefined) lost.push(functionIndex)
      return found ?? null
    }
    for (const [index, bytes] of image.memories.entries()) {
      const memory = this.#memories[index] as WebAssembly.Memory
      const missing = bytes.length - memory.buffer.byteLength
      if (missing > 0) memory.grow(missing / PAGE_BYTES)
      new Uint8Array(memory.buffer).set(bytes)
    }
    for (const [index, cell] of image.globals) this.#setGlobal(index, cellValue(cell), lost)
    for (const [index, lanes] of image.vectors) this.#call(`${RESERVED.writeVector}${index}`, ...lanes)
    for (const [index, cells] of image.tables.entries()) {
      const table = this.#tables[index]
      if (table === undefined) continue
      if (cells.length > table.length) table.grow(cells.length - table.length)
      for (const [place, cell] of cells.entries()) table.set(place, cellValue(cell))
    }
    return lost
  }

  #setGlobal(index: number, value: unknown, lost: number[]): void {
    const global = this.#globals.get(index)
    // One that may not be null stays what it is.
    try {
      if (global !== undefined) global.value = value
    } catch (error) {
      if (value !== null || lost.length === 0) throw error
    }
  }

  #call(name: string, ...args: readonly bigint[]): unknown {
    return (this.#exports[name] as (...args: readonly bigint[]) => unknown)(...args)
  }

  /** The functions of this instance that can be found, by index: those in its tables and those that it exports. */
  #functions(): Map<number, unknown> {
    const found = new Map<number, unknown>()
    const add = (value: unknown): void => {
      const { functionIndex } = cellOf(value)
      if (functionIndex !== undefined) found.set(functionIndex, value)
    }
    for (const value of Object.values(this.#exports)) add(value)
    for (const table of this.#tables) for (let index = 0; index < (table?.length ?? 0); index++) add(table?.get(index))
    return found
  }
}

/** https://webassembly.github.io/spec/js-api/#name-of-the-webassembly-function: an exported function is named by its index. */
function cellOf(value: unknown): CellImage {
  return typeof value === 'function' && /^\d+$/.test(value.name) ? { value, functionIndex: Number(value.name) } : { value }
}

/** Whether a memory, which is whole pages, holds these bytes. */
function sameWords({ buffer: copy }: Uint8Array, memory: ArrayBufferLike): boolean {
  if (copy.byteLength !== memory.byteLength) return false
  const [one, other] = [new Uint32Array(copy), new Uint32Array(memory)]
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}

/** `data.drop` and `elem.drop`, behind their prefix. */
const DROPS: readonly number[] = [9, 13]

const dropping = new WeakMap<DecodedModule, boolean>()

/** Whether a module has segments that it may drop as it runs. */
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
