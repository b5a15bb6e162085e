import { OPCODE, PREFIX_SIMD, VALUE_TYPE, VECTOR } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import { DriverWriter, LANES } from './driver-writer.ts'
import * as ROUND_LOCAL from './round-local.ts'
import { type DrivenLoop, LONGEST_WAIT, localAddress, WAIT } from './round-places.ts'

const ALL_TRUE_I32 = 163
const WORD_SHIFT = 2
const LANES_SHIFT = 2
const VECTOR_BYTES = 16
const COUNTED = new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)
/** After so many rounds that ran one by one, a loop tries again to run four at once: twice as many after each time that it could not, half as many after each that it could. */
const MIN_WAIT = 3
const MAX_WAIT = 256

const LOCAL_TYPES: readonly number[] = [...Array<number>(5).fill(VALUE_TYPE.i32), VALUE_TYPE.v128]

interface LoopParts extends DrivenLoop {
  readonly batch: number
  /** The number of parameters of the function. */
  readonly parameters: number
  readonly memory: number
  /** The global of the fuel. */
  readonly fuel: number
}

/**
 * Writes the loop over four rounds each. It runs as many as there is fuel for at most, as long as the entities follow each other by their ids,
 * and until the rounds leave, which have then written nothing.
 */
export class RoundLoop {
  readonly #code: DriverWriter
  readonly #parts: LoopParts

  constructor(out: Writer, parts: LoopParts) {
    this.#code = new DriverWriter(out, { memory: parts.memory, firstLocal: parts.parameters })
    this.#parts = parts
  }

