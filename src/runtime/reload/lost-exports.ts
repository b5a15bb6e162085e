import { EXPORT, exportRule } from '../../abi/exports.ts'
import type { Program } from '../../guest/guest.ts'
import { abbreviate } from '../../printable.ts'
import { firstOf } from '../load/warnings.ts'

/** Exports whose loss changes nothing that a person would notice: without them, the same calls are made in another way. */
const REPLACEABLE: readonly string[] = [EXPORT.process, EXPORT.alloc, EXPORT.dealloc, EXPORT.memory]

/** Returns a warning for each export that the runtime called in the old code and that the new code has not. */
export function lostExports(old: Program, next: Program): string[] {
  const kept = new Set(next.exports().map(({ name }) => name))
  const lost = old.exports().filter(({ name }) => exportRule(name) !== undefined && !REPLACEABLE.includes(name) && !kept.has(name))
  return firstOf(lost.map(({ name }) => `it no longer exports '${abbreviate(name)}', which the runtime called`))
}
