import type { FieldType } from '../../../abi/types.ts'
import { EMPTY_BLOCK, OPCODE } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import { type ColumnAccessor, type ProbePlaces, writeMemoryAccess } from '../inline-call.ts'
import { WORD_SHIFT, writeWordLoad, writeWordStore } from './memory-words.ts'
import { type PointLocal, TRACE_WORD, type TracePoint, WRITE_ENTITY, WRITE_OLD } from './trace-memory.ts'

/** Where a trace begins: an index of a memory, and an address in it. */
export interface TraceAddress {
  readonly memory: number
  readonly address: number
}

const STORES: Readonly<Record<PointLocal['type'], number>> = { i32: 0x36, i64: 0x37, f32: 0x38, f64: 0x39 }
/** Log2 of the bytes of an element, and the opcode of its load. */
const COLUMNS: Readonly<Record<FieldType, readonly [shift: number, load: number]>> = {
  f32: [2, 0x2a],
  f64: [3, 0x2b],
  i8: [0, 0x2c],
  u8: [0, 0x2d],
  i16: [1, 0x2e],
  u16: [1, 0x2f],
  i32: [2, 0x28],
  u32: [2, 0x28],
  eid: [2, 0x28],
}

/** Writes the code of probes. It needs the locals `frame` and `record`, and leaves the operands as they are. */
export class ProbeWriter {
  readonly #out: Writer
  readonly #trace: TraceAddress
  readonly #places: ProbePlaces

  constructor(out: Writer, trace: TraceAddress, places: ProbePlaces) {
    this.#out = out
    this.#trace = trace
    this.#places = places
  }

