import { DEFAULT_LIMITS } from '../../abi/limits.ts'
import { coreEngine } from '../../engine/compile.ts'
import { checkExports } from '../../guest/script/exports.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import { type DecodedModule, formatFunctionType, type ImportDescription } from '../../wasm/format/module.ts'
import { inSource } from '../script/store.ts'
import { readSource, type ScriptSource, sourceName } from './source.ts'

/** An import or an export of a module, with its type as text: `(i32) → f32`, `memory 1`, `global (mut i32)`. */
export interface DescribedName {
  readonly name: string
  /** Of an import: the module it comes from. */
  readonly module?: string
  readonly type: string
}

/** What a module is made of. */
export interface ModuleDescription {
  /** Bytes of the binary. */
  readonly bytes: number
  /** Functions that the module defines. */
  readonly functions: number
  /** Pages of 64 KiB that its memories begin with. */
  readonly memoryPages: number
  readonly imports: readonly DescribedName[]
  readonly exports: readonly DescribedName[]
}

/**
 * Checks a script without a world: reads it, assembles it, holds its exports against the ABI and lets the engine compile
 * it. Its imports are listed, not resolved: `checkModule` of a runtime does that.
 *
 * Rejects with a `ScriptError`, of text with location and frame.
 */
export async function describeModule(source: ScriptSource): Promise<ModuleDescription> {
  const name = sourceName(source) ?? 'script'
  try {
    const read = await readSource(source, name, DEFAULT_LIMITS.moduleBytes)
    const module = decodeModule(read.bytes)
    await coreEngine.check(read.bytes)
    checkExports(module, [], read)
    return description(module)
  } catch (error) {
    throw inSource(name, error)
  }
}

/** What a decoded module is made of. */
export function description(module: DecodedModule): ModuleDescription {
  return {
    bytes: module.bytes.length,
    functions: module.bodies.length,
    memoryPages: module.memories.reduce((sum, memory) => sum + memory.minimum, 0),
    imports: module.imports.map((entry) => ({ module: entry.module, name: entry.name, type: importType(entry) })),
    exports: module.exports.map((entry) => ({ name: entry.name, type: exportType(module, entry.kind, entry.index) })),
  }
}

function importType(entry: ImportDescription): string {
  return entry.kind === 'func' ? formatFunctionType(entry.type) : entry.kind
}

function exportType(module: DecodedModule, kind: ImportDescription['kind'], index: number): string {
  const type = kind === 'func' ? module.functions[index] : undefined
  if (type !== undefined) return formatFunctionType(type)
  const global = kind === 'global' ? module.globals[index] : undefined
  if (global !== undefined) return `global ${global.mutable ? `(mut ${global.value})` : global.value}`
  const memory = kind === 'memory' ? module.memories[index] : undefined
  return memory === undefined ? kind : `memory ${memory.minimum}${memory.maximum === undefined ? '' : ` ${memory.maximum}`}`
}
