import { nameParts } from '../../wasm/decode/name-section.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'

const NAME_SECTION = 'name'
const LOCAL_NAMES = 2

/** Returns the names of locals, by function and local, up to the first mistake: errors in custom sections do not make a module invalid. */
export function localNames({ bytes, sections }: DecodedModule): ReadonlyMap<number, ReadonlyMap<number, string>> {
  const functions = new Map<number, Map<number, string>>()
  const section = sections.find(({ name }) => name === NAME_SECTION)
  if (section === undefined) return functions
  try {
    for (const { id, part } of nameParts(bytes, section)) {
      if (id !== LOCAL_NAMES) continue
      for (let left = part.count('functions'); left > 0; left--) {
        const names = new Map<number, string>()
        functions.set(part.u32('an index'), names)
        for (let more = part.count('names'); more > 0; more--) names.set(part.u32('an index'), part.name('a name'))
      }
    }
  } catch {
    // What was read counts.
  }
  return functions
}
