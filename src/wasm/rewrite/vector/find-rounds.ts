import { InstructionReader } from '../../decode/instructions.ts'
import { signedAt } from '../../decode/signed-number.ts'
import { importedFunctions } from '../../format/module.ts'
import { OPCODE } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { WalkedModule } from './walked-module.ts'

const EMPTY = -64

/** A local that each round of a loop adds a number to. */
export interface Counter {
  readonly local: number
  readonly step: 1 | -1
  /** The instruction that steps it, and its constant. */
  readonly opcode: number
  readonly constant: number
}

/** A loop of a function without loops in it, that reads entities of query results. Its rounds pass nothing on to each other but counters. */
export interface RoundCode {
  /** The offsets of its first instruction, and behind its end. */
  readonly start: number
  readonly end: number
  readonly counters: readonly Counter[]
  /** The locals that it reads and never writes. */
  readonly kept: readonly number[]
}

interface Block {
  readonly outer: Block | undefined
  readonly isLoop: boolean
  readonly start: number
  isInnermost: boolean
  readsEntities: boolean
}

interface LocalUse {
  readonly local: number
  readonly isWrite: boolean
  readonly at: number
  readonly block: Block
  /** What it steps by, if it writes a local that was read and had a constant added just before. */
  readonly stepped: Pick<Counter, 'opcode' | 'constant'> | undefined
}

/** Finds the loops of a function whose rounds may run on several entities at once. */
export function findRounds({ read, calls }: Pick<WalkedModule, 'read' | 'calls'>, functionIndex: number): readonly RoundCode[] {
  const { bytes, end, charges } = read(functionIndex)
  const reader = new Reader(bytes, { start: charges.codeAt, end })
  const instruction = new InstructionReader(reader)
  const uses: LocalUse[] = []
  const loops: { readonly block: Block; readonly end: number }[] = []
  const blockOf = (outer: Block | undefined, isLoop: boolean): Block => {
    return { outer, isLoop, start: reader.position, isInnermost: true, readsEntities: false }
  }
  let block = blockOf(undefined, false)
  // The last three instructions, as far as they may be a step: `local.get`, `i32.const`, and `i32.add` or `i32.sub`.
  let before: { readonly opcode: number; readonly index: number; readonly constant: number }[] = []
  while (!reader.done) {
    instruction.read()
    const { opcode, index, at, blockType } = instruction
    if (opcode === OPCODE.block || opcode === OPCODE.if) block = blockOf(block, false)
    else if (opcode === OPCODE.loop) {
      for (let outer: Block | undefined = block; outer !== undefined; outer = outer.outer) outer.isInnermost = false
      block = blockOf(block, blockType === EMPTY)
    } else if (opcode === OPCODE.else) block = blockOf(block.outer, false)
    else if (opcode === OPCODE.end) {
      if (block.isLoop) loops.push({ block, end: reader.position })
      block = block.outer ?? block
    } else if (opcode === OPCODE.call && calls.get(index)?.accessor.access === 'entity') {
      for (let each: Block | undefined = block; each !== undefined; each = each.outer) each.readsEntities = true
    } else if (opcode === OPCODE.localGet) uses.push({ local: index, isWrite: false, at, block, stepped: undefined })
    else if (opcode === OPCODE.localSet || opcode === OPCODE.localTee) {
      const [get, constant, step] = before
      const isStep = get?.opcode === OPCODE.localGet && get.index === index && constant?.opcode === OPCODE.i32Const
      const stepped = isStep && step !== undefined ? { opcode: step.opcode, constant: constant.constant } : undefined
      uses.push({ local: index, isWrite: true, at, block, stepped })
    }
    before = [...before.slice(-2), { opcode, index, constant: opcode === OPCODE.i32Const ? signedAt(bytes, at + 1) : 0 }]
  }
  const innermost = loops.filter(({ block: { isInnermost, readsEntities } }) => isInnermost && readsEntities)
  const isCounted = (start: number): boolean => charges.countedLoops.some((loop) => loop.at < start && start < loop.end)
  return innermost.flatMap(({ block: loop, end: loopEnd }) => {
    const found = isCounted(loop.start) ? undefined : roundsOf(loop, loopEnd, uses)
    return found === undefined ? [] : [found]
  })
}

function roundsOf(loop: Block, end: number, uses: readonly LocalUse[]): RoundCode | undefined {
  const { start } = loop
  const isInside = ({ at }: LocalUse): boolean => at >= start && at < end
  const inside = uses.filter(isInside)
  const written = new Set(inside.flatMap(({ local, isWrite }) => (isWrite ? [local] : [])))
  const counters: Counter[] = []
  for (const local of written) {
    const own = inside.filter((use) => use.local === local)
    const counter = counterOf(loop, local, own)
    if (counter !== undefined) counters.push(counter)
    // Nothing reads what the last round left in it.
    else if (!isSetFirst(own) || uses.some((use) => use.local === local && !use.isWrite && !isInside(use))) return undefined
  }
  const kept = [...new Set(inside.flatMap(({ local }) => (written.has(local) ? [] : [local])))]
  return counters.length === 0 ? undefined : { start, end, counters, kept }
}

function counterOf(loop: Block, local: number, uses: readonly LocalUse[]): Counter | undefined {
  const [write, ...others] = uses.filter(({ isWrite }) => isWrite)
  if (write?.stepped === undefined || others.length > 0 || write.block !== loop) return undefined
  const { opcode, constant } = write.stepped
  const step = opcode === OPCODE.i32Add ? constant : opcode === OPCODE.i32Sub ? -constant : 0
  return step === 1 || step === -1 ? { local, step, opcode, constant } : undefined
}

/** Returns whether a local is set in each round before it is read: all uses are in the block of the first, or in blocks within. */
function isSetFirst([first, ...rest]: readonly LocalUse[]): boolean {
  if (first?.isWrite !== true) return false
  return rest.every(({ block }) => {
    for (let each: Block | undefined = block; each !== undefined; each = each.outer) if (each === first.block) return true
    return false
  })
}

/** Returns whether a function is called by code of its module, so that it may run at any depth. */
export function isCalled({ module, read }: Pick<WalkedModule, 'module' | 'read'>, functionIndex: number): boolean {
  const imported = importedFunctions(module)
  return module.bodies.some((_, place) => read(imported + place).charges.calls.some(({ callee }) => callee === functionIndex || callee < 0))
}
