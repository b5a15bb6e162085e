import { skipValueType } from '../format/bounds.ts'
import type { DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { InstructionReader } from './instructions.ts'
import { signedAt } from './signed-number.ts'

/** The names that compilers give to the global of their stack pointer. */
export const STACK_POINTER_NAMES: readonly string[] = ['__stack_pointer', '~lib/memory/__stack_pointer', 'stack_pointer']
/** Compilers place the stack above the first kilobyte, and move its pointer by whole words. */
const MIN_STACK = 1024
const WORD = 4

const found = new WeakMap<DecodedModule, readonly number[]>()

/**
 * Returns the mutable globals that hold a stack pointer of compiled code. A function lowers the pointer and raises it before it
 * returns, but not if it traps. The globals are found by name or export; in a module without names, by use: a function lowers
 * an i32 by whole words and sets it a second time.
 */
export function stackPointers(module: DecodedModule): readonly number[] {
  let indices = found.get(module)
  if (indices === undefined) {
    indices = find(module)
    found.set(module, indices)
  }
  return indices
}

function find(module: DecodedModule): readonly number[] {
  const candidates = new Set(
    [...module.globals.entries()].filter(([, { mutable, value }]) => mutable && value === 'i32').map(([index]) => index),
  )
  const named = [...candidates].filter((index) => STACK_POINTER_NAMES.includes(module.names.globals.get(index) ?? ''))
  const exported = module.exports.filter(
    ({ kind, name, index }) => kind === 'global' && STACK_POINTER_NAMES.includes(name) && candidates.has(index),
  )
  const known = [...named, ...exported.map(({ index }) => index)]
  if (known.length > 0) return [...new Set(known)]
  const possible = new Set([...candidates].filter((index) => (initialValue(module, index) ?? 0) >= MIN_STACK))
  if (possible.size === 0) return []
  const lowered = new Set<number>()
  for (let body = 0; body < module.bodies.length; body++) findLowered(module, body, possible, lowered)
  return [...lowered]
}

/** Returns the initial value of a global; `undefined` if it is not a constant. */
function initialValue(module: DecodedModule, index: number): number | undefined {
  const global = module.globals[index]
  if (global === undefined || !('initializer' in global)) return undefined
  return constantAt(module.bytes, global.initializer.start)
}

/** Returns the operand of an `i32.const` at an offset; `undefined` for another instruction. */
export function constantAt(bytes: Uint8Array, at: number): number | undefined {
  return bytes[at] === OPCODE.i32Const ? signedAt(bytes, at + 1) : undefined
}

/** How far the last instructions match `global.get`, `i32.const`, `i32.sub`. */
interface Match {
  /** The global that was read. */
  global: number
  /** How many of the instructions matched. */
  step: number
  /** The constant. */
  by: number
}

/** Adds the globals that one function lowers by a constant and sets again. */
function findLowered(module: DecodedModule, body: number, possible: ReadonlySet<number>, lowered: Set<number>): void {
  const reader = new Reader(module.bytes, module.bodies[body]?.body)
  for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
    reader.u32('the number of locals')
    skipValueType(reader)
  }
  const instruction = new InstructionReader(reader)
  const match: Match = { global: -1, step: 0, by: 0 }
  const sets = new Map<number, number>()
  const lowers = new Set<number>()
  while (!reader.done) {
    instruction.read()
    const { opcode, index, at } = instruction
    if (opcode === OPCODE.globalGet) Object.assign(match, { global: index, step: possible.has(index) ? 1 : 0 })
    else if (opcode === OPCODE.i32Const && match.step === 1) Object.assign(match, { by: constantAt(module.bytes, at) ?? 0, step: 2 })
    else if ((opcode === OPCODE.i32Sub || opcode === OPCODE.i32Add) && match.step === 2) match.step = isLowering(opcode, match.by) ? 3 : 0
    else if (opcode === OPCODE.globalSet) {
      sets.set(index, (sets.get(index) ?? 0) + 1)
      if (match.step === 3 && index === match.global) lowers.add(index)
      match.step = 0
    } else if (opcode !== OPCODE.localTee) match.step = 0
  }
  for (const index of lowers) if ((sets.get(index) ?? 0) > 1) lowered.add(index)
}

function isLowering(opcode: number, by: number): boolean {
  const down = opcode === OPCODE.i32Sub ? by : -by
  return down > 0 && down % WORD === 0
}
