import leven from 'leven'
import { EXPORT, EXPORT_RULES, exportRule, handlerOf } from '../../abi/exports.ts'
import type { FunctionType } from '../../wasm/format/module.ts'
import type { DescribedName } from '../module-description.ts'

/** Exports with common names, and those that only other exports need. A module may well have functions with names like these. */
const UNLIKELY: readonly string[] = [EXPORT.process, EXPORT.alloc, EXPORT.dealloc]
/** The exports that a misspelt name may stand for. */
const MEANT = EXPORT_RULES.filter(({ name, kind, signatures }) => kind === 'func' && signatures !== undefined && !UNLIKELY.includes(name))
/** Exports that run each tick or once, which an event handler of that name does not. */
const NO_EVENTS: readonly string[] = [EXPORT.tick, EXPORT.update, EXPORT.init]
/** Letters from which on a name that differs in one of them is more likely misspelt than another word. */
const LONG = 10

/** A module, as far as the names of its exports go. */
interface NamedExports {
  readonly exports: readonly { readonly name: string }[]
}

/** Returns a warning for an exported function whose name resembles one that the runtime calls. */
export function warningOfExport(name: string, type: Pick<FunctionType, 'results'>, module: NamedExports): Pick<DescribedName, 'warning'> {
  const meant = meantExport(name, type, module)
  return meant === undefined ? {} : { warning: `the runtime does not call it; did you mean '${meant}'?` }
}

/**
 * Returns the export that a module probably means by a function of this name, which the runtime does not call; `undefined` if
 * the name resembles none that the module lacks.
 */
function meantExport(name: string, type: Pick<FunctionType, 'results'>, { exports }: NamedExports): string | undefined {
  if (exportRule(name) !== undefined && !name.startsWith('on_')) return undefined
  const known = MEANT.filter(
    (rule) =>
      !exports.some((each) => each.name === rule.name) && rule.signatures?.some(({ results }) => results.length > 0) === hasResult(type),
  )
  return known.find((rule) => rule.name !== name && resembles(name, rule.name))?.name
}

function hasResult({ results }: Pick<FunctionType, 'results'>): boolean {
  return results.length > 0
}

function resembles(name: string, known: string): boolean {
  if (NO_EVENTS.includes(known) && name === handlerOf(known)) return true
  const [one, other] = [plain(name), plain(known)]
  if (one === other) return true
  const distance = leven(one, other, { maxDistance: 3 })
  if (one.length !== other.length) return distance === 1
  if (distance === 2) return sorted(one) === sorted(other)
  // Short names that differ in a letter are other words: pick and tick, on_attack and on_attach, get_stats and get_state.
  return distance === 1 && (known === EXPORT.update || other.length >= LONG)
}

/** Returns a name in one way of writing: `onAttach`, `on-attach` and `on_attach` are the same. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

function sorted(name: string): string {
  return [...name].sort().join('')
}
