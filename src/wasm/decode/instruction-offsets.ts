import { skipValueType } from '../format/bounds.ts'
import type { DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { InstructionReader } from './instructions.ts'

/** Skips the declarations of locals, with which a body begins. */
export function skipLocals(reader: Reader): void {
  for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
    reader.u32('the number of locals')
    skipValueType(reader)
  }
}

/** Returns the offsets of the instructions of a defined function, without `else` and `end`. */
export function instructionOffsets(module: DecodedModule, index: number): readonly number[] {
  const reader = new Reader(module.bytes, module.bodies[index]?.body)
  skipLocals(reader)
  const instruction = new InstructionReader(reader)
  const offsets: number[] = []
  while (!reader.done) {
    instruction.read()
    if (instruction.opcode !== OPCODE.else && instruction.opcode !== OPCODE.end) offsets.push(instruction.at)
  }
  return offsets
}
