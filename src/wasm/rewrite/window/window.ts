import * as SECTION from '../../format/section.ts'
/*
 * A script's own memory as a window of the host's memory, for engines that allow one memory in a module.
 *
 * The rewriter makes a module of two memories: the script's own, 0, and the host's, 1, in which the columns lie. This pass makes one memory of
 * them: the window is a range of the host's memory, `base` to `base + capacity`, that nobody else uses. The base is in the code; the size is a
 * mutable i64 global, as `memory.grow` changes it. For a load of 4 bytes with the static offset 8, at the address `a`:
 *
 *     if ((u64) a + 12 > size) trap
 *     i32.load offset=(base + 8) (a)
 *
 * A function with more accesses than calls keeps the size in a local, which it reads anew after each call. Stores take their operands into locals first. `memory.size` and `memory.grow` read and write the global. `memory.fill`, `memory.copy` and
 * `memory.init` check each of their ranges, and add the base to it. Data segments become passive; a function that the host calls before all
 * others writes those that were active, by checked instructions. The trap is a load past the end of any memory, so that it has the words of the
 * engine. Fuel was charged before, and is the same. A pointer of the script stays what it is: an offset into its own memory.
 *
 * Why no code of a script reaches a column, or the window of another script:
 *
 * 1. The engine has validated the script with its own memories alone. So each instruction of it that names a memory names one of its own. Only
 *    instructions that the rewriter has inserted name the memory after those, and they access columns, lists of entities and query results.
 * 2. Every instruction that touches its own memory is replaced. The list of instructions is one of what touches no memory
 *    (`memory-access.ts`): one that is not known is refused, and so would be one that WebAssembly adds.
 * 3. Each access takes its address from a local that was checked before: directly before it, or, if the local has not changed since and no function
 *    was called, by an earlier check on the same way that reaches as far (`known-addresses.ts`). The size changes only by `memory.grow` of this
 *    instance, which raises it, and by the host, which runs only within calls. After those everything is read and checked anew. A function with
 *    handlers, which an exception may enter out of any call, reads and checks the size for each access.
 * 4. The check is exact. Address, offset and width are sums in 64 bits of numbers below 2^32, which cannot wrap. The global is at most the
 *    capacity, since only `memory.grow` raises it, up to the room, which the host sets to the capacity or to 0. So an access that passes is
 *    within `base` to `base + capacity`; the engine adds address and static offset without wrapping, too.
 * 5. A static offset past the capacity is a trap without an access: with the base, it might be no offset that the format can express.
 * 6. No code of the script can name the two globals, for the same reason as the host's memory: it was validated without them.
 * 7. An instance that has to leave the window has the size 0 and the room 0: then every access of it traps, and it cannot grow.
 *
 * The host zeroes a window before an instance gets it, so that no script reads what another has left.
 */

import { PAGE_BYTES } from '../../../abi/types.ts'
import { decodeModule } from '../../decode/decode.ts'
import { globalType, limits, tableType } from '../../decode/value-types.ts'
import { type DecodedModule, importedFunctions, type MemoryWindow } from '../../format/module.ts'
import { BULK, OPCODE, VALUE_TYPE } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import { RESERVED } from '../../format/reserved.ts'
import { Writer } from '../../format/writer.ts'
import { extendSection, functionSection, typeSection } from '../sections.ts'
import { writeSections } from '../write-sections.ts'
import { type WindowListener, type WindowPlace, windowBody } from './window-body.ts'
import { writeLong } from './window-numbers.ts'

/** This code, which is loaded where a module can have one memory. */
export interface WindowCode {
  readonly windowModule: typeof windowModule
}

/** A module whose memory is a window. */
export interface WindowedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The offset of the code section's content. */
  readonly codeStart: number
}

const EXPORT_KINDS = { func: 0, table: 1, memory: 2, global: 3, tag: 4 } as const
const FUNCTION_TYPE = { params: [], results: [] }
const PASSIVE = 1

/**
 * Makes the own memory of a rewritten module a window. `minimum` is its initial size in pages. Throws `InvalidBinary` for an instruction that it
 * does not know, `TooLarge` for a function that becomes too large.
 */
export function windowModule(
  rewritten: Uint8Array<ArrayBuffer>,
  minimum: number,
  { base, pages }: MemoryWindow,
  listen?: WindowListener,
): WindowedModule {
  const module = decodeModule(rewritten)
  const place: WindowPlace = { base, capacity: pages * PAGE_BYTES, size: module.globals.length, room: module.globals.length + 1 }
  const payloads = new Map<number, Uint8Array>()
  payloads.set(SECTION.import, importsWithoutWindow(module))
  payloads.set(SECTION.global, windowGlobals(module, minimum, pages))
  const writesData = module.data.some(({ mode }) => mode === 'active')
  payloads.set(SECTION.export, windowExports(module, place, writesData))
  if (module.data.length > 0) {
    payloads.set(SECTION.data, passiveData(module))
    payloads.set(SECTION.dataCount, new Writer().u32(module.data.length).view())
  }
  if (writesData) {
    payloads.set(SECTION.type, typeSection(module, [FUNCTION_TYPE]))
    payloads.set(
      SECTION.function,
      functionSection(module, [{ name: RESERVED.windowData, type: module.types.length, write: () => undefined }]),
    )
  }
  payloads.set(SECTION.code, windowCode(module, place, writesData, listen))
  return assemble(module, payloads)
}

