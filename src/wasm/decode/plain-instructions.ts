import { CHOSEN } from '../format/floats.ts'
import { isLoad, isNumeric, isStore, MAY_TRAP, OPCODE, RISES } from '../format/opcodes.ts'

/**
 * Bits of {@link PLAIN_FACTS}: how an instruction is skipped that neither branches nor calls, and what it does. A scan looks all of it up at once,
 * since this is most of the work of reading code.
 */
export const PLAIN = {
  /** It is such an instruction. */
  known: 1,
  /** A LEB128 number follows the opcode. */
  immediate: 2,
  /** It accesses memory: an alignment and an offset follow. */
  memory: 4,
  /** It accesses a global. */
  global: 8,
  mayTrap: 16,
  /** Its result has NaN bits that the engine chooses. */
  chosen: 32,
} as const

/** By how many bits the change in the number of operands is shifted. */
export const RISE_SHIFT = 8

/** By opcode: bits of {@link PLAIN}, and above {@link RISE_SHIFT} the change in the number of operands. 0 for all other instructions. */
export const PLAIN_FACTS: Int32Array = Int32Array.from({ length: 256 }, (_, opcode) => {
  const shape = shapeOf(opcode)
  if (shape === undefined) return 0
  const mayTrap = MAY_TRAP[opcode] === 1 ? PLAIN.mayTrap : 0
  const chosen = CHOSEN[opcode] === 1 ? PLAIN.chosen : 0
  return PLAIN.known | shape | mayTrap | chosen | ((RISES[opcode] as number) << RISE_SHIFT)
})

function shapeOf(opcode: number): number | undefined {
  if (isNumeric(opcode) || opcode === OPCODE.drop || opcode === OPCODE.select) return 0
  if (isLoad(opcode) || isStore(opcode)) return PLAIN.memory | PLAIN.immediate
  if (opcode === OPCODE.i32Const || opcode === OPCODE.i64Const) return PLAIN.immediate
  if (opcode >= OPCODE.localGet && opcode <= OPCODE.localTee) return PLAIN.immediate
  return opcode === OPCODE.globalGet || opcode === OPCODE.globalSet ? PLAIN.global | PLAIN.immediate : undefined
}
