import { CHOSEN, chosenVector } from '../format/floats.ts'
import {
  AGGREGATE,
  AGGREGATE_INDICES,
  ALLOCATING,
  BULK,
  FIRST_CAST,
  LAST_BULK,
  LAST_CAST,
  LAST_SIMD,
  MAY_TRAP,
  MEMORY_INDEX_FOLLOWS,
  NO_AGGREGATES,
  OPCODE,
  PREFIX_SIMD,
  REFUSED,
  SELECT_LANES,
} from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { skipConstant } from './constant-expression.ts'
import * as IMMEDIATE from './immediate.ts'
import { IMMEDIATES } from './immediates.ts'
import * as PLAIN from './plain-bit.ts'
import { PLAIN_FACTS, RISE_SHIFT } from './plain-instructions.ts'
import { valueType } from './value-types.ts'

/** Bits of the first byte of a memory access after which more than its offset follows. */
const MORE_FOLLOWS = MEMORY_INDEX_FOLLOWS | 128

interface ReaderOptions {
  /** Whether {@link InstructionReader.skipPlain} stops at accesses to globals. @default false */
  readonly stopsAtGlobals?: boolean
  /** Whether bitscript has written the code, which may then use an instruction that scripts may not. @default false */
  readonly isRewritten?: boolean
}

/**
 * Reads the instructions of a function body one by one. Throws `InvalidBinary` for instructions that are unknown or that
 * scripts may not use, so that none passes unmetered.
 *
 * https://webassembly.github.io/spec/core/binary/instructions.html
 */
export class InstructionReader {
  readonly #reader: Reader
  readonly #options: ReaderOptions
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
  /** Whether any instruction so far pushes a constant float or vector. */
  hasConstants = false
  /** The labels that the instruction may branch to. The next instruction overwrites them. */
  readonly labels: number[] = []

  constructor(reader: Reader, options: ReaderOptions = {}) {
    this.#reader = reader
    this.#options = options
  }

  /** The offset of the next instruction. */
  get next(): number {
    return this.#reader.position
  }

  /**
   * Skips the instructions that neither branch nor call nor need a check, which are most of all code. Returns their number, and sets
   * `trapAt`, `rise` and `highest`.
   */
  skipPlain(): number {
    const { bytes, end } = this.#reader
    const seen = this.#options.stopsAtGlobals ? PLAIN.known | PLAIN.global : PLAIN.known
    let position = this.#reader.position
    let count = 0
    let trapAt = -1
    let rise = 0
    let highest = 0
    let all = 0
    while (position < end) {
      const facts = PLAIN_FACTS[bytes[position] as number] as number
      if ((facts & seen) !== PLAIN.known) break
      let next = position + 1
      if ((facts & PLAIN.immediate) !== 0) {
        if ((facts & PLAIN.memory) !== 0) {
          if (((bytes[next++] as number) & MORE_FOLLOWS) !== 0) break
        }
        while ((bytes[next++] as number) >= 128);
      }
      if (next >= end) break
      if (trapAt < 0 && (facts & PLAIN.mayTrap) !== 0) trapAt = position
      position = next
      count++
      rise += facts >> RISE_SHIFT
      if (rise > highest) highest = rise
      all |= facts
    }
    this.#reader.position = position
    this.trapAt = trapAt
    this.rise = rise
    this.highest = highest
    if ((all & PLAIN.chosen) !== 0) this.hasFloats = true
    return count
  }

  /** Reads one instruction. */
  read(): void {
    const reader = this.#reader
    this.at = reader.position
    const opcode = reader.byte('a function body')
    this.opcode = opcode
    switch (IMMEDIATES[opcode]) {
      case IMMEDIATE.none:
        if (CHOSEN[opcode] === 1) this.hasFloats = true
        return
      case IMMEDIATE.label:
        this.#label()
        return
      case IMMEDIATE.blockType:
        this.#blockType()
        return
      case IMMEDIATE.index:
        this.index = reader.u32('an index')
        return
      case IMMEDIATE.memory:
        this.#memoryArgument()
        return
      case IMMEDIATE.typeAndTable:
        this.index = reader.u32('a type')
        reader.u32('a table')
        return
      case IMMEDIATE.labels:
        this.labels.length = 0
        for (let left = reader.count('labels'); left >= 0; left--) this.labels.push(reader.u32('a label'))
        return
      case IMMEDIATE.types:
        for (let left = reader.count('types'); left > 0; left--) valueType(reader)
        return
      case IMMEDIATE.handlers:
        this.#tryTable()
        return
      case IMMEDIATE.aggregate:
        this.#aggregate()
        return
      case IMMEDIATE.bulk:
        this.#bulk()
        return
      case IMMEDIATE.vector:
        this.#simd()
        return
      default:
        if (!skipConstant(reader, opcode)) this.#refuse(opcode)
        this.hasConstants ||= opcode === OPCODE.f32Const || opcode === OPCODE.f64Const
    }
  }

  /** Whether the instruction may trap. Not set for calls and bulk instructions, which are metered separately. */
  get mayTrap(): boolean {
    const { opcode, number } = this
    if (opcode === PREFIX_SIMD) return number <= 11 || (number >= 84 && number <= 93)
    return MAY_TRAP[opcode] === 1
  }

  #refuse(opcode: number): never {
    const why = REFUSED[opcode] ?? `the instruction 0x${opcode.toString(16)} is not known`
    return this.#reader.fail(why, this.at)
  }

  #label(): void {
    const { labels } = this
    labels[0] = this.#reader.u32('a label')
    if (labels.length > 1) labels.length = 1
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
    this.labels.length = 0
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
    if (number > LAST_SIMD && !(number === SELECT_LANES && this.#options.isRewritten)) {
      reader.fail(
        number < 0x114
          ? 'scripts may not use relaxed SIMD, whose results differ between machines'
          : `the SIMD instruction ${number} is not known`,
        this.at,
      )
    }
    if (number <= 11 || number === 92 || number === 93) this.#memoryArgument()
    else if (number <= 13) {
      reader.skip(16, 'a v128')
      this.hasConstants ||= number === 12
    } else if (number >= 21 && number <= 34) reader.skip(1, 'a lane')
    else if (number >= 84 && number <= 91) {
      this.#memoryArgument()
      reader.skip(1, 'a lane')
    }
  }
}
