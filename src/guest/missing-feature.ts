import { HAS_MULTI_MEMORY } from '../multi-memory.ts'
import { skipConstant } from '../wasm/decode/constant-expression.ts'
import { instructionOffsets } from '../wasm/decode/instruction-offsets.ts'
import type { DecodedModule } from '../wasm/format/module.ts'
import { OPCODE } from '../wasm/format/opcodes.ts'
import { Reader } from '../wasm/format/reader.ts'

/** A function with an empty `try_table`, and nothing else. */
const TRY_TABLE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 31, 64, 0, 11, 11)
/** A global that begins with a sum, and nothing else. */
const CONSTANT_SUM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 6, 9, 1, 127, 0, 65, 1, 65, 2, 106, 11)
/** `add`, `sub` and `mul` of i32 and i64. */
const ARITHMETIC: readonly number[] = [0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e]
const EXCEPTIONS: readonly number[] = [OPCODE.tryTable, OPCODE.throwRef]

/**
 * Returns what a module uses that this engine does not support, though others do; `undefined` if there is nothing that is known.
 * Takes time: call it for a module that the engine refused.
 */
export function missingFeature(module: DecodedModule): string | undefined {
  if (module.memories.length > 1 && !HAS_MULTI_MEMORY) return 'more than one memory'
  if (!WebAssembly.validate(TRY_TABLE) && usesExceptions(module)) return 'try_table and throw_ref'
  if (!WebAssembly.validate(CONSTANT_SUM) && computesConstants(module)) return 'arithmetic in constant expressions'
  return undefined
}

function usesExceptions(module: DecodedModule): boolean {
  const isOne = (at: number): boolean => EXCEPTIONS.includes(module.bytes[at] as number)
  return module.bodies.some((_, index) => instructionOffsets(module, index).some(isOne))
}

function computesConstants({ bytes, globals, data }: DecodedModule): boolean {
  const expressions = [
    ...globals.flatMap((global) => ('initializer' in global ? [global.initializer] : [])),
    ...data.flatMap(({ offset }) => offset ?? []),
  ]
  return expressions.some((range) => {
    const reader = new Reader(bytes, range)
    for (;;) {
      const opcode = reader.byte('a constant expression')
      if (ARITHMETIC.includes(opcode)) return true
      if (opcode === OPCODE.globalGet) reader.u32('an index')
      else if (!skipConstant(reader, opcode)) return false
    }
  })
}
