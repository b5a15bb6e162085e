import type { DecodedModule } from '../format/module.ts'
import type { Writer } from '../format/writer.ts'

/** The name of the custom section that has the names of a module. */
export const NAME_SECTION = 'name'
const MODULE_NAME = 0
const FUNCTION_NAMES = 1

/** Writes a name section with the name of the module and those of its functions. */
export function writeNameSection(out: Writer, module: DecodedModule, name: string): void {
  out.name(NAME_SECTION).byte(MODULE_NAME)
  out.sized(() => out.name(name))
  const functions = hasOddNames(module) ? [] : [...module.names.functions].sort(([one], [other]) => one - other)
  if (functions.length === 0) return
  out.byte(FUNCTION_NAMES).sized(() => {
    out.u32(functions.length)
    for (const [index, each] of functions) out.u32(index).name(each)
  })
}

/** Returns whether names have line breaks: those could imitate the frames of a stack trace. */
export function hasOddNames({ names }: DecodedModule): boolean {
  for (const name of names.functions.values()) if (/[\n\r\u2028\u2029]/.test(name)) return true
  return false
}
