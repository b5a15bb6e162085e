import type { ModuleNames, Section } from '../format/module.ts'
import { Reader } from '../format/reader.ts'

const MODULE_NAME = 0
const FUNCTION_NAMES = 1
const GLOBAL_NAMES = 7

/** Reads the parts of a `name` section, each with the kind of its names. Throws at a mistake. */
export function* nameParts(bytes: Uint8Array, { payload }: Section): Generator<{ readonly id: number; readonly part: Reader }> {
  const reader = new Reader(bytes, payload)
  reader.name('the name of a section')
  while (!reader.done) {
    const id = reader.byte('a kind of names')
    yield { id, part: new Reader(bytes, reader.skip(reader.u32('a size'), 'names')) }
  }
}

/**
 * Returns the names in a `name` section, up to the first mistake: errors in custom sections must not make a module invalid.
 */
export function decodeNames(bytes: Uint8Array, section: Section | undefined): ModuleNames {
  const functions = new Map<number, string>()
  const globals = new Map<number, string>()
  let module: string | undefined
  const names = (): ModuleNames => (module === undefined ? { functions, globals } : { module, functions, globals })
  if (section === undefined) return names()
  try {
    for (const { id, part } of nameParts(bytes, section)) {
      if (id === MODULE_NAME) module = part.name("the module's name")
      const names = id === FUNCTION_NAMES ? functions : id === GLOBAL_NAMES ? globals : undefined
      if (names === undefined) continue
      for (let left = part.count('names'); left > 0; left--) names.set(part.u32('an index'), part.name('a name'))
    }
  } catch {
    return names()
  }
  return names()
}