  /** Counts the frame of a function that begins. With `isOfEntity`, its first parameter decides whether it is recorded. */
  enter(point: TracePoint | undefined, isOfEntity: boolean): void {
    const out = this.#out
    const { frame } = this.#places.valueLocals
    this.#load('depth')
    out.byte(OPCODE.localSet).u32(frame)
    this.#setDepth()
    if (isOfEntity) {
      this.#store('muted', () => {
        this.#load('entity')
        out.byte(OPCODE.i32Const).s32(-1).byte(OPCODE.i32Ne)
        this.#load('entity')
        out.byte(OPCODE.localGet).u32(0).byte(OPCODE.i32Ne).byte(OPCODE.i32And)
      })
    }
    if (point !== undefined) this.#record(point, () => this.#locals(point))
  }

  /** Records a place in a function. With `isBack`, the code may come from a function that it called. */
  step(point: TracePoint | undefined, isBack: boolean): void {
    if (isBack) this.#setDepth()
    if (point !== undefined) this.#record(point, () => this.#locals(point))
  }

  /** Replaces the frame of a function by that of the one that it calls last. */
  tail(): void {
    this.#store('depth', () => this.#out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame))
  }

  /** Notes the point at which an import is called. */
  site({ id }: TracePoint): void {
    this.#store('site', () => this.#out.byte(OPCODE.i32Const).s32(id))
  }

  /** Records the read of a column. The entity is the operand, and stays. */
  read(point: TracePoint, accessor: ColumnAccessor): void {
    const out = this.#out
    const { operandLocal } = this.#places
    // What is out of range is refused by the read itself, which follows.
    out.byte(OPCODE.localTee).u32(operandLocal).byte(OPCODE.i32Const).s32(accessor.capacity).byte(OPCODE.i32LtU)
    out.byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#record(point, () => {
      this.#put('i32', WRITE_ENTITY, () => out.byte(OPCODE.localGet).u32(operandLocal))
      this.#put(kindOf(accessor), WRITE_OLD, () => this.#column(accessor))
    })
    out.byte(OPCODE.end).byte(OPCODE.localGet).u32(operandLocal)
  }

  /** Records the write of a column. The entity and the value are the operands, and stay. */
  write(point: TracePoint, accessor: ColumnAccessor): void {
    const out = this.#out
    const { operandLocal, valueLocals } = this.#places
    const kind = kindOf(accessor)
    const value = valueLocals[kind]
    out.byte(OPCODE.localSet).u32(value).byte(OPCODE.localTee).u32(operandLocal)
    // What is out of range is refused by the write itself, which follows.
    out.byte(OPCODE.i32Const).s32(accessor.capacity).byte(OPCODE.i32LtU)
    this.#load('target')
    out.byte(OPCODE.i32Const).s32(-1).byte(OPCODE.i32Eq)
    this.#load('target')
    out.byte(OPCODE.localGet).u32(operandLocal).byte(OPCODE.i32Eq).byte(OPCODE.i32Or).byte(OPCODE.i32And)
    out.byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#record(point, () => {
      this.#put('i32', WRITE_ENTITY, () => out.byte(OPCODE.localGet).u32(operandLocal))
      this.#put(kind, WRITE_OLD, () => this.#column(accessor))
      this.#put(kind, WRITE_OLD + (kind === 'f64' ? 8 : 4), () => out.byte(OPCODE.localGet).u32(value))
    })
    out.byte(OPCODE.end).byte(OPCODE.localGet).u32(operandLocal).byte(OPCODE.localGet).u32(value)
  }

  /** Loads the value of the entity in the local of the operand. */
  #column({ type, base }: ColumnAccessor): void {
    const { operandLocal, memory } = this.#places
    const [shift, load] = COLUMNS[type]
    this.#out.byte(OPCODE.localGet).u32(operandLocal)
    if (shift > 0) this.#out.byte(OPCODE.i32Const).s32(shift).byte(OPCODE.i32Shl)
    writeMemoryAccess(this.#out, load, shift, memory, base)
  }

  #setDepth(): void {
    this.#store('depth', () =>
      this.#out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame).byte(OPCODE.i32Const).s32(1).byte(OPCODE.i32Add),
    )
  }

  /** Writes the record of a point, unless the code is muted. It is counted, and kept if it is in the window. */
  #record({ id, size }: TracePoint, write: () => void): void {
    const out = this.#out
    const { record } = this.#places.valueLocals
    this.#load('muted')
    out.byte(OPCODE.i32Eqz).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#load('count')
    this.#load('from')
    out.byte(OPCODE.i32Sub)
    this.#load('length')
    out.byte(OPCODE.i32LtU)
    this.#load('position')
    out.byte(OPCODE.localTee).u32(record)
    this.#load('limit')
    out.byte(OPCODE.i32LtU).byte(OPCODE.i32And).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#put('i32', 0, () => out.byte(OPCODE.i32Const).s32(id))
    write()
    this.#store('position', () => out.byte(OPCODE.localGet).u32(record).byte(OPCODE.i32Const).s32(size).byte(OPCODE.i32Add))
    out.byte(OPCODE.end)
    this.#store('count', () => {
      this.#load('count')
      out.byte(OPCODE.i32Const).s32(1).byte(OPCODE.i32Add)
    })
    out.byte(OPCODE.end)
  }

  #locals({ locals, depthAt, fuelAt }: TracePoint): void {
    const out = this.#out
    const { fuel, fuelLocal, valueLocals } = this.#places
    if (depthAt >= 0) this.#put('i32', depthAt, () => out.byte(OPCODE.localGet).u32(valueLocals.frame))
    if (fuelAt >= 0) {
      this.#put('i32', fuelAt, () => (fuelLocal < 0 ? out.byte(OPCODE.globalGet).u32(fuel) : out.byte(OPCODE.localGet).u32(fuelLocal)))
    }
    for (const { index, type, offset } of locals) this.#put(type, offset, () => out.byte(OPCODE.localGet).u32(index))
  }

  /** Stores a value in the record. Records are of whole words, so no store may rely on a greater alignment. */
  #put(type: PointLocal['type'], offset: number, read: () => void): void {
    this.#out.byte(OPCODE.localGet).u32(this.#places.valueLocals.record)
    read()
    writeMemoryAccess(this.#out, STORES[type], WORD_SHIFT, this.#trace.memory, offset)
  }

  #load(word: keyof typeof TRACE_WORD): void {
    writeWordLoad(this.#out, this.#trace.memory, this.#trace.address + TRACE_WORD[word])
  }

  #store(word: keyof typeof TRACE_WORD, read: () => void): void {
    writeWordStore(this.#out, this.#trace.memory, this.#trace.address + TRACE_WORD[word], read)
  }
}

/** Returns the type of the values of a column in a script. */
function kindOf({ type }: ColumnAccessor): 'i32' | 'f32' | 'f64' {
  return type === 'f32' || type === 'f64' ? type : 'i32'
}

/** Writes the start of a turn of the driver: the frames of the turn before are gone. */
export function writeTurn(out: Writer, { memory, address }: TraceAddress): void {
  writeWordStore(out, memory, address + TRACE_WORD.depth, () => writeWordLoad(out, memory, address + TRACE_WORD.base))
}
