import { hasComponent } from 'bitecs'
import type { RunningGame } from '../game/start-game.ts'
import { shapeOf } from './changed-columns.ts'
import { bitsDouble, bitsFloat, doubleBits, type FrameReader, type FrameWriter, floatBits, refuseFrame } from './frame-bytes.ts'
import type { ColumnDescription } from './sync.ts'

/** Writes exact values of the own entity of a seat. */
export class OwnColumns {
  readonly #running: RunningGame
  readonly #columns: readonly ColumnDescription[]

  constructor(running: RunningGame, columns: readonly ColumnDescription[]) {
    this.#running = running
    this.#columns = columns
  }

  get isEmpty(): boolean {
    return this.#columns.length === 0
  }

  /** Writes which columns the entity has, as bits, then their values. */
  write(entity: number, out: FrameWriter): void {
    const { world } = this.#running
    const components = this.#running.components as Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>
    const start = out.length
    for (let index = 0; index < this.#columns.length; index += 8) out.byte(0)
    this.#columns.forEach((column, index) => {
      const [component = '', field = ''] = column.field.split('.')
      const arrays = components[component]
      if (arrays === undefined || !hasComponent(world, entity, arrays)) return
      const at = start + (index >>> 3)
      out.bytes[at] = (out.bytes[at] as number) | (1 << (index & 7))
      writeExact(out, column, arrays[field]?.[entity] as number)
    })
  }
}

function writeExact(out: FrameWriter, column: ColumnDescription, value: number): void {
  const shape = shapeOf(column)
  if (shape === 'number') out.signed(value | 0)
  else if (shape === 'float') out.bits(floatBits(value))
  else for (const half of doubleBits(value)) out.bits(half)
}

/** Reads what {@link OwnColumns} wrote. */
export function readOwn(reader: FrameReader, columns: readonly ColumnDescription[]): ReadonlyMap<string, number> {
  const bits = reader.view((columns.length + 7) >>> 3)
  if (columns.length % 8 !== 0 && (bits.at(-1) as number) >>> (columns.length % 8) !== 0) refuseFrame('it has a column too many')
  const values = new Map<string, number>()
  columns.forEach((column, index) => {
    if ((((bits[index >>> 3] as number) >>> (index & 7)) & 1) === 0) return
    const shape = shapeOf(column)
    if (shape === 'number') values.set(column.field, fitted(column, reader.signed()))
    else if (shape === 'float') values.set(column.field, bitsFloat(reader.bits()))
    else values.set(column.field, bitsDouble(reader.bits(), reader.bits()))
  })
  return values
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32_768, 32_767],
  u16: [0, 65_535],
}

/** Returns a number of 32 bits as a field of the type holds it. Throws `StateRejected` for one that it cannot hold. */
export function fitted({ field, type }: ColumnDescription, value: number): number {
  if (type === 'u32' || type === 'eid') return value >>> 0
  const range = RANGES[type]
  if (range !== undefined && (value < range[0] || value > range[1])) refuseFrame(`${field} cannot be ${value}`)
  return value
}
