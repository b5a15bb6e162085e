import { OPCODE, VALUE_TYPE, VECTOR } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import type { Additions } from '../../wasm/rewrite/additions.ts'
import { LANE_BITS } from '../../wasm/rewrite/vector/accesses.ts'
import type { GroupCode } from '../../wasm/rewrite/vector/vectorize.ts'
import { DriverWriter, LANES } from './driver-writer.ts'
import * as GROUP_LOCAL from './group-local.ts'
import type { DriverPlan } from './update-driver.ts'

const ZERO = new Uint8Array(16)
const GROUP_SHIFT = 2
/** Groups whose bytes are read at once. */
const MANY_GROUPS = 8
/** The blocks between the code of a group and the end of the block that it leaves, for a group of four and for others. */
export const BLOCKS = { full: 5, masked: 3 } as const
export const DT_PARAMETER = 1

/** The places of words in a batch: see `Batch`. */
const WORD = { isInterrupted: 2, groups: 3, group: 4, groupEnd: 5, full: 6, entity: 7, left: 8 } as const
const WORD_BYTES = 4

const LOCAL_TYPES: readonly number[] = [
  ...Array<number>(9).fill(VALUE_TYPE.i32),
  ...Array<number>(3).fill(VALUE_TYPE.v128),
  VALUE_TYPE.i64,
  VALUE_TYPE.i32,
]
/** A byte times this is the same byte eight times. */
const EIGHT_TIMES = new Uint8Array([0x81, 0x82, 0x84, 0x88, 0x90, 0xa0, 0xc0, 0x80, 0x01])

interface LoopParts {
  readonly full: GroupCode
  readonly masked: GroupCode
  readonly plan: DriverPlan
  readonly additions: Additions
  /** Whether `update` counts its depth. */
  readonly callsDepth: boolean
}

/**
 * Writes the loop over the groups. A byte for each group says on which of its entities the script runs. A group of four has
 * shorter code than the others.
 *
 * The loop begins only if the fuel suffices for all groups, at the most that each may spend. So no group has to count: what
 * they spend is added up, and paid at the end. A group that leaves has written nothing. `update` is called for its entities
 * instead, after all that was spent is paid, and then the loop begins anew. If the script asks who has a component, the loop ends there instead: the
 * host writes the answers anew, and calls it again.
 */
export class GroupLoop {
  readonly #code: DriverWriter
  readonly #parts: LoopParts

  constructor(out: Writer, parts: LoopParts) {
    // The locals of the driver are numbered with its two parameters.
    this.#code = new DriverWriter(out, { memory: parts.additions.memory, firstLocal: 0 })
    this.#parts = parts
  }

