import { type WatToken, watTokens } from './tokens.ts'

/** An import by its module and name, or an export by its name. `earlier` imports of the same name come before it. */
export type NamedPlace = { readonly module: string; readonly name: string; readonly earlier: number } | { readonly export: string }

/** Returns the position of the first word after `import` or `export`. */
export function placeOfName(text: string, name: NamedPlace): { readonly line: number; readonly column: number } | undefined {
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
