import type { DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { skipLocals } from './instruction-offsets.ts'
import { InstructionReader } from './instructions.ts'

const growing = new WeakMap<DecodedModule, boolean>()

/** Returns whether any function of a module may grow a memory. */
export function growsMemory(module: DecodedModule): boolean {
  const known = growing.get(module)
  if (known !== undefined) return known
  const found = module.bodies.some(({ body }) => {
    const reader = new Reader(module.bytes, body)
    skipLocals(reader)
    const instruction = new InstructionReader(reader)
    for (instruction.skipPlain(); !reader.done; instruction.skipPlain()) {
      instruction.read()
      if (instruction.opcode === OPCODE.memoryGrow) return true
    }
    return false
  })
  growing.set(module, found)
  return found
}
