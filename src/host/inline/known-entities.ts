import { InstructionReader } from '../../wasm/decode/instructions.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { isUnary, OPCODE } from '../../wasm/format/opcodes.ts'
import { Reader } from '../../wasm/format/reader.ts'
import { INSERTION } from '../../wasm/rewrite/insertions.ts'
import type { MeteredCode } from '../../wasm/rewrite/metered-code.ts'

/** An open block. */
interface Frame {
  /** The number of operands below the block's own. */
  readonly height: number
  readonly results: number
  /** Whether the block is unreachable. */
  readonly isDead: boolean
}

const EMPTY = -64
const ENTITY = 0

/**
 * Returns the offsets of the accesses in a function whose entity is the unchanged first parameter. If the parameter is below
 * the capacity, these accesses need no check. Tracks the operand stack through the function. Returns an empty set if the
 * function writes the parameter or has an instruction that is not tracked.
 */
export function knownEntities(module: DecodedModule, code: Pick<MeteredCode, 'bytes' | 'end' | 'charges' | 'calls'>): ReadonlySet<number> {
  const known = new Set<number>()
  const { charges, bytes, end, calls } = code
  const { insertions } = charges
  const accesses = new Map<number, number>()
  for (let each = charges.first; each < charges.end; each++) {
    const call = insertions.kind[each] === INSERTION.inline ? calls.get(insertions.argument[each] as number) : undefined
    if (call?.mayBeChecked === true) accesses.set(insertions.at[each] as number, call.value === undefined ? 0 : 1)
  }
  const operands = new Operands(module)
  const reader = new Reader(bytes, { start: charges.codeAt, end })
  const instruction = new InstructionReader(reader)
  while (!reader.done) {
    instruction.read()
    const distance = accesses.get(instruction.at)
    if (distance !== undefined && operands.isEntity(distance)) known.add(instruction.at)
    if (!operands.follow(instruction)) return NONE
  }
  return known
}

const NONE: ReadonlySet<number> = new Set()

/** Tracks which operands of a function are the entity. */
class Operands {
  readonly #module: DecodedModule
  readonly #stack: boolean[] = []
  readonly #frames: Frame[] = [{ height: 0, results: 0, isDead: false }]
  /** Whether the current code is unreachable. Operands are not tracked there. */
  #isDead = false

  constructor(module: DecodedModule) {
    this.#module = module
  }

  /** Returns whether the operand at a distance from the top is the entity. */
  isEntity(distance: number): boolean {
    return !this.#isDead && this.#stack.at(-1 - distance) === true
  }

  /** Applies an instruction to the operands. Returns `false` if the instruction is not tracked. */
  follow(instruction: InstructionReader): boolean {
    const { opcode, index } = instruction
    switch (opcode) {
      case OPCODE.block:
      case OPCODE.loop:
        return this.#open(instruction)
      case OPCODE.if:
        return this.#take(1, 0) && this.#open(instruction)
      case OPCODE.else:
        return this.#otherwise()
      case OPCODE.end:
        return this.#close()
      case OPCODE.br:
      case OPCODE.brTable:
      case OPCODE.return:
      case OPCODE.unreachable:
        this.#isDead = true
        return true
    }
    if (this.#isDead) return true
    switch (opcode) {
      case OPCODE.localGet:
        this.#stack.push(index === ENTITY)
        return true
      case OPCODE.localSet:
        return index !== ENTITY && this.#take(1, 0)
      case OPCODE.localTee:
        return index !== ENTITY
      case OPCODE.call:
        return this.#call(index)
      case OPCODE.callIndirect: {
        const type = this.#module.types[index]
        return type !== undefined && this.#take(type.params.length + 1, type.results.length)
      }
      default: {
        const effect = effectOf(opcode)
        return effect !== undefined && this.#take(effect[0], effect[1])
      }
    }
  }

  #take(operands: number, results: number): boolean {
    if (this.#isDead) return true
    const left = this.#stack.length - operands
    if (left < (this.#frames.at(-1) as Frame).height) return false
    this.#stack.length = left
    for (let count = 0; count < results; count++) this.#stack.push(false)
    return true
  }

  #call(index: number): boolean {
    const type = this.#module.functions[index]
    return type !== undefined && this.#take(type.params.length, type.results.length)
  }

  /** Blocks with parameters are not tracked: those of a loop may differ in the next iteration. */
  #open({ blockType }: InstructionReader): boolean {
    const type = blockType >= 0 ? this.#module.types[blockType] : undefined
    if (blockType >= 0 && (type === undefined || type.params.length > 0)) return false
    const results = type?.results.length ?? (blockType === EMPTY ? 0 : 1)
    this.#frames.push({ height: this.#stack.length, results, isDead: this.#isDead })
    return true
  }

  #otherwise(): boolean {
    const { height, isDead } = this.#frames.at(-1) as Frame
    this.#stack.length = height
    this.#isDead = isDead
    return true
  }

  #close(): boolean {
    const { height, results, isDead } = this.#frames.pop() as Frame
    this.#stack.length = height
    for (let count = 0; count < results; count++) this.#stack.push(false)
    this.#isDead = isDead
    return true
  }
}

/** Returns how many operands an instruction pops and pushes; `undefined` if it is not tracked. */
function effectOf(opcode: number): readonly [number, number] | undefined {
  if (opcode >= 0x28 && opcode <= 0x35) return UNARY
  if (opcode >= 0x36 && opcode <= 0x3e) return [2, 0]
  if (opcode >= 0x41 && opcode <= 0x44) return [0, 1]
  if (opcode >= 0x45 && opcode <= 0xc4) return isUnary(opcode) ? UNARY : BINARY
  return EFFECTS[opcode]
}

const UNARY = [1, 1] as const
const BINARY = [2, 1] as const
const EFFECTS: Readonly<Record<number, readonly [number, number]>> = {
  [OPCODE.nop]: [0, 0],
  [OPCODE.drop]: [1, 0],
  [OPCODE.select]: [3, 1],
  [OPCODE.selectTyped]: [3, 1],
  [OPCODE.memorySize]: [0, 1],
  [OPCODE.memoryGrow]: UNARY,
  [OPCODE.brIf]: [1, 0],
  [OPCODE.globalGet]: [0, 1],
  [OPCODE.globalSet]: [1, 0],
}
