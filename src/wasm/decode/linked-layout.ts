import { skipValueType } from '../format/bounds.ts'
import type { DataSegment, DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { InstructionReader } from './instructions.ts'
import { constantAt, STACK_POINTER_NAMES, stackPointers } from './stack-pointers.ts'

/** Custom sections that compilers and linkers write. */
const LINKER_SECTIONS: readonly string[] = ['producers', 'target_features', 'linking', 'dylink.0', '.debug_info']
/** Globals in which linkers keep the places of what they laid out. */
const LAYOUT_GLOBALS: readonly string[] = ['__heap_base', '__heap_end', '__data_end', '__global_base', '__memory_base', '__table_base']
/** The names of what AssemblyScript's library defines begin with this. */
const LIBRARY = '~lib/'
/** Linkers place nothing below this address. */
const FIRST_ADDRESS = 1024
/** The first load, the last store, and the flag of an alignment that the index of a memory follows. */
const [LOAD, STORE, HAS_INDEX] = [0x28, 0x3e, 0x40]

/**
 * Returns whether a linker or a compiler, rather than a person, decided where the variables of a module lie. Then a small edit may
 * move all of them. `isText` tells that the module was assembled from text: otherwise one without any names is a compiler's, and
 * so is one that uses a global as a stack pointer.
 */
export function isLinked(module: DecodedModule, isText: boolean): boolean {
  const { sections, names, exports } = module
  const known = [...names.globals.values(), ...exports.map(({ name }) => name)]
  return (
    (!isText && names.globals.size === 0 && names.functions.size === 0) ||
    sections.some(({ name }) => name !== undefined && LINKER_SECTIONS.includes(name)) ||
    known.some((name) => LAYOUT_GLOBALS.includes(name) || STACK_POINTER_NAMES.includes(name) || name.startsWith(LIBRARY)) ||
    (!isText && stackPointers(module).length > 0)
  )
}

/**
 * Returns how the layout of a linked module differs from that of an earlier version; `undefined` if nothing shows that a variable
 * or a function in a table has moved.
 */
export function linkedDifference(old: DecodedModule, next: DecodedModule): string | undefined {
  const [before, after] = [old.data, next.data]
  if (before.length !== after.length) return `it has ${after.length} data segments, where it had ${before.length}`
  for (const [index, segment] of after.entries()) {
    const was = before[index] as DataSegment
    if (placeOf(next, segment) !== placeOf(old, was)) return `data segment ${index} begins at another address`
    const [size, sizeBefore] = [sizeOf(segment), sizeOf(was)]
    if (size !== sizeBefore) return `data segment ${index} is ${size} bytes long, where it was ${sizeBefore}`
  }
  const globals = layoutGlobals(next)
  for (const [name, value] of layoutGlobals(old)) if (globals.get(name) !== value) return `${name} is at another address`
  if (globals.size !== layoutGlobals(old).size) return 'it keeps other addresses in globals'
  if (old.memories[0]?.minimum !== next.memories[0]?.minimum) return 'its memory begins with another size'
  if (tablesOf(old) !== tablesOf(next)) return 'its table holds other functions'
  const [used, usedBefore] = [staticAddresses(next), staticAddresses(old)]
  const moved = [...used].find((address) => !usedBefore.has(address)) ?? [...usedBefore].find((address) => !used.has(address))
  return moved === undefined ? undefined : `only one of the two versions names the address ${moved}, so variables may have moved`
}

/** Returns the bytes of the instructions that compute the address of a segment. */
export function placeOf({ bytes }: DecodedModule, { offset }: DataSegment): string {
  return offset === undefined ? '' : bytes.subarray(offset.start, offset.end).join()
}

function sizeOf({ range }: DataSegment): number {
  return range.end - range.start
}

/** Returns the initial values of the globals that hold addresses, by name or, for stack pointers, by order. */
function layoutGlobals(module: DecodedModule): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const add = (name: string, index: number): void => {
    const global = module.globals[index]
    if (global !== undefined && 'initializer' in global)
      found.set(name, module.bytes.subarray(global.initializer.start, global.initializer.end).join())
  }
  for (const [index, name] of module.names.globals) if (LAYOUT_GLOBALS.includes(name)) add(`'${name}'`, index)
  for (const { kind, name, index } of module.exports) if (kind === 'global' && LAYOUT_GLOBALS.includes(name)) add(`'${name}'`, index)
  for (const [order, index] of stackPointers(module).entries()) add(order === 0 ? 'the stack' : `stack ${order}`, index)
  return found
}

/** Returns the sizes of tables and what they begin with, by the names of functions as far as they have names. */
function tablesOf({ tables, elements, names }: DecodedModule): string {
  const segments = elements.map(({ table, mode, functions }) => [
    table,
    mode,
    functions.map((index) => names.functions.get(index) ?? `function ${index}`),
  ])
  return JSON.stringify([tables, segments])
}

/** Returns the numbers in the code that may be addresses of variables: offsets of loads and stores, and constants within the memory. */
function staticAddresses(module: DecodedModule): ReadonlySet<number> {
  const found = new Set<number>()
  const end = (module.memories[0]?.minimum ?? 0) * 65_536
  const add = (address: number): void => {
    if (address >= FIRST_ADDRESS && address < end) found.add(address)
  }
  for (const { body } of module.bodies) {
    const reader = new Reader(module.bytes, body)
    for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
      reader.u32('the number of locals')
      skipValueType(reader)
    }
    const instruction = new InstructionReader(reader)
    while (!reader.done) {
      instruction.read()
      const { opcode, at } = instruction
      if (opcode === OPCODE.i32Const) add(constantAt(module.bytes, at) ?? 0)
      else if (opcode >= LOAD && opcode <= STORE) add(offsetAt(module, at, reader.position))
    }
  }
  return found
}

/** Returns the offset of the load or store between two places. */
function offsetAt({ bytes }: DecodedModule, at: number, end: number): number {
  const immediates = new Reader(bytes, { start: at + 1, end })
  if ((immediates.u32('an alignment') & HAS_INDEX) !== 0) immediates.u32('the index of a memory')
  return immediates.done ? 0 : immediates.u32('an offset')
}
