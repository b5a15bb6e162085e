import { type ErrorContext, type ScriptError, withContext } from '../../errors.ts'
import type { DecodedModule, ModuleImport } from '../../wasm/format/module.ts'
import { codeFrame } from '../../wasm/text/code-frame.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type WatToken, watTokens } from '../../wasm/text/tokens.ts'

/** Returns the error with the location of a name in the source text. Returns it unchanged if the text does not contain the name. */
export function locateName(error: ScriptError, { text, file }: SourceModule, name: NamedPlace): ScriptError {
  if (text === undefined || error.location !== undefined) return error
  const found = placeOfName(text, name)
  if (found === undefined) return error
  const location = { file, ...found }
  const context: ErrorContext = { location, frame: codeFrame(text, location) }
  return withContext(error, context)
}

/** Returns the error with the location of an import in the source text. */
export function locateImport(error: ScriptError, source: SourceModule, { imports }: DecodedModule, entry: ModuleImport): ScriptError {
  const before = imports.slice(0, imports.indexOf(entry))
  const earlier = before.filter(({ module, name }) => module === entry.module && name === entry.name).length
  return locateName(error, source, { ...entry, earlier })
}

/** An import by its module and name, or an export by its name. `earlier` imports of the same name come before it. */
type NamedPlace = { readonly module: string; readonly name: string; readonly earlier: number } | { readonly export: string }

/** Returns the position of the first word after `import` or `export`. */
function placeOfName(text: string, name: NamedPlace): { readonly line: number; readonly column: number } | undefined {
  const wanted = 'export' in name ? ['export', quoted(name.export)] : ['import', quoted(name.module), quoted(name.name)]
  let earlier = 'export' in name ? 0 : name.earlier
  const last: WatToken[] = []
  for (const token of watTokens(text)) {
    last.push(token)
    if (last.length > wanted.length) last.shift()
    const [, first] = last
    if (first === undefined || !last.every((each, index) => each.text === wanted[index])) continue
    if (earlier-- === 0) return { line: first.line, column: first.column }
  }
  return undefined
}

function quoted(text: string): string {
  return `"${text}"`
}