  write(): void {
    const { out } = this.#code
    const { full, masked, additions } = this.#parts
    const types = [...LOCAL_TYPES, ...full.types, ...masked.types]
    out.u32(types.length)
    for (const type of types) out.u32(1).byte(type)
    this.#code.set(GROUP_LOCAL.groups, () => this.#word(WORD.groups))
    this.#code.set(GROUP_LOCAL.group, () => this.#word(WORD.group))
    this.#code.set(GROUP_LOCAL.full, () => this.#word(WORD.full))
    this.#code.set(GROUP_LOCAL.end, () => this.#word(WORD.groupEnd))
    this.#code.set(GROUP_LOCAL.fuel, () => out.byte(OPCODE.globalGet).u32(additions.fuel))
    this.#code.set(GROUP_LOCAL.bits, () => this.#code.vector(VECTOR.constant).bytes(LANE_BITS))
    this.#code.set(GROUP_LOCAL.manyFull, () => {
      this.#code.get(GROUP_LOCAL.full).byte(OPCODE.i64ExtendI32U)
      out.byte(OPCODE.i64Const).bytes(EIGHT_TIMES).byte(OPCODE.i64Mul)
    })
    this.#code.enclose(OPCODE.block, () =>
      this.#code.enclose(OPCODE.loop, () => {
        out.bytes(full.prologue).bytes(masked.prologue)
        this.#stopWithoutFuel()
        this.#code.enclose(OPCODE.block, () => {
          this.#code.enclose(OPCODE.loop, () => this.#writeGroup())
          // All groups are done.
          out.byte(OPCODE.br).u32(2)
        })
        this.#writeLeft()
      }),
    )
    this.#pay()
    this.#setWord(WORD.group, () => this.#code.get(GROUP_LOCAL.group))
    this.#setWord(WORD.left, () => this.#code.get(GROUP_LOCAL.left))
    out.byte(OPCODE.end)
  }

  /** Ends the loop if the fuel may not suffice. */
  #stopWithoutFuel(): void {
    const { out } = this.#code
    const { full, masked } = this.#parts
    this.#code.get(GROUP_LOCAL.end)
    this.#code.get(GROUP_LOCAL.group).byte(OPCODE.i32Sub).byte(OPCODE.i64ExtendI32U)
    out
      .byte(OPCODE.i64Const)
      .s32(LANES * Math.max(full.maxCost, masked.maxCost))
      .byte(OPCODE.i64Mul)
    this.#code.get(GROUP_LOCAL.fuel).byte(OPCODE.i64ExtendI32S).byte(OPCODE.i64GtS)
    this.#code.enclose(OPCODE.if, () => {
      this.#setWord(WORD.entity, () => this.#firstOfGroup())
      out.byte(OPCODE.br).u32(2)
    })
  }

  #writeGroup(): void {
    const { out } = this.#code
    const { masked } = this.#parts
    this.#byteOfGroup()
    this.#code.access(OPCODE.i32Load8U, 0, 0)
    this.#code.tee(GROUP_LOCAL.entities)
    this.#code.enclose(OPCODE.if, () => {
      this.#code.set(GROUP_LOCAL.first, () => this.#firstOfGroup())
      this.#code.get(GROUP_LOCAL.entities)
      this.#code.get(GROUP_LOCAL.full).byte(OPCODE.i32Eq)
      this.#code.enclose(OPCODE.if, () => {
        this.#writeFullGroups()
        out.byte(OPCODE.else)
        this.#code.set(GROUP_LOCAL.alive, () => this.#lanesOfGroup())
        out.bytes(masked.body)
        if (masked.charge === 0) return
        this.#spend(() => {
          this.#code.get(GROUP_LOCAL.entities).byte(OPCODE.i32Popcnt)
          this.#code.constant(masked.charge).byte(OPCODE.i32Mul)
        })
      })
      out.byte(OPCODE.else)
      this.#skipMany()
    })
    this.#next()
  }

  /** Writes a loop over the groups of four that follow each other. In one of its own, engines keep in registers what is the same for all. */
  #writeFullGroups(): void {
    const { out } = this.#code
    const { full } = this.#parts
    this.#code.enclose(OPCODE.loop, () => {
      this.#setStop(LANES)
      this.#ifManyFull(() => this.#setStop(LANES * MANY_GROUPS))
      this.#code.enclose(OPCODE.loop, () => {
        out.bytes(full.body)
        if (full.charge !== 0) this.#spend(() => this.#code.constant(LANES * full.charge))
        this.#code.add(GROUP_LOCAL.first, LANES)
        this.#code.get(GROUP_LOCAL.first)
        this.#code.get(GROUP_LOCAL.stop).byte(OPCODE.i32LtU).byte(OPCODE.brIf).u32(0)
      })
      this.#setGroup()
      this.#code.get(GROUP_LOCAL.group)
      // All groups are done.
      this.#code.get(GROUP_LOCAL.end).byte(OPCODE.i32GeU).byte(OPCODE.brIf).u32(6)
      this.#byteOfGroup()
      this.#code.access(OPCODE.i32Load8U, 0, 0)
      this.#code.get(GROUP_LOCAL.full).byte(OPCODE.i32Eq).byte(OPCODE.brIf).u32(0)
    })
    out.byte(OPCODE.br).u32(2)
  }

  #setStop(entities: number): void {
    this.#code.set(GROUP_LOCAL.stop, () => {
      this.#code.get(GROUP_LOCAL.first)
      this.#code.constant(entities).byte(OPCODE.i32Add)
    })
  }

  /** Writes what to do if the next groups are all full. */
  #ifManyFull(write: () => void): void {
    const { out } = this.#code
    this.#code.get(GROUP_LOCAL.end)
    this.#code.get(GROUP_LOCAL.group).byte(OPCODE.i32Sub)
    this.#code.constant(MANY_GROUPS).byte(OPCODE.i32GeU)
    this.#code.enclose(OPCODE.if, () => {
      this.#byteOfGroup()
      this.#code.access(OPCODE.i64Load, 0, 0)
      this.#code.get(GROUP_LOCAL.manyFull)
      out.byte(OPCODE.i64Eq)
      this.#code.enclose(OPCODE.if, write)
    })
  }

  /** Skips several groups if none of them has an entity. */
  #skipMany(): void {
    this.#code.get(GROUP_LOCAL.group)
    this.#code
      .constant(MANY_GROUPS - 1)
      .byte(OPCODE.i32And)
      .byte(OPCODE.i32Eqz)
    this.#code.enclose(OPCODE.if, () => {
      this.#byteOfGroup()
      this.#code.access(OPCODE.i64Load, 3, 0)
      this.#code.out.byte(OPCODE.i64Eqz)
      this.#code.enclose(OPCODE.if, () => this.#code.add(GROUP_LOCAL.group, MANY_GROUPS - 1))
    })
  }

  /** Calls `update` for each entity of the group that was left. */
  #writeLeft(): void {
    const { out } = this.#code
    const { plan, additions, callsDepth } = this.#parts
    this.#setGroup()
    this.#pay()
    this.#code.enclose(OPCODE.loop, () => {
      this.#code.set(GROUP_LOCAL.entity, () => {
        this.#code.get(GROUP_LOCAL.first)
        this.#code.get(GROUP_LOCAL.entities).byte(OPCODE.i32Ctz).byte(OPCODE.i32Add)
      })
      this.#setWord(WORD.entity, () => this.#code.get(GROUP_LOCAL.entity))
      if (callsDepth) this.#code.constant(0).byte(OPCODE.globalSet).u32(additions.depth)
      this.#code.get(GROUP_LOCAL.entity)
      this.#code.get(DT_PARAMETER).byte(OPCODE.call).u32(plan.update)
      this.#code.set(GROUP_LOCAL.fuel, () => out.byte(OPCODE.globalGet).u32(additions.fuel))
      this.#code.add(GROUP_LOCAL.entity, 1)
      this.#setWord(WORD.entity, () => this.#code.get(GROUP_LOCAL.entity))
      this.#code.set(GROUP_LOCAL.entities, () => {
        this.#code.get(GROUP_LOCAL.entities)
        this.#code.get(GROUP_LOCAL.entities)
        this.#code.constant(1).byte(OPCODE.i32Sub).byte(OPCODE.i32And)
      })
      if (plan.isInterruptible) {
        this.#word(WORD.isInterrupted)
        out.byte(OPCODE.brIf).u32(2)
      }
      this.#code.get(GROUP_LOCAL.entities).byte(OPCODE.brIf).u32(0)
    })
    this.#code.add(GROUP_LOCAL.left, 1)
    // Who has a component may be others now: the host finds it out.
    if (this.#parts.full.asked.length > 0) this.#code.add(GROUP_LOCAL.group, 1)
    else this.#next()
  }

  /** Goes to the start of the loop around with the next group, if there is one. */
  #next(): void {
    this.#code.add(GROUP_LOCAL.group, 1)
    this.#code.get(GROUP_LOCAL.group)
    this.#code.get(GROUP_LOCAL.end).byte(OPCODE.i32LtU).byte(OPCODE.brIf).u32(0)
  }

  /** Pays for what was added up by lanes. */
  #pay(): void {
    this.#code.leftAfter(GROUP_LOCAL.fuel, GROUP_LOCAL.spent, this.#parts.full.unit)
    this.#code.tee(GROUP_LOCAL.fuel).byte(OPCODE.globalSet).u32(this.#parts.additions.fuel)
    this.#code.set(GROUP_LOCAL.spent, () => this.#code.vector(VECTOR.constant).bytes(ZERO))
  }

  #spend(write: () => void): void {
    this.#code.set(GROUP_LOCAL.fuel, () => {
      this.#code.get(GROUP_LOCAL.fuel)
      write()
      this.#code.out.byte(OPCODE.i32Sub)
    })
  }

  /** Writes a mask of the lanes that have an entity. */
  #lanesOfGroup(): void {
    this.#code.get(GROUP_LOCAL.entities)
    this.#code.vector(VECTOR.splatI32)
    this.#code.get(GROUP_LOCAL.bits)
    this.#code.vector(VECTOR.and)
    this.#code.get(GROUP_LOCAL.bits)
    this.#code.vector(VECTOR.equalI32)
  }

  /** Sets the group to that of the first entity. */
  #setGroup(): void {
    this.#code.set(GROUP_LOCAL.group, () => {
      this.#code.get(GROUP_LOCAL.first)
      this.#code.constant(GROUP_SHIFT).byte(OPCODE.i32ShrU)
    })
  }

  #firstOfGroup(): void {
    this.#code.get(GROUP_LOCAL.group)
    this.#code.constant(GROUP_SHIFT).byte(OPCODE.i32Shl)
  }

  /** Writes the address of the byte of the group. */
  #byteOfGroup(): void {
    this.#code.get(GROUP_LOCAL.groups)
    this.#code.get(GROUP_LOCAL.group).byte(OPCODE.i32Add)
  }

  /** Writes the load of a word of the batch. */
  #word(word: number): void {
    this.#code.load(this.#parts.plan.batch + word * WORD_BYTES)
  }

  #setWord(word: number, write: () => void): void {
    this.#code.store(this.#parts.plan.batch + word * WORD_BYTES, write)
  }
}
