import type { FunctionType } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import type { Writer } from '../format/writer.ts'
import { type AddedLocals, writeLocals } from './added-locals.ts'
import type { Additions } from './additions.ts'
import type { Charges } from './charges.ts'
import { FRAME } from './depth-code.ts'

/** Writes the body of the function that passes on the depth from the global, and its own frame. `target` is the index of what takes it. */
export function writePasser(out: Writer, { params }: FunctionType, target: number, { depth }: Additions): void {
  out.u32(0)
  for (const index of params.keys()) out.byte(OPCODE.localGet).u32(index)
  out.byte(OPCODE.globalGet).u32(depth)
  out
    .byte(OPCODE.i32Const)
    .s32(FRAME + params.length)
    .byte(OPCODE.i32Add)
  out.byte(OPCODE.call).u32(target).byte(OPCODE.end)
}

/**
 * Writes the locals of a function that takes the depth, without the first, whose place the parameter has, and code that makes that one 0 and
 * keeps the depth in the local for it.
 */
export function writeLocalsOfTaker(out: Writer, bytes: Uint8Array, charges: Charges, added: AddedLocals, depthParameter: number): void {
  const { localGroups, localsAt, codeAt, locals } = charges
  const hasLocals = depthParameter < locals
  if (hasLocals) {
    const reader = new Reader(bytes, { start: localsAt, end: codeAt })
    const first = reader.u32('the number of locals')
    out
      .u32(localGroups + added.types.length)
      .u32(first - 1)
      .range(bytes, reader.position, codeAt)
    for (const type of added.types) out.u32(1).byte(type)
  } else writeLocals(out, bytes, charges, added.types)
  out.byte(OPCODE.localGet).u32(depthParameter).byte(OPCODE.localSet).u32(added.depth)
  if (hasLocals) out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.localSet).u32(depthParameter)
}