  write(): void {
    const { out } = this.#code
    const { rounds, code, batch, fuel } = this.#parts
    const { counters } = rounds
    const types = [...LOCAL_TYPES, ...counters.map(() => VALUE_TYPE.i32), ...code.types]
    out.u32(types.length)
    for (const type of types) out.u32(1).byte(type)
    for (const place of counters.keys()) this.#code.set(ROUND_LOCAL.firstCounter + place, () => this.#code.load(localAddress(batch, place)))
    this.#code.set(ROUND_LOCAL.fuel, () => out.byte(OPCODE.globalGet).u32(fuel))
    this.#countRounds()
    this.#code.get(ROUND_LOCAL.left)
    this.#code.constant(0).byte(OPCODE.i32GtS)
    this.#code.enclose(OPCODE.if, () => {
      out.bytes(code.prologue)
      this.#code.enclose(OPCODE.block, () => this.#code.enclose(OPCODE.loop, () => this.#writeRounds()))
    })
    this.#pay()
    for (const place of counters.keys())
      this.#code.store(localAddress(batch, place), () => this.#code.get(ROUND_LOCAL.firstCounter + place))
    this.#writeWait()
    out.byte(OPCODE.end)
  }

  /** Sets how often four rounds can be run: within the result, and with the fuel that is left. */
  #countRounds(): void {
    const { code } = this.#parts
    const { result, counter } = code.entity
    this.#place()
    this.#code.load(result)
    this.#code.out.byte(OPCODE.i32LtU)
    this.#code.enclose(OPCODE.if, () => {
      this.#code.set(ROUND_LOCAL.left, () => {
        if (counter.step > 0) {
          this.#code.load(result)
          this.#place()
          this.#code.out.byte(OPCODE.i32Sub)
        } else {
          this.#place()
          this.#code.constant(1).byte(OPCODE.i32Add)
        }
        this.#code.constant(LANES_SHIFT).byte(OPCODE.i32ShrU)
      })
      this.#code.set(ROUND_LOCAL.at, () => {
        this.#code.load(result + 4)
        this.#place()
        if (counter.step < 0) this.#code.constant(LANES - 1).byte(OPCODE.i32Sub)
        this.#code.constant(WORD_SHIFT).byte(OPCODE.i32Shl)
        this.#code.out.byte(OPCODE.i32Add)
      })
    })
    const affordable = (): void => {
      this.#code.get(ROUND_LOCAL.fuel)
      this.#code.constant(LANES * Math.max(1, code.maxCost)).byte(OPCODE.i32DivS)
    }
    this.#code.set(ROUND_LOCAL.left, () => {
      this.#code.get(ROUND_LOCAL.left)
      affordable()
      this.#code.get(ROUND_LOCAL.left)
      affordable()
      this.#code.out.byte(OPCODE.i32LtS).byte(OPCODE.select)
    })
  }

  /** Writes the place of the entity of the current round. */
  #place(): void {
    const { rounds, code } = this.#parts
    const { counter, distance } = code.entity
    this.#code.get(ROUND_LOCAL.firstCounter + rounds.counters.indexOf(counter))
    if (distance !== 0) this.#code.constant(distance).byte(OPCODE.i32Add)
  }

  #writeRounds(): void {
    const { out } = this.#code
    const { rounds, code } = this.#parts
    const { step } = code.entity.counter
    this.#code.set(ROUND_LOCAL.first, () => {
      this.#code.get(ROUND_LOCAL.at)
      this.#code.access(OPCODE.i32Load, WORD_SHIFT, 0)
    })
    this.#code.get(ROUND_LOCAL.at).byte(PREFIX_SIMD)
    this.#code.access(VECTOR.load, WORD_SHIFT, 0)
    this.#code.get(ROUND_LOCAL.first)
    this.#code.vector(VECTOR.splatI32)
    this.#code.vector(VECTOR.constant).bytes(COUNTED)
    this.#code.vector(VECTOR.addI32)
    this.#code.vector(VECTOR.equalI32)
    this.#code.vector(ALL_TRUE_I32).byte(OPCODE.i32Eqz).byte(OPCODE.brIf).u32(1)
    if (code.capacity !== Number.POSITIVE_INFINITY) {
      this.#code.get(ROUND_LOCAL.first)
      this.#code
        .constant(Math.max(0, code.capacity - LANES + 1))
        .byte(OPCODE.i32GeU)
        .byte(OPCODE.brIf)
        .u32(1)
    }
    out.bytes(code.body)
    this.#code.add(ROUND_LOCAL.fuel, -LANES * code.charge)
    this.#code.add(ROUND_LOCAL.at, step * VECTOR_BYTES)
    for (const [place, counter] of rounds.counters.entries()) this.#code.add(ROUND_LOCAL.firstCounter + place, counter.step * LANES)
    this.#code.set(ROUND_LOCAL.done, () => this.#code.constant(1))
    this.#code.add(ROUND_LOCAL.left, -1)
    this.#code.get(ROUND_LOCAL.left).byte(OPCODE.brIf).u32(0)
  }

  /** Pays for all rounds. */
  #pay(): void {
    this.#code.leftAfter(ROUND_LOCAL.fuel, ROUND_LOCAL.spent, this.#parts.code.unit)
    this.#code.out.byte(OPCODE.globalSet).u32(this.#parts.fuel)
  }

  /** Sets after how many rounds the loop tries again. */
  #writeWait(): void {
    const { batch } = this.#parts
    this.#code.get(ROUND_LOCAL.done)
    this.#code.enclose(OPCODE.if, () => {
      // Half as long as before, so that a loop with many gaps tries seldom.
      this.#code.store(batch + LONGEST_WAIT, () => {
        this.#code.load(batch + LONGEST_WAIT)
        this.#code.constant(1).byte(OPCODE.i32ShrU)
        this.#code.constant(MIN_WAIT).byte(OPCODE.i32Or)
      })
      this.#code.out.byte(OPCODE.else)
      // At most twice as long as before.
      this.#code.set(ROUND_LOCAL.left, () => {
        this.#code.load(batch + LONGEST_WAIT)
        this.#code.constant(1).byte(OPCODE.i32Shl)
        this.#code.constant(MIN_WAIT).byte(OPCODE.i32Or)
      })
      this.#code.store(batch + LONGEST_WAIT, () => {
        this.#code.get(ROUND_LOCAL.left)
        this.#code.constant(MAX_WAIT)
        this.#code.get(ROUND_LOCAL.left)
        this.#code.constant(MAX_WAIT).byte(OPCODE.i32LtU).byte(OPCODE.select)
      })
    })
    this.#code.store(batch + WAIT, () => this.#code.load(batch + LONGEST_WAIT))
  }
}