/** Returns the imports without those of memories of the script, which came before the host's. */
function importsWithoutWindow({ bytes, imports, sections }: DecodedModule): Uint8Array {
  const isWindow = (index: number): boolean => imports[index]?.kind === 'memory' && imports[index]?.name !== RESERVED.hostMemory
  const section = sections.find(({ id }) => id === SECTION.import)
  const out = new Writer()
  if (section === undefined) return out.u32(0).view()
  const reader = new Reader(bytes, section.payload)
  const count = reader.count('imports')
  out.u32(imports.filter((_, index) => !isWindow(index)).length)
  for (let index = 0; index < count; index++) {
    const start = reader.position
    reader.name('a module')
    reader.name('a name')
    readImport(reader)
    if (!isWindow(index)) out.range(bytes, start, reader.position)
  }
  return out.view()
}

/** Reads what follows the names of an import. */
function readImport(reader: Reader): void {
  const kind = reader.byte('an import')
  if (kind === EXPORT_KINDS.func) reader.u32('a type')
  else if (kind === EXPORT_KINDS.table) tableType(reader)
  else if (kind === EXPORT_KINDS.memory) limits(reader, 'a memory')
  else if (kind === EXPORT_KINDS.global) globalType(reader)
  else {
    // A tag.
    reader.skip(1, 'the attribute of a tag')
    reader.u32('a type')
  }
}

function windowGlobals(module: DecodedModule, minimum: number, pages: number): Uint8Array {
  const out = extendSection(module, SECTION.global, 2)
  out.byte(VALUE_TYPE.i64).byte(1).byte(OPCODE.i64Const)
  writeLong(out, minimum * PAGE_BYTES)
  out.byte(OPCODE.end)
  return out.byte(VALUE_TYPE.i32).byte(1).byte(OPCODE.i32Const).s32(pages).byte(OPCODE.end).view()
}

function windowExports(module: DecodedModule, { size, room }: WindowPlace, writesData: boolean): Uint8Array {
  const kept = module.exports.filter(({ kind }) => kind !== 'memory')
  const out = new Writer().u32(kept.length + (writesData ? 3 : 2))
  for (const { name, kind, index } of kept) out.name(name).byte(EXPORT_KINDS[kind]).u32(index)
  out.name(RESERVED.windowSize).byte(EXPORT_KINDS.global).u32(size).name(RESERVED.windowRoom).byte(EXPORT_KINDS.global).u32(room)
  if (writesData) out.name(RESERVED.windowData).byte(EXPORT_KINDS.func).u32(module.functions.length)
  return out.view()
}

function passiveData({ bytes, data }: DecodedModule): Uint8Array {
  const out = new Writer().u32(data.length)
  for (const { range } of data)
    out
      .byte(PASSIVE)
      .u32(range.end - range.start)
      .range(bytes, range.start, range.end)
  return out.view()
}

function windowCode(module: DecodedModule, place: WindowPlace, writesData: boolean, listen: WindowListener | undefined): Uint8Array {
  const { bytes, bodies, functions } = module
  const out = new Writer(2 * bytes.length).u32(bodies.length + (writesData ? 1 : 0))
  const imported = importedFunctions(module)
  for (const [index, { body }] of bodies.entries()) {
    const functionIndex = imported + index
    const params = functions[functionIndex]?.params.length ?? 0
    out.sized(() => windowBody(out, { ...place, bytes, body, params, functionIndex }, listen))
  }
  if (writesData) {
    const body = dataWriter(module)
    const code = { ...place, bytes: body, body: { start: 0, end: body.length }, params: 0, functionIndex: functions.length }
    out.sized(() => windowBody(out, code))
  }
  return out.view()
}

/** Returns the body of a function that does what an engine does with active segments as it makes an instance: it writes them, and drops them. */
function dataWriter({ bytes, data }: DecodedModule): Uint8Array {
  const DATA_DROP = 9
  const out = new Writer().u32(0)
  for (const [segment, { offset, range }] of data.entries()) {
    if (offset === undefined) continue
    // The constant expression without its `end`.
    out
      .range(bytes, offset.start, offset.end - 1)
      .byte(OPCODE.i32Const)
      .s32(0)
      .byte(OPCODE.i32Const)
      .s32(range.end - range.start)
    out.byte(OPCODE.bulk).u32(BULK.memoryInit).u32(segment).byte(0)
    out.byte(OPCODE.bulk).u32(DATA_DROP).u32(segment)
  }
  return out.byte(OPCODE.end).view()
}

/** Copies the module with these sections in the place of its own, and without memories of its own. */
function assemble(module: DecodedModule, payloads: ReadonlyMap<number, Uint8Array>): WindowedModule {
  const out = new Writer([...payloads.values()].reduce((sum, { length }) => sum + length, module.bytes.length))
  const codeStart = writeSections(out, module, payloads, ({ id }) => id === SECTION.memory)
  return { bytes: out.finish(), codeStart }
}
