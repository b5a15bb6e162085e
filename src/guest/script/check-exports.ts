import { EXPORT, exportRule, handledEvent, JSON_EXPORTS } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import { passesText } from '../../host/link/imports.ts'
import { suggest } from '../../nearest-name.ts'
import { type DecodedModule, type FunctionType, formatFunctionType, isNumberType, sameFunctionType } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** Exports whose types are checked only in actors. */
const UNCHECKED: readonly string[] = [EXPORT.process]
/** Exports that always pass text. */
const TEXT_EXPORTS: readonly string[] = [
  EXPORT.getState,
  EXPORT.setState,
  EXPORT.getMetadata,
  EXPORT.handleMessage,
  EXPORT.handleCallback,
  EXPORT.validateConfig,
  EXPORT.getVersion,
  EXPORT.jobChunk,
  EXPORT.onResponse,
]

/** The type of a function that stands for a number. */
const NUMBER: FunctionType = { params: [], results: ['i32'] }

/**
 * Checks a module's exports against the ABI and against what the host requires.
 * Throws `MissingExport`, `SignatureMismatch`.
 */
export function checkExports(
  module: DecodedModule,
  requires: readonly string[],
  source: SourceModule,
  { isPlugin = false }: { readonly isPlugin?: boolean } = {},
): void {
  const names = module.exports.map((entry) => entry.name)
  for (const name of requires) {
    if (!names.includes(name)) throw new ScriptError('MissingExport', `it must export '${name}'${suggest(name, names)}`)
  }
  if (!module.exports.some((entry) => entry.kind === 'func')) {
    throw new ScriptError('MissingExport', `it exports no function that could be called, such as ${EXPORT.update} or ${EXPORT.tick}`)
  }
  for (const entry of module.exports) {
    try {
      if (!isPlugin || !isPluginFunction(module, entry)) checkExport(module, entry.name, entry.kind, entry.index)
    } catch (error) {
      throw (error instanceof ScriptError && source.reader?.locateName(error, source, { export: entry.name })) || error
    }
  }
  const passing = describeTextPasser(module, isPlugin)
  if (passing !== undefined && !names.includes(EXPORT.memory)) {
    throw new ScriptError('MissingExport', `${passing} passes text, so it must export its memory as '${EXPORT.memory}'`)
  }
}

/** Exports that an Extism plugin may have as its functions, in the place of those of a script. */
const PLUGIN_EXPORTS: readonly string[] = [EXPORT.tick, EXPORT.onResponse, ...JSON_EXPORTS]

/** Returns whether an export has the type of a function of an Extism plugin, and a name that may have it. */
export function isPluginFunction({ functions }: DecodedModule, { kind, index, name }: DecodedModule['exports'][number]): boolean {
  const type = kind === 'func' ? functions[index] : undefined
  if (type === undefined || type.params.length > 0 || type.results.join() !== 'i32') return false
  return exportRule(name) === undefined || PLUGIN_EXPORTS.includes(name) || handledEvent(name) !== undefined
}

function checkExport(module: DecodedModule, name: string, kind: string, index: number): void {
  const rule = exportRule(name)
  if (rule === undefined || UNCHECKED.includes(name)) return
  if (rule.kind === 'number') {
    const type = kind === 'func' ? module.functions[index] : undefined
    const isNumber = type === undefined ? kind === 'global' && module.globals[index]?.value === 'i32' : sameFunctionType(NUMBER, type)
    if (isNumber) return
    const found = type === undefined ? kind : formatFunctionType(type)
    throw new ScriptError(
      'SignatureMismatch',
      `the export '${name}' is a ${found} and must be a global i32 or ${formatFunctionType(NUMBER)}`,
      {
        export: name,
      },
    )
  }
  if (kind !== rule.kind) {
    throw new ScriptError('SignatureMismatch', `the export '${name}' is a ${kind} and must be a ${rule.kind}`, { export: name })
  }
  const type = kind === 'func' ? module.functions[index] : undefined
  if (type === undefined) return
  if (rule.signatures === undefined) {
    if (type.results.length === 0 && type.params.every(isNumberType)) return
    throw new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and must take numbers and return nothing`, {
      export: name,
    })
  }
  if (rule.signatures.some((signature) => sameFunctionType(signature, type))) return
  const wanted = rule.signatures.map(formatFunctionType).join(' or ')
  throw new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and must be ${wanted}`, { export: name })
}

/** Returns a description of the first import or export of the ABI that passes text; `undefined` if none does. */
function describeTextPasser(module: DecodedModule, isPlugin: boolean): string | undefined {
  const imported = module.imports.find((entry) => entry.kind === 'func' && passesText(entry.module, entry.name))
  if (imported !== undefined) return `the import ${imported.module}.${imported.name}`
  const exports = module.exports.filter((entry) => entry.kind === 'func' && !(isPlugin && isPluginFunction(module, entry)))
  const init = exports.find((entry) => entry.name === EXPORT.init && module.functions[entry.index]?.params.length === 2)
  const text = init ?? exports.find((entry) => TEXT_EXPORTS.includes(entry.name))
  if (text !== undefined) return `the export '${text.name}'`
  const block = [EXPORT.state, EXPORT.stateSize].map((name) => module.exports.some((entry) => entry.name === name))
  return block.includes(false) ? undefined : `the export '${EXPORT.state}'`
}
