import { EXPORT, exportRule } from '../../abi/exports.ts'
import type { Program } from '../../guest/guest.ts'
import type { ResolvedLoadOptions } from '../api/load-options.ts'

/** Exports without which the same calls are made another way. */
const REPLACEABLE: readonly string[] = [EXPORT.process, EXPORT.alloc, EXPORT.dealloc, EXPORT.memory]

/** Returns what a person would want to know of a program that can run all the same. */
export function warningsOf(program: Program, { config, requires }: ResolvedLoadOptions): string[] {
  const warnings = program
    .describe()
    .exports.flatMap(({ name, warning }) => (warning === undefined || requires.includes(name) ? [] : [`export '${name}': ${warning}`]))
  const names = new Set(program.describe().exports.map(({ name }) => name))
  const isBlock = names.has(EXPORT.state) && names.has(EXPORT.stateSize)
  const half = [EXPORT.stateSize, EXPORT.migrateState].find((name) => names.has(name) && !isBlock)
  if (half !== undefined) warnings.push(`export '${half}' has no effect: the state is carried if state and state_size are both exported`)
  if (config !== null && !program.takesConfig)
    warnings.push('the config is passed to nothing: export init with the parameters (i32, i32), a pointer to its JSON and the length')
  return warnings
}

/** Returns a warning for each export that the runtime called in the old code and that the new code has not. */
export function lostExports(old: Program, next: Program): string[] {
  const kept = new Set(next.describe().exports.map(({ name }) => name))
  const lost = old.describe().exports.filter(({ name }) => exportRule(name) !== undefined && !REPLACEABLE.includes(name) && !kept.has(name))
  return lost.map(({ name }) => `it no longer exports '${name}', which the runtime called`)
}
