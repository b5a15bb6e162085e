import { EXPORT } from '../../abi/exports.ts'
import type { Program } from '../../guest/guest.ts'
import type { LinkedServices } from '../../host/services/linked-services.ts'
import { abbreviate } from '../../printable.ts'
import type { ResolvedLoadOptions } from '../api/load-options.ts'

/** Warnings of one kind that are listed. */
const MAX_WARNINGS = 10

/** Returns the warnings about a program, which can run all the same. */
export function warningsOf(
  program: Program,
  { config, requires, actor }: ResolvedLoadOptions,
  services: LinkedServices | undefined,
): string[] {
  const exports = program.exports()
  const misnamed = exports.flatMap(({ name, warning }) =>
    warning === undefined || requires.includes(name) ? [] : [`export '${abbreviate(name)}': ${warning}`],
  )
  const warnings = [...firstOf(misnamed), ...(program.warnings ?? [])]
  const names = new Set(exports.map(({ name }) => name))
  const isBlock = names.has(EXPORT.state) && names.has(EXPORT.stateSize)
  const half = [EXPORT.stateSize, EXPORT.migrateState].find((name) => names.has(name) && !isBlock)
  if (half !== undefined) warnings.push(`export '${half}' has no effect: the state is carried if state and state_size are both exported`)
  // An actor has it in its context.
  if (config !== null && !program.takesConfig && actor === undefined && services?.usesConfig !== true)
    warnings.push('the config is passed to nothing: export init with the parameters (i32, i32), a pointer to its JSON and the length')
  return warnings
}

/** Returns the first warnings, and how many there are. A module may have very many exports. */
export function firstOf(warnings: readonly string[]): string[] {
  const more = warnings.length - MAX_WARNINGS
  return more <= 0 ? [...warnings] : [...warnings.slice(0, MAX_WARNINGS), `and ${more} more warnings of this kind`]
}
