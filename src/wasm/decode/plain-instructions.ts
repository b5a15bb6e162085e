import { CHOSEN } from '../format/floats.ts'
import { isLoad, isNumeric, isStore, MAY_TRAP, OPCODE, RISES } from '../format/opcodes.ts'
import * as PLAIN from './plain-bit.ts'

/** By how many bits the change in the number of operands is shifted. */
export const RISE_SHIFT = 8

/** By opcode: bits of `plain-bit.ts`, and above {@link RISE_SHIFT} the change in the number of operands. 0 for all other instructions. */
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
