import type { InstructionReader } from '../decode/instructions.ts'
import type { DecodedModule, FunctionType } from '../format/module.ts'
import { OPCODE, PREFIX_SIMD, riseOf, riseOfBulk, riseOfVector } from '../format/opcodes.ts'

/** The results of {@link maxParameters}. */
const parametersOf = new WeakMap<DecodedModule, number>()

/** Returns an upper bound of the values that an exception carries, in units of stack. */
export function maxParameters(module: DecodedModule): number {
  let max = parametersOf.get(module)
  if (max === undefined) {
    max = module.types.reduce((greatest, type) => Math.max(greatest, 2 * (type?.params.length ?? 0)), 0)
    parametersOf.set(module, max)
  }
  return max
}

function riseOfCall(type: FunctionType | undefined): number {
  return type === undefined ? 0 : type.results.length - type.params.length
}

/** Returns an upper bound of the change in the number of operands. */
export function riseOfInstruction({ functions, types }: DecodedModule, { opcode, index, number }: InstructionReader): number {
  switch (opcode) {
    case OPCODE.call:
      return riseOfCall(functions[index])
    case OPCODE.callIndirect:
    case OPCODE.callRef:
      return riseOfCall(types[index]) - 1
    case OPCODE.bulk:
      return riseOfBulk(number)
    case PREFIX_SIMD:
      return riseOfVector(number)
    default:
      return riseOf(opcode)
  }
}
