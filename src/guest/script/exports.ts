import { EXPORTS } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import type { SourceModule } from '../../runtime/load/source.ts'
import { type DecodedModule, formatFunctionType, sameFunctionType } from '../../wasm/format/module.ts'
import { locateName } from './locate.ts'

const EVENT_PREFIX = 'on_'
const ATTACHMENT_EVENTS = ['on_attach', 'on_detach']
/** Only a script that is loaded as an actor owes these their types. */
const UNCHECKED = ['process']

/** The event that an export handles: `hit` of `on_hit`; `undefined` for every other name. */
export function handledEvent(name: string): string | undefined {
  return name.startsWith(EVENT_PREFIX) && !ATTACHMENT_EVENTS.includes(name) ? name.slice(EVENT_PREFIX.length) : undefined
}

/**
 * Holds a module's exports against the ABI and against what the host requires.
 * Throws `MissingExport`, `SignatureMismatch`.
 */
export function checkExports(module: DecodedModule, requires: readonly string[], source: SourceModule): void {
  const names = module.exports.map((entry) => entry.name)
  for (const name of requires) {
    if (!names.includes(name)) throw new ScriptError('MissingExport', `it must export '${name}'${suggest(name, names)}`)
  }
  if (!module.exports.some((entry) => entry.kind === 'func')) {
    throw new ScriptError('MissingExport', 'it exports no function that could be called, such as update or tick')
  }
  for (const entry of module.exports) {
    try {
      checkExport(module, entry.name, entry.kind, entry.index)
    } catch (error) {
      throw error instanceof ScriptError ? locateName(error, source, { export: entry.name }) : error
    }
  }
  const passing = passesText(module)
  if (passing !== undefined && !module.exports.some((entry) => entry.name === 'memory')) {
    throw new ScriptError('MissingExport', `${passing} passes text, so it must export its memory as 'memory'`)
  }
}

function checkExport(module: DecodedModule, name: string, kind: string, index: number): void {
  const event = handledEvent(name) !== undefined
  const rule = EXPORTS.find((entry) => entry.name === name) ?? (event ? EXPORTS.find((entry) => entry.name === 'on_<event>') : undefined)
  if (rule === undefined || UNCHECKED.includes(name)) return
  if (kind !== rule.kind) {
    throw new ScriptError('SignatureMismatch', `the export '${name}' is a ${kind} and must be a ${rule.kind}`, { export: name })
  }
  const type = kind === 'func' ? module.functions[index] : undefined
  if (type === undefined) return
  if (rule.signatures === undefined) {
    if (type.results.length === 0 && type.params.every((param) => /^[if](32|64)$/.test(param))) return
    throw new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and must take numbers and return nothing`, {
      export: name,
    })
  }
  if (rule.signatures.some((signature) => sameFunctionType(signature, type))) return
  const wanted = rule.signatures.map(formatFunctionType).join(' or ')
  throw new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and must be ${wanted}`, { export: name })
}

/** The first import or export of the ABI that passes a pointer. */
function passesText(module: DecodedModule): string | undefined {
  const log = module.imports.find((entry) => entry.kind === 'func' && entry.module === 'host' && entry.name.startsWith('log'))
  if (log !== undefined) return `the import host.${log.name}`
  const exports = module.exports.filter((entry) => entry.kind === 'func')
  const init = exports.find((entry) => entry.name === 'init' && module.functions[entry.index]?.params.length === 2)
  const text = init ?? exports.find((entry) => ['get_state', 'set_state', 'get_metadata'].includes(entry.name))
  return text === undefined ? undefined : `the export '${text.name}'`
}
