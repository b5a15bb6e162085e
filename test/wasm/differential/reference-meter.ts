import { decodeModule, SECTION, SECTION_ORDER } from '../../../src/wasm/decode/decode.ts'
import { InstructionReader } from '../../../src/wasm/decode/instructions.ts'
import type { DecodedModule, FunctionBody, Section } from '../../../src/wasm/format/module.ts'
import { Reader } from '../../../src/wasm/format/reader.ts'
import { Writer } from '../../../src/wasm/format/writer.ts'

/** The export by which a module tells how many units it spent. */
export const COUNT = 'reference:count'

const I32 = 0x7f
const GROW_COST = 256
const TRY = 0x06
const TRY_TABLE = 0x1f
const MEMORY_GROW = 0x40
const BULK = 0xfc
const TABLE_GROW = 15
const SIZED_BULK: readonly number[] = [8, 10, 11, 12, 14, 17]

export interface CountedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether it has handlers of exceptions. */
  readonly catches: boolean
}

/**
 * The module with every instruction counted by itself, as it is come to: too slow for anything but to say what fuel is, and
 * too simple to be wrong. Nothing stops it.
 */
export function countInstructions(bytes: Uint8Array<ArrayBuffer>): CountedModule {
  const module = decodeModule(bytes)
  const global = module.globals.length
  const globals = withEntries(module, SECTION.global, 1, (out) => out.byte(I32).byte(1).byte(0x41).s32(0).byte(0x0b))
  const exports = withEntries(module, SECTION.export, 1, (out) => out.name(COUNT).byte(3).u32(global))
  const code = new Writer().u32(module.bodies.length)
  const imported = module.functions.length - module.bodies.length
  let catches = false
  for (const [index, body] of module.bodies.entries()) {
    const parameters = module.functions[imported + index]?.params.length ?? 0
    code.sized(() => {
      if (countBody(code, bytes, body, parameters, global)) catches = true
    })
  }
  const replaced = new Map([
    [SECTION.global as number, globals],
    [SECTION.export as number, exports],
  ])
  if (module.bodies.length > 0) replaced.set(SECTION.code, code.finish())
  return { bytes: assemble(module, replaced), catches }
}

/** Writes a body that counts its instructions; gives whether it has handlers of exceptions. */
function countBody(out: Writer, bytes: Uint8Array, { body }: FunctionBody, parameters: number, global: number): boolean {
  const reader = new Reader(bytes, body)
  const groups = reader.count('groups of locals')
  const localsAt = reader.position
  let size = parameters
  for (let left = groups; left > 0; left--) {
    size += reader.u32('the number of locals')
    const type = reader.byte('a value type')
    if (type === 0x63 || type === 0x64) reader.s33('a heap type')
  }
  out
    .u32(groups + 1)
    .bytes(bytes.subarray(localsAt, reader.position))
    .u32(1)
    .byte(I32)
  const instruction = new InstructionReader(reader)
  let catches = false
  while (!reader.done) {
    instruction.read()
    const { at, next, opcode, number } = instruction
    catches ||= opcode === TRY || opcode === TRY_TABLE
    const grows = opcode === MEMORY_GROW || (opcode === BULK && number === TABLE_GROW)
    out
      .byte(0x23)
      .u32(global)
      .byte(0x41)
      .s32(grows ? 1 + GROW_COST : 1)
      .byte(0x6a)
      .byte(0x24)
      .u32(global)
    if (opcode === BULK && SIZED_BULK.includes(number)) {
      out.byte(0x21).u32(size).byte(0x23).u32(global)
      out.byte(0x20).u32(size).byte(0x41).s32(2).byte(0x76).byte(0x6a).byte(0x24).u32(global).byte(0x20).u32(size)
    }
    out.range(bytes, at, next)
  }
  return catches
}

/** A section's entries and more behind them. */
function withEntries({ bytes, sections }: DecodedModule, id: number, added: number, write: (out: Writer) => void): Uint8Array<ArrayBuffer> {
  const section = sections.find((candidate) => candidate.id === id)
  const reader = section === undefined ? undefined : new Reader(bytes, section.payload)
  const count = reader?.count('entries') ?? 0
  const out = new Writer().u32(count + added)
  if (reader !== undefined) out.bytes(bytes.subarray(reader.position, reader.end))
  write(out)
  return out.finish()
}

/** The module with sections replaced, or put in at their place. */
export function assemble({ bytes, sections }: DecodedModule, replaced: ReadonlyMap<number, Uint8Array>): Uint8Array<ArrayBuffer> {
  const out = new Writer().bytes(bytes.subarray(0, 8))
  const place = ({ id }: Pick<Section, 'id'>): number => SECTION_ORDER.indexOf(id)
  const kept = sections.filter(({ id }) => id !== SECTION.custom && !replaced.has(id))
  const all = [...kept, ...[...replaced.keys()].map((id) => ({ id }))].sort((one, other) => place(one) - place(other))
  for (const section of all) {
    const payload = replaced.get(section.id)
    if (payload !== undefined) out.byte(section.id).u32(payload.length).bytes(payload)
    else if ('header' in section) out.bytes(bytes.subarray(section.header.start, section.payload.end))
  }
  return out.finish()
}
