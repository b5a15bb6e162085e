import { EMPTY_BLOCK, OPCODE, PREFIX_SIMD, VALUE_TYPE, VECTOR } from '../../format/opcodes.ts'
import { Writer } from '../../format/writer.ts'
import type { ArmStep, DefineStep, Graph, LeaveStep, Node, Step } from './graph.ts'
import { inLaneOrder } from './lane-order.ts'
import { ARM_WORK, workOf } from './node-work.ts'

const ZERO_VECTOR = new Uint8Array(16)
/** About so many of the groups run an arm. */
const ARM_SHARE = 0.5

/** Writes a graph as code. Each node whose value is taken more than once gets a local. */
export class GraphEncoder {
  readonly #graph: Graph
  readonly #firstLocal: number
  /** How many blocks are around the code, out of which a group leaves. */
  readonly #blocks: number
  readonly #out: Writer = new Writer(1024)
  /** The types of the locals. */
  readonly types: number[] = []
  /** About how long the body takes, in units of fuel one by one: see {@link workOf}. */
  work = 0
  /** The share of the groups that run what is written now. */
  #share = 1

  /** `outputs` are the nodes that are read after the last step. */
  constructor(graph: Graph, outputs: readonly Node[], firstLocal: number, blocks: number) {
    this.#graph = graph
    this.#firstLocal = firstLocal
    this.#blocks = blocks
    for (const output of outputs) {
      this.#take(output, false)
      // It is computed before the first store.
      output.uses++
    }
    this.#findLive(graph.steps)
  }

  /** Returns the code that computes what is the same for all groups. */
  prologue(): Uint8Array {
    const out = new Writer(1024)
    for (const node of this.#graph.invariants) if (node.uses > 0 && this.#isKept(node)) this.#define(out, node)
    return out.view()
  }

  /** Returns the steps as code, followed by what `finish` writes. Must be called after {@link prologue}. */
  body(finish: (out: Writer, read: (node: Node) => void) => void): Uint8Array {
    this.#writeSteps(this.#graph.steps, 0)
    finish(this.#out, (node) => this.#write(this.#out, node))
    return this.#out.view()
  }

  /** Marks the nodes that are read, from the last step to the first. Returns whether any step does something. */
  #findLive(steps: readonly Step[]): boolean {
    let isLive = false
    for (let place = steps.length - 1; place >= 0; place--) {
      const step = steps[place] as Step
      if (step.kind === 'leave') {
        this.#take(step.mask, false)
        isLive = true
      } else if (step.kind === 'define') isLive ||= step.node.uses > 0 && this.#isKept(step.node)
      else isLive = this.#findLiveArm(step) || isLive
    }
    return isLive
  }

  #findLiveArm(arm: ArmStep): boolean {
    const exported = arm.exported.filter(({ outside }) => outside.uses > 0)
    for (const { inside } of exported) {
      this.#take(inside, false)
      inside.uses++
    }
    arm.isLive = this.#findLive(arm.steps) || exported.length > 0
    if (arm.isLive) {
      this.#take(arm.condition, false)
      arm.condition.uses++
    }
    return arm.isLive
  }

  #take(node: Node, byInvariant: boolean): void {
    if (!byInvariant) node.isTakenInGroup = true
    if (node.uses++ > 0) return
    for (const operand of node.operands) this.#take(operand, node.isInvariant)
  }

  /** Returns whether the value of a node is kept in a local. */
  #isKept({ uses, operands, code, isPinned, isInvariant, isTakenInGroup }: Node): boolean {
    if (operands.length === 0 && (code[0] === OPCODE.localGet || code[0] === OPCODE.i32Const)) return false
    return uses > 1 || isPinned || (isInvariant && isTakenInGroup)
  }

  #local(node: Node): number {
    if (node.local < 0) node.local = this.#firstLocal + this.types.push(VALUE_TYPE[node.type]) - 1
    return node.local
  }

  #define(out: Writer, node: Node): void {
    this.#compute(out, node)
    out.byte(OPCODE.localSet).u32(this.#local(node))
  }

  #write(out: Writer, node: Node): void {
    if (node.local >= 0) {
      out.byte(OPCODE.localGet).u32(node.local)
    } else this.#compute(out, node)
  }

  #compute(out: Writer, node: Node): void {
    for (const operand of node.operands) this.#write(out, operand)
    out.bytes(node.code)
    if (out === this.#out) this.work += this.#share * workOf(node)
  }

  #writeSteps(steps: readonly Step[], arms: number): void {
    let stretch: (DefineStep | LeaveStep)[] = []
    const flush = (): void => {
      for (const step of inLaneOrder(stretch)) {
        if (step.kind === 'leave') this.#writeLeave(step.mask, arms)
        else this.#define(this.#out, step.node)
      }
      stretch = []
    }
    for (const step of steps) {
      if (step.kind === 'arm') {
        flush()
        this.#writeArm(step, arms)
      } else if (step.kind === 'leave' || (step.node.uses > 0 && this.#isKept(step.node))) stretch.push(step)
    }
    flush()
  }

  #writeLeave(mask: Node, arms: number): void {
    const out = this.#out
    this.#write(out, mask)
    if (mask.type === 'v128') out.byte(PREFIX_SIMD).u32(VECTOR.anyTrue)
    out.byte(OPCODE.brIf).u32(this.#blocks + arms)
  }

  #writeArm({ isLive, condition, exported, steps }: ArmStep, arms: number): void {
    if (!isLive) return
    const out = this.#out
    const live = exported.filter(({ outside }) => outside.uses > 0)
    // A mask of the group before must not be taken for one of this.
    for (const { outside } of live) {
      out.byte(PREFIX_SIMD).u32(VECTOR.constant).bytes(ZERO_VECTOR).byte(OPCODE.localSet).u32(this.#local(outside))
    }
    this.#write(out, condition)
    out.byte(PREFIX_SIMD).u32(VECTOR.anyTrue).byte(OPCODE.if).byte(EMPTY_BLOCK)
    const share = this.#share
    if (live.length > 0) this.work += share * ARM_WORK
    this.#share *= ARM_SHARE
    this.#writeSteps(steps, arms + 1)
    for (const { outside, inside } of live) {
      this.#write(out, inside)
      out.byte(OPCODE.localSet).u32(outside.local)
    }
    this.#share = share
    out.byte(OPCODE.end)
  }
}
