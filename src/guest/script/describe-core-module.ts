import { type DecodedModule, formatFunctionType, type ImportDescription, type ModuleExport } from '../../wasm/format/module.ts'
import type { CoreModuleDescription, DescribedName } from '../module-description.ts'
import { warningOfExport } from './near-misses.ts'

/** Returns the size, the imports and the exports of a core module. */
export function describeCoreModule(module: DecodedModule): CoreModuleDescription {
  return {
    bytes: module.bytes.length,
    functions: module.bodies.length,
    memoryPages: module.memories.reduce((sum, memory) => sum + memory.minimum, 0),
    imports: module.imports.map((entry) => ({ module: entry.module, name: entry.name, type: importType(entry) })),
    exports: module.exports.map((entry) => ({
      name: entry.name,
      type: exportType(module, entry.kind, entry.index),
      ...warningOf(module, entry),
    })),
  }
}

/** Returns the names of the exports, and what is probably a mistake about them. */
export function exportsOf(module: DecodedModule): readonly Pick<DescribedName, 'name' | 'warning'>[] {
  return module.exports.map((entry) => ({ name: entry.name, ...warningOf(module, entry) }))
}

function warningOf(module: DecodedModule, { name, kind, index }: ModuleExport): Pick<DescribedName, 'warning'> {
  const type = kind === 'func' ? module.functions[index] : undefined
  return type === undefined ? {} : warningOfExport(name, type, module)
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
