import type { DecodedModule } from '../../wasm/format/module.ts'
import { OPCODE, VALUE_TYPE } from '../../wasm/format/opcodes.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import type { Additions } from '../../wasm/rewrite/additions.ts'
import type { InlineCalls } from '../../wasm/rewrite/inline-call.ts'
import type { CodeReader } from '../../wasm/rewrite/inlining.ts'
import type { AppendedFunction } from '../../wasm/rewrite/sections.ts'
import { LANE_BITS } from '../../wasm/rewrite/vector/accesses.ts'
import { VECTOR } from '../../wasm/rewrite/vector/lanes.ts'
import { type GroupCode, vectorize } from '../../wasm/rewrite/vector/vectorize.ts'
import type { WalkedModule } from '../../wasm/rewrite/vector/walked-module.ts'
import type { CodeObstacle, GroupedUpdate } from '../../wasm/rewrite/vectorization.ts'
import { DriverWriter, LANES } from './driver-writer.ts'
import type { DriverPlan } from './update-driver.ts'

const ZERO = new Uint8Array(16)
const GROUP_SHIFT = 2
/** Groups whose bytes are read at once. */
const MANY_GROUPS = 8
/** The blocks between the code of a group and the end of the block that it leaves, for a group of four and for others. */
const BLOCKS = { full: 5, masked: 3 } as const
const DT_PARAMETER = 1

/** The places of words in a batch: see `Batch`. */
const WORD = { isInterrupted: 2, groups: 3, group: 4, groupEnd: 5, full: 6, entity: 7, left: 8 } as const
const WORD_BYTES = 4

/** The locals of the driver. Those of its groups follow. */
const LOCAL = {
  group: 2,
  end: 3,
  groups: 4,
  full: 5,
  entities: 6,
  first: 7,
  entity: 8,
  fuel: 9,
  left: 10,
  spent: 11,
  alive: 12,
  bits: 13,
  /** The byte of a full group, eight times. */
  manyFull: 14,
  /** The first entity behind the full groups that follow each other. */
  stop: 15,
} as const
const LOCAL_TYPES: readonly number[] = [
  ...Array<number>(9).fill(VALUE_TYPE.i32),
  ...Array<number>(3).fill(VALUE_TYPE.v128),
  VALUE_TYPE.i64,
  VALUE_TYPE.i32,
]
const FIRST_FREE = 16
/** A byte times this is the same byte eight times. */
const EIGHT_TIMES = new Uint8Array([0x81, 0x82, 0x84, 0x88, 0x90, 0xa0, 0xc0, 0x80, 0x01])

/** A function that runs `update` on groups of four entities. */
export interface GroupDriver {
  readonly driver: AppendedFunction
  readonly grouped: GroupedUpdate
}

/** The imports whose calls vectors can run. */
export interface VectorImports {
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  /** Those that test an entity for a component, with the address of the bytes that say who has it. */
  readonly asked: ReadonlyMap<number, number>
}

