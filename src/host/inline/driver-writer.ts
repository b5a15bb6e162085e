import { EMPTY_BLOCK, OPCODE, PREFIX_SIMD, VECTOR } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import { writeMemoryAccess } from '../../wasm/rewrite/inline-call.ts'

const WORD_SHIFT = 2

/** The entities that run at once. */
export const LANES = 4

/** Where the code of a driver finds what it uses. */
export interface DriverPlaces {
  /** The index of the ECS memory. */
  readonly memory: number
  /** The index of its first own local. */
  readonly firstLocal: number
}

/** Writes the instructions that drivers of groups and of rounds are made of. Locals have the numbers that a driver gives its own. */
export class DriverWriter {
  readonly out: Writer
  readonly #places: DriverPlaces

  constructor(out: Writer, places: DriverPlaces) {
    this.out = out
    this.#places = places
  }

  get(local: number): Writer {
    return this.out.byte(OPCODE.localGet).u32(this.#places.firstLocal + local)
  }

  set(local: number, write: () => void): void {
    write()
    this.out.byte(OPCODE.localSet).u32(this.#places.firstLocal + local)
  }

  tee(local: number): Writer {
    return this.out.byte(OPCODE.localTee).u32(this.#places.firstLocal + local)
  }

  add(local: number, number: number): void {
    this.set(local, () => {
      this.get(local)
      this.constant(number).byte(OPCODE.i32Add)
    })
  }

  constant(value: number): Writer {
    return this.out.byte(OPCODE.i32Const).s32(value)
  }

  /** Writes a vector instruction by its number. */
  vector(number: number): Writer {
    return this.out.byte(PREFIX_SIMD).u32(number)
  }

  /** Writes an access of the ECS memory at the address on the stack and an offset. */
  access(opcode: number, alignment: number, offset: number): void {
    writeMemoryAccess(this.out, opcode, alignment, this.#places.memory, offset)
  }

  /** Writes a load of the word at an address. */
  load(address: number): void {
    this.constant(0)
    this.access(OPCODE.i32Load, WORD_SHIFT, address)
  }

  /** Writes a store of what `write` pushes to the word at an address. */
  store(address: number, write: () => void): void {
    this.constant(0)
    write()
    this.access(OPCODE.i32Store, WORD_SHIFT, address)
  }

  /** Writes a block, a loop or a condition around what `write` writes. */
  enclose(opcode: number, write: () => void): void {
    this.out.byte(opcode).byte(EMPTY_BLOCK)
    write()
    this.out.byte(OPCODE.end)
  }

  /** Writes what is left of the fuel in a local after each lane of `spent` is paid, times `unit`. */
  leftAfter(fuel: number, spent: number, unit: number): void {
    this.get(fuel)
    for (let lane = 0; lane < LANES; lane++) {
      this.get(spent)
      this.vector(VECTOR.extractI32).byte(lane)
      if (unit !== 1) this.constant(unit).byte(OPCODE.i32Mul)
      this.out.byte(OPCODE.i32Sub)
    }
  }
}
