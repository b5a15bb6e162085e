import type { DecodedModule } from '../../../wasm/format/module.ts'
import { importedFunctions } from '../../../wasm/format/module.ts'
import { OPCODE } from '../../../wasm/format/opcodes.ts'
import { Reader } from '../../../wasm/format/reader.ts'
import type { CoreInstance, CoreItem } from './scope.ts'

type Made = Extract<CoreInstance, { kind: 'made' }>

/** A core module, and what its instances import by module and name. */
export interface CoreCode {
  readonly module: DecodedModule
  readonly importOf: (instance: Made, module: string, name: string) => CoreItem | undefined
}

/**
 * Tools that make components let a core module call what needs its own memory through a table: a first module calls its slots, and
 * a last one fills them. Returns the function that such a call ends in; `undefined` for any other function.
 */
export function throughTable(
  { instance, name }: Extract<CoreItem, { kind: 'export' }>,
  made: readonly CoreInstance[],
  codeOf: (instance: Made) => CoreCode,
): CoreItem | undefined {
  if (instance.kind !== 'made') return undefined
  const { module } = codeOf(instance)
  const exported = functionsOf(module).get(name)
  const slot = exported === undefined ? undefined : slotOf(module, exported)
  if (slot === undefined) return undefined
  const table = module.exports.find((entry) => entry.kind === 'table' && entry.index === slot.table)?.name
  for (const filler of made) {
    if (table === undefined || filler.kind !== 'made') continue
    const found = filling(filler, { instance, table, slot: slot.index }, codeOf(filler))
    if (found !== undefined) return found
  }
  return undefined
}

const functions = new WeakMap<DecodedModule, ReadonlyMap<string, number>>()

/** Returns the functions that a module exports, by name. Each name may be looked up, in modules that export many. */
function functionsOf(module: DecodedModule): ReadonlyMap<string, number> {
  const known = functions.get(module)
  if (known !== undefined) return known
  const found = new Map(module.exports.flatMap(({ kind, name, index }) => (kind === 'func' ? [[name, index] as const] : [])))
  functions.set(module, found)
  return found
}

/** Returns the slot of a table that a function calls with its own parameters, if that is all it does. */
function slotOf(module: DecodedModule, functionIndex: number): { readonly table: number; readonly index: number } | undefined {
  const body = module.bodies[functionIndex - importedFunctions(module)]
  const type = module.functions[functionIndex]
  if (body === undefined || type === undefined) return undefined
  const reader = new Reader(module.bytes, body.body)
  if (reader.u32('locals') !== 0) return undefined
  for (const index of type.params.keys()) {
    if (reader.byte('a call') !== OPCODE.localGet || reader.u32('a parameter') !== index) return undefined
  }
  if (reader.byte('a call') !== OPCODE.i32Const) return undefined
  const index = reader.s33('a slot')
  if (reader.byte('a call') !== OPCODE.callIndirect) return undefined
  reader.u32('a type')
  const table = reader.u32('a table')
  return reader.byte('a call') === OPCODE.end && reader.done ? { table, index } : undefined
}

interface Slot {
  readonly instance: Made
  readonly table: string
  readonly slot: number
}

/** Returns what an instance puts into a slot of a table that it imports. */
function filling(filler: Made, { instance, table, slot }: Slot, { module, importOf }: CoreCode): CoreItem | undefined {
  const tables = module.imports.filter(({ kind }) => kind === 'table')
  const isTable = (index: number): boolean => {
    const entry = tables[index]
    const item = entry === undefined ? undefined : importOf(filler, entry.module, entry.name)
    return item?.kind === 'export' && item.instance === instance && item.name === table
  }
  for (const { mode, table: filled, functions: indices, range } of module.elements) {
    if (mode !== 'active' || !isTable(filled)) continue
    const start = constantOffset(module, range.start)
    const index = start === undefined ? undefined : indices[slot - start]
    const imports = module.imports.filter(({ kind }) => kind === 'func')
    const entry = index === undefined ? undefined : imports[index]
    if (entry !== undefined) return importOf(filler, entry.module, entry.name)
  }
  return undefined
}

/** Returns the offset of a segment of the plainest kind; `undefined` for others. */
function constantOffset({ bytes }: DecodedModule, start: number): number | undefined {
  const reader = new Reader(bytes, { start, end: bytes.length })
  if (reader.u32('a segment') !== 0 || reader.byte('an offset') !== OPCODE.i32Const) return undefined
  return reader.s33('an offset')
}