/** Returns the driver of groups, or what prevents `update` from running on four entities at once. */
export function groupDriver(
  module: DecodedModule,
  plan: DriverPlan,
  { calls, asked }: VectorImports,
  read: CodeReader,
): GroupDriver | CodeObstacle {
  const { update, dt } = plan
  const { memory, globalShift } = read(update).additions
  const walked: WalkedModule = { module, calls, asked, read, memory, globalShift }
  const group = (kind: keyof typeof BLOCKS, alive: number | undefined, free: number): GroupCode | CodeObstacle =>
    vectorize(walked, {
      update,
      dt,
      locals: { first: LOCAL.first, dt: DT_PARAMETER, spent: LOCAL.spent, alive, free },
      blocks: BLOCKS[kind],
    })
  const full = group('full', undefined, FIRST_FREE)
  if ('why' in full) return full
  const masked = group('masked', LOCAL.alive, FIRST_FREE + full.types.length)
  if ('why' in masked) return masked
  const write = (out: Writer): void => {
    const { additions, plan: metering } = read(update)
    new GroupLoop(out, { full, masked, plan, additions, callsDepth: metering.setsDepth(update) }).write()
  }
  const { leaves, asked: addresses, tables, base, maxCost } = full
  const work = { full: full.work, masked: masked.work }
  return { driver: { name: RESERVED.groups, type: plan.type, write }, grouped: { leaves, asked: addresses, tables, base, maxCost, work } }
}

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
class GroupLoop {
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
    for (const name of ['groups', 'group', 'full'] as const) this.#code.set(LOCAL[name], () => this.#word(WORD[name]))
    this.#code.set(LOCAL.end, () => this.#word(WORD.groupEnd))
    this.#code.set(LOCAL.fuel, () => out.byte(OPCODE.globalGet).u32(additions.fuel))
    this.#code.set(LOCAL.bits, () => this.#code.vector(VECTOR.constant).bytes(LANE_BITS))
    this.#code.set(LOCAL.manyFull, () => {
      this.#code.get(LOCAL.full).byte(OPCODE.i64ExtendI32U)
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
    this.#setWord(WORD.group, () => this.#code.get(LOCAL.group))
    this.#setWord(WORD.left, () => this.#code.get(LOCAL.left))
    out.byte(OPCODE.end)
  }

  /** Ends the loop if the fuel may not suffice. */
  #stopWithoutFuel(): void {
    const { out } = this.#code
    const { full, masked } = this.#parts
    this.#code.get(LOCAL.end)
    this.#code.get(LOCAL.group).byte(OPCODE.i32Sub).byte(OPCODE.i64ExtendI32U)
    out
      .byte(OPCODE.i64Const)
      .s32(LANES * Math.max(full.maxCost, masked.maxCost))
      .byte(OPCODE.i64Mul)
    this.#code.get(LOCAL.fuel).byte(OPCODE.i64ExtendI32S).byte(OPCODE.i64GtS)
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
    this.#code.tee(LOCAL.entities)
    this.#code.enclose(OPCODE.if, () => {
      this.#code.set(LOCAL.first, () => this.#firstOfGroup())
      this.#code.get(LOCAL.entities)
      this.#code.get(LOCAL.full).byte(OPCODE.i32Eq)
      this.#code.enclose(OPCODE.if, () => {
        this.#writeFullGroups()
        out.byte(OPCODE.else)
        this.#code.set(LOCAL.alive, () => this.#lanesOfGroup())
        out.bytes(masked.body)
        if (masked.charge === 0) return
        this.#spend(() => {
          this.#code.get(LOCAL.entities).byte(OPCODE.i32Popcnt)
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
        this.#code.add(LOCAL.first, LANES)
        this.#code.get(LOCAL.first)
        this.#code.get(LOCAL.stop).byte(OPCODE.i32LtU).byte(OPCODE.brIf).u32(0)
      })
      this.#setGroup()
      this.#code.get(LOCAL.group)
      // All groups are done.
      this.#code.get(LOCAL.end).byte(OPCODE.i32GeU).byte(OPCODE.brIf).u32(6)
      this.#byteOfGroup()
      this.#code.access(OPCODE.i32Load8U, 0, 0)
      this.#code.get(LOCAL.full).byte(OPCODE.i32Eq).byte(OPCODE.brIf).u32(0)
    })
    out.byte(OPCODE.br).u32(2)
  }

  #setStop(entities: number): void {
    this.#code.set(LOCAL.stop, () => {
      this.#code.get(LOCAL.first)
      this.#code.constant(entities).byte(OPCODE.i32Add)
    })
  }

  /** Writes what to do if the next groups are all full. */
  #ifManyFull(write: () => void): void {
    const { out } = this.#code
    this.#code.get(LOCAL.end)
    this.#code.get(LOCAL.group).byte(OPCODE.i32Sub)
    this.#code.constant(MANY_GROUPS).byte(OPCODE.i32GeU)
    this.#code.enclose(OPCODE.if, () => {
      this.#byteOfGroup()
      this.#code.access(OPCODE.i64Load, 0, 0)
      this.#code.get(LOCAL.manyFull)
      out.byte(OPCODE.i64Eq)
      this.#code.enclose(OPCODE.if, write)
    })
  }

  /** Skips several groups if none of them has an entity. */
  #skipMany(): void {
    this.#code.get(LOCAL.group)
    this.#code
      .constant(MANY_GROUPS - 1)
      .byte(OPCODE.i32And)
      .byte(OPCODE.i32Eqz)
    this.#code.enclose(OPCODE.if, () => {
      this.#byteOfGroup()
      this.#code.access(OPCODE.i64Load, 3, 0)
      this.#code.out.byte(OPCODE.i64Eqz)
      this.#code.enclose(OPCODE.if, () => this.#code.add(LOCAL.group, MANY_GROUPS - 1))
    })
  }

  /** Calls `update` for each entity of the group that was left. */
  #writeLeft(): void {
    const { out } = this.#code
    const { plan, additions, callsDepth } = this.#parts
    this.#setGroup()
    this.#pay()
    this.#code.enclose(OPCODE.loop, () => {
      this.#code.set(LOCAL.entity, () => {
        this.#code.get(LOCAL.first)
        this.#code.get(LOCAL.entities).byte(OPCODE.i32Ctz).byte(OPCODE.i32Add)
      })
      this.#setWord(WORD.entity, () => this.#code.get(LOCAL.entity))
      if (callsDepth) this.#code.constant(0).byte(OPCODE.globalSet).u32(additions.depth)
      this.#code.get(LOCAL.entity)
      this.#code.get(DT_PARAMETER).byte(OPCODE.call).u32(plan.update)
      this.#code.set(LOCAL.fuel, () => out.byte(OPCODE.globalGet).u32(additions.fuel))
      this.#code.add(LOCAL.entity, 1)
      this.#setWord(WORD.entity, () => this.#code.get(LOCAL.entity))
      this.#code.set(LOCAL.entities, () => {
        this.#code.get(LOCAL.entities)
        this.#code.get(LOCAL.entities)
        this.#code.constant(1).byte(OPCODE.i32Sub).byte(OPCODE.i32And)
      })
      if (plan.isInterruptible) {
        this.#word(WORD.isInterrupted)
        out.byte(OPCODE.brIf).u32(2)
      }
      this.#code.get(LOCAL.entities).byte(OPCODE.brIf).u32(0)
    })
    this.#code.add(LOCAL.left, 1)
    // Who has a component may be others now: the host finds it out.
    if (this.#parts.full.asked.length > 0) this.#code.add(LOCAL.group, 1)
    else this.#next()
  }

  /** Goes to the start of the loop around with the next group, if there is one. */
  #next(): void {
    this.#code.add(LOCAL.group, 1)
    this.#code.get(LOCAL.group)
    this.#code.get(LOCAL.end).byte(OPCODE.i32LtU).byte(OPCODE.brIf).u32(0)
  }

  /** Pays for what was added up by lanes. */
  #pay(): void {
    this.#code.leftAfter(LOCAL.fuel, LOCAL.spent)
    this.#code.tee(LOCAL.fuel).byte(OPCODE.globalSet).u32(this.#parts.additions.fuel)
    this.#code.set(LOCAL.spent, () => this.#code.vector(VECTOR.constant).bytes(ZERO))
  }

  #spend(write: () => void): void {
    this.#code.set(LOCAL.fuel, () => {
      this.#code.get(LOCAL.fuel)
      write()
      this.#code.out.byte(OPCODE.i32Sub)
    })
  }

  /** Writes a mask of the lanes that have an entity. */
  #lanesOfGroup(): void {
    this.#code.get(LOCAL.entities)
    this.#code.vector(VECTOR.splatI32)
    this.#code.get(LOCAL.bits)
    this.#code.vector(VECTOR.and)
    this.#code.get(LOCAL.bits)
    this.#code.vector(VECTOR.equalI32)
  }

  /** Sets the group to that of the first entity. */
  #setGroup(): void {
    this.#code.set(LOCAL.group, () => {
      this.#code.get(LOCAL.first)
      this.#code.constant(GROUP_SHIFT).byte(OPCODE.i32ShrU)
    })
  }

  #firstOfGroup(): void {
    this.#code.get(LOCAL.group)
    this.#code.constant(GROUP_SHIFT).byte(OPCODE.i32Shl)
  }

  /** Writes the address of the byte of the group. */
  #byteOfGroup(): void {
    this.#code.get(LOCAL.groups)
    this.#code.get(LOCAL.group).byte(OPCODE.i32Add)
  }

  /** Writes the load of a word of the batch. */
  #word(word: number): void {
    this.#code.load(this.#parts.plan.batch + word * WORD_BYTES)
  }

  #setWord(word: number, write: () => void): void {
    this.#code.store(this.#parts.plan.batch + word * WORD_BYTES, write)
  }
}
