import { decodeModule, SECTION_ORDER } from '../../../src/wasm/decode/decode.ts'
import { InstructionReader } from '../../../src/wasm/decode/instructions.ts'
import type { DecodedModule, FunctionBody, FunctionType, Section } from '../../../src/wasm/format/module.ts'
import { Reader } from '../../../src/wasm/format/reader.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { Writer } from '../../../src/wasm/format/writer.ts'

/** The export that holds the number of units spent. */
export const COUNT = 'reference:count'

const I32 = 0x7f
const GROW_COST = 800
const FILL_COST = 30
const TABLE_COST = 30
const THROW_COST = 400
const MOVES_PER_UNIT = 8
const PASSED_PER_UNIT = 4
const MANY_LOCALS = 256
const MANY_PASSED = 32
const TRY = 0x06
const TRY_TABLE = 0x1f
const MEMORY_GROW = 0x40
const BULK = 0xfc
const TABLE_GROW = 15
/** Units for each page that `memory.grow` asks for, and the most that a memory may have. */
const GROW_PAGE_COST = 5000
const MAX_PAGES = 65_536
const MEMORY_FILL = 11
const TABLE_SIZE = 16
const SIZED_BYTES: readonly number[] = [8, 10, MEMORY_FILL]
const SIZED_ELEMENTS: readonly number[] = [12, 14, 17]
const THROWS: readonly number[] = [0x08, 0x09, 0x0a]
const BLOCKS: readonly number[] = [0x02, 0x03, 0x04, TRY, TRY_TABLE]
const LOOP = 0x03
const ENDS: readonly number[] = [0x0b, 0x18]
const BRANCHES: readonly number[] = [0x0c, 0x0d, 0x0e, TRY_TABLE, 0xd5, 0xd6]
const CALL = 0x10
const INDIRECT_CALLS: readonly number[] = [0x11, 0x14]
const TABLE_SET = 0x26

export interface CountedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether the module catches exceptions. */
  readonly catches: boolean
}

/**
 * Returns the module with a separate counter for each instruction: slow, and simple enough to be a reference. Nothing stops
 * the module. The price of exceptions is counted in part only.
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
      if (countBody(code, module, body, parameters, global)) catches = true
    })
  }
  const replaced = new Map([
    [SECTION.global as number, globals],
    [SECTION.export as number, exports],
  ])
  if (module.bodies.length > 0) replaced.set(SECTION.code, code.finish())
  return { bytes: assemble(module, replaced), catches }
}

/** Writes a body that counts its instructions. Returns whether it catches exceptions. */
function countBody(out: Writer, module: DecodedModule, { body }: FunctionBody, parameters: number, global: number): boolean {
  const { bytes } = module
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
  const add = (units: number): Writer => out.byte(0x23).u32(global).byte(0x41).s32(units).byte(0x6a).byte(0x24).u32(global)
  add(Math.floor(size / (size < MANY_LOCALS ? MOVES_PER_UNIT : 1)))
  const instruction = new InstructionReader(reader)
  // The number of operands that a branch to each open block carries; branches to the function itself are not counted.
  const labels = [0]
  let catches = false
  while (!reader.done) {
    instruction.read()
    const { at, next, opcode, number } = instruction
    catches ||= opcode === TRY || opcode === TRY_TABLE
    add(1 + extraCost(module, instruction, labels))
    if (opcode === MEMORY_GROW || (opcode === BULK && [...SIZED_BYTES, ...SIZED_ELEMENTS].includes(number))) {
      out.byte(0x21).u32(size).byte(0x23).u32(global).byte(0x20).u32(size)
      if (opcode === MEMORY_GROW)
        out.byte(0x20).u32(size).byte(0x41).s32(MAX_PAGES).byte(0x4d).byte(0x6c).byte(0x41).s32(GROW_PAGE_COST).byte(0x6c)
      else if (SIZED_BYTES.includes(number)) {
        out.byte(0x41).s32(2).byte(0x76)
        out.byte(0x20).u32(size).byte(0x41).s32(16).byte(0x76).byte(0x3f).u32(instruction.index).byte(0x4d).byte(0x6c)
      } else {
        out.byte(0x41).s32(6).byte(0x74)
        out.byte(0x20).u32(size).byte(BULK).u32(TABLE_SIZE).u32(instruction.index).byte(0x4d).byte(0x6c)
      }
      out.byte(0x6a).byte(0x24).u32(global).byte(0x20).u32(size)
    }
    if (opcode === BULK && number === TABLE_GROW) {
      out
        .byte(0x23)
        .u32(global)
        .byte(BULK)
        .u32(TABLE_SIZE)
        .u32(instruction.index)
        .byte(0x41)
        .s32(2)
        .byte(0x74)
        .byte(0x6a)
        .byte(0x24)
        .u32(global)
    }
    if (BLOCKS.includes(opcode)) labels.push(carriedBy(module, instruction))
    if (ENDS.includes(opcode)) labels.pop()
    out.range(bytes, at, next)
  }
  return catches
}

/** Returns what an instruction costs beyond one unit, except for costs that depend on operands. */
function extraCost(
  module: DecodedModule,
  { opcode, number, index, labels: targets }: InstructionReader,
  labels: readonly number[],
): number {
  if (opcode === MEMORY_GROW || (opcode === BULK && number === TABLE_GROW)) return GROW_COST
  if (opcode === BULK && number === MEMORY_FILL) return FILL_COST
  if (opcode === TABLE_SET || (opcode === BULK && SIZED_ELEMENTS.includes(number))) return TABLE_COST
  if (THROWS.includes(opcode)) return THROW_COST
  if (BRANCHES.includes(opcode)) return moves(Math.max(0, ...targets.map((target) => labels.at(-1 - target) ?? 0)))
  const imported = module.functions.length - module.bodies.length
  if (opcode === CALL && index >= imported) return movesOf(module.functions[index])
  return INDIRECT_CALLS.includes(opcode) ? movesOf(module.types[index]) : 0
}

function moves(operands: number): number {
  return Math.floor(operands / MOVES_PER_UNIT)
}

function movesOf(type: FunctionType | undefined): number {
  const passed = (type?.params.length ?? 0) + (type?.results.length ?? 0)
  return Math.floor(passed / (passed < MANY_PASSED ? PASSED_PER_UNIT : 2))
}

/** Returns the number of operands that a branch to a block carries. */
function carriedBy({ types }: DecodedModule, { opcode, blockType }: InstructionReader): number {
  if (blockType < 0) return blockType === -64 || opcode === LOOP ? 0 : 1
  const type = types[blockType]
  return (opcode === LOOP ? type?.params : type?.results)?.length ?? 0
}

/** Returns a section's entries with more appended. */
function withEntries({ bytes, sections }: DecodedModule, id: number, added: number, write: (out: Writer) => void): Uint8Array<ArrayBuffer> {
  const section = sections.find((candidate) => candidate.id === id)
  const reader = section === undefined ? undefined : new Reader(bytes, section.payload)
  const count = reader?.count('entries') ?? 0
  const out = new Writer().u32(count + added)
  if (reader !== undefined) out.bytes(bytes.subarray(reader.position, reader.end))
  write(out)
  return out.finish()
}

/** Returns the module with sections replaced or added in order. */
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
