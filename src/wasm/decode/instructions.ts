import { CHOSEN, chosenVector } from '../format/floats.ts'
import {
  AGGREGATE,
  AGGREGATE_INDICES,
  ALLOCATING,
  BULK,
  FIRST_CAST,
  isNumeric,
  LAST_BULK,
  LAST_CAST,
  LAST_SIMD,
  MAY_TRAP,
  MEMORY_INDEX_FOLLOWS,
  NO_AGGREGATES,
  PLAIN,
  PLAIN_SHAPES,
  PREFIX_SIMD,
  REFUSED,
  RISES,
} from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { skipConstant } from './constant-expression.ts'
import { valueType } from './value-types.ts'

/**
 * Reads the instructions of a function body one by one. Throws `InvalidBinary` for instructions that are unknown or that
 * scripts may not use, so that none passes unmetered.
 *
 * https://webassembly.github.io/spec/core/binary/instructions.html
 */
export class InstructionReader {
  readonly #reader: Reader
  readonly #stopsAtGlobals: boolean
  /** The offset of the instruction. */
  at = 0
  opcode = 0
  /** The number after a prefix. */
  number = 0
  /** The index of what the instruction uses: a function, a local, a type, the memory or table that it writes. */
  index = 0
  /** The type of a block: the index of a function type, -64 for none, another negative number for one result. */
  blockType = 0
  /** The offset of the first skipped instruction that may trap; -1 if there is none. */
  trapAt = -1
  /** By how many the skipped instructions change the number of operands. */
  rise = 0
  /** The greatest such number after any of them. */
  highest = 0
  /** Whether any instruction so far, skipped or read, calculates with floats. */
  hasFloats = false
  /** The labels that the instruction may branch to. */
  labels: number[] = []

  /** With `stopsAtGlobals`, {@link skipPlain} stops at accesses to globals. */
  constructor(reader: Reader, stopsAtGlobals = false) {
    this.#reader = reader
    this.#stopsAtGlobals = stopsAtGlobals
  }

  /** The offset of the next instruction. */
  get next(): number {
    return this.#reader.position
  }

  /**
   * Skips the instructions that neither branch nor call nor need a check and have short immediates, which are most of all code.
   * Returns their number, and sets `trapAt`, `rise` and `highest`.
   */
  skipPlain(): number {
    const { bytes, end } = this.#reader
    const stopsAtGlobals = this.#stopsAtGlobals
    let position = this.#reader.position
    let count = 0
    let trapAt = -1
    let rise = 0
    let highest = 0
    let chosen = 0
    while (position < end) {
      const opcode = bytes[position] as number
      const shape = PLAIN_SHAPES[opcode] as number
      let next = position + 1
      if (shape === PLAIN.local) {
        if ((bytes[next] as number) >= 128) break
        next++
      } else if (shape === PLAIN.bare) chosen |= CHOSEN[opcode] as number
      else if (shape === PLAIN.memory) {
        // Alignment and offset of one byte each, and the first memory.
        if ((bytes[next] as number) >= MEMORY_INDEX_FOLLOWS || (bytes[next + 1] as number) >= 128) break
        next += 2
      } else if (shape === PLAIN.constant) {
        const limit = next + 5
        while ((bytes[next] as number) >= 128 && next < limit) next++
        next++
      } else if (shape === PLAIN.global) {
        if ((bytes[next] as number) >= 128 || stopsAtGlobals) break
        next++
      } else break
      if (next >= end) break
      if (trapAt < 0 && MAY_TRAP[opcode] === 1) trapAt = position
      position = next
      count++
      rise += RISES[opcode] as number
      if (rise > highest) highest = rise
    }
    this.#reader.position = position
    this.trapAt = trapAt
    this.rise = rise
    this.highest = highest
    if (chosen !== 0) this.hasFloats = true
    return count
  }

  /** Reads one instruction. */
  read(): void {
    const reader = this.#reader
    this.at = reader.position
    const opcode = reader.byte('a function body')
    this.opcode = opcode
    // Numeric instructions, which have no immediates, are most of all code.
    if (isNumeric(opcode)) {
      this.hasFloats ||= CHOSEN[opcode] === 1
      return
    }
    if (opcode >= 0x28 && opcode <= 0x3e) {
      this.#memoryArgument()
      return
    }
    this.#immediates(opcode)
  }

  /** Whether the instruction may trap. Not set for calls and bulk instructions, which are metered separately. */
  get mayTrap(): boolean {
    const { opcode, number } = this
    if (opcode === PREFIX_SIMD) return number <= 11 || (number >= 84 && number <= 93)
    return MAY_TRAP[opcode] === 1
  }

  #immediates(opcode: number): void {
    const reader = this.#reader
    switch (opcode) {
      case 0x00: // unreachable, nop, throw_ref, end, else, return, catch_all, drop, select, ref.is_null, ref.eq, ref.as_non_null
      case 0x01:
      case 0x05:
      case 0x0a:
      case 0x0b:
      case 0x0f:
      case 0x19:
      case 0x1a:
      case 0x1b:
      case 0xd1:
      case 0xd3:
      case 0xd4:
        return
      case 0x02: // block, loop, if, try
      case 0x03:
      case 0x04:
      case 0x06:
        this.#blockType()
        return
      case 0x0c: // br, br_if, br_on_null, br_on_non_null
      case 0x0d:
      case 0xd5:
      case 0xd6:
        this.#label()
        return
      case 0x18: // delegate: its label names a handler, not a branch target
      case 0x07: // catch, throw, rethrow
      case 0x08:
      case 0x09:
      case 0x10: // call, return_call, call_ref, return_call_ref
      case 0x12:
      case 0x14:
      case 0x15:
      case 0x20: // local.get, local.set, local.tee, global.get, global.set, table.get, table.set
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24:
      case 0x25:
      case 0x26:
      case 0x3f: // memory.size, memory.grow, ref.func
      case 0x40:
      case 0xd2:
        this.index = reader.u32('an index')
        return
      case 0x11: // call_indirect, return_call_indirect
      case 0x13:
        this.index = reader.u32('a type')
        reader.u32('a table')
        return
      case 0x0e:
        this.labels = []
        for (let left = reader.count('labels'); left >= 0; left--) this.labels.push(reader.u32('a label'))
        return
      case 0x1c:
        for (let left = reader.count('types'); left > 0; left--) valueType(reader)
        return
      case 0x1f:
        this.#tryTable()
        return
      case 0xfb:
        this.#aggregate()
        return
      case 0xfc:
        this.#bulk()
        return
      case 0xfd:
        this.#simd()
        return
      default:
        if (!skipConstant(reader, opcode)) this.#refuse(opcode)
    }
  }

  #refuse(opcode: number): never {
    const why = REFUSED[opcode] ?? `the instruction 0x${opcode.toString(16)} is not known`
    return this.#reader.fail(why, this.at)
  }

  #label(): void {
    this.labels = [this.#reader.u32('a label')]
  }

  #blockType(): void {
    const first = this.#reader.peek()
    if (first !== 0x63 && first !== 0x64) this.blockType = this.#reader.s33('a block type')
    else {
      valueType(this.#reader)
      this.blockType = -1
    }
  }

  #memoryArgument(): void {
    if ((this.#reader.u32('an alignment') & MEMORY_INDEX_FOLLOWS) !== 0) this.#reader.u32('a memory')
    this.#reader.skipLeb(64, 'an offset')
  }

  #tryTable(): void {
    const reader = this.#reader
    this.#blockType()
    this.labels = []
    for (let left = reader.count('handlers'); left > 0; left--) {
      const kind = reader.byte('a handler')
      if (kind > 3) reader.fail('an unknown kind of handler', reader.position - 1)
      if (kind < 2) reader.u32('a tag')
      this.labels.push(reader.u32('a label'))
    }
  }

  /** Structs, arrays and casts. Instructions that allocate are refused, since no limit applies to their memory. */
  #aggregate(): void {
    const reader = this.#reader
    const number = reader.u32('an instruction')
    this.number = number
    const indices = AGGREGATE_INDICES[number] ?? reader.fail(`the instruction 0xfb ${number} is not known`, this.at)
    if (ALLOCATING.includes(number)) reader.fail(NO_AGGREGATES, this.at)
    if (number === AGGREGATE.brOnCast || number === AGGREGATE.brOnCastFail) {
      reader.skip(1, 'the flags of a cast')
      this.#label()
      reader.s33('a heap type')
      reader.s33('a heap type')
    } else if (number >= FIRST_CAST && number <= LAST_CAST) reader.s33('a heap type')
    else for (let left = indices; left > 0; left--) reader.u32('an index')
  }

  #bulk(): void {
    const reader = this.#reader
    this.number = reader.u32('an instruction')
    if (this.number > LAST_BULK) reader.fail(`the instruction 0xfc ${this.number} is not known`, this.at)
    if (this.number <= 7) return // saturating conversions
    this.index = reader.u32('an index')
    const { memoryInit, memoryCopy, tableInit, tableCopy } = BULK
    const copies = this.number === memoryCopy || this.number === tableCopy
    if (copies) reader.u32('an index')
    // A segment comes before the memory or table that it initialises.
    else if (this.number === memoryInit || this.number === tableInit) this.index = reader.u32('an index')
  }

  #simd(): void {
    const reader = this.#reader
    const number = reader.u32('a SIMD instruction')
    this.number = number
    this.hasFloats ||= chosenVector(number) !== undefined
    if (number > LAST_SIMD) {
      reader.fail(
        number < 0x114
          ? 'scripts may not use relaxed SIMD, whose results differ between machines'
          : `the SIMD instruction ${number} is not known`,
        this.at,
      )
    }
    if (number <= 11 || number === 92 || number === 93) this.#memoryArgument()
    else if (number <= 13) reader.skip(16, 'a v128')
    else if (number >= 21 && number <= 34) reader.skip(1, 'a lane')
    else if (number >= 84 && number <= 91) {
      this.#memoryArgument()
      reader.skip(1, 'a lane')
    }
  }
}
