import { escapeLine } from '../../printable.ts'
import type { GameFunction, GameFunctions, Parameter } from './game-functions.ts'
import { createNames, type NameStyle } from './names.ts'
import { commentLines, type Printer } from './printer.ts'

/** The types that AssemblyScript and Rust name as the game does. */
export const SAME_TYPES = {
  f32: 'f32',
  f64: 'f64',
  i8: 'i8',
  u8: 'u8',
  i16: 'i16',
  u16: 'u16',
  i32: 'i32',
  u32: 'u32',
  i64: 'i64',
  bool: 'bool',
} as const

/** How a language writes what a game offers, behind a library that no game changes. */
export interface LibraryStyle extends Pick<NameStyle, 'language' | 'write'>, Pick<Printer, 'file'> {
  readonly keywords: string
  /** Finds the names that the library declares, each at the place of the first group. */
  readonly declared: readonly RegExp[]
  /** Lines before the library. @default none */
  readonly start?: readonly string[]
  /** Returns the words of the name of a function, if they are not its own. */
  readonly wordsOf?: (each: GameFunction) => readonly string[] | undefined
  readonly parameter: (each: Parameter) => string
  /** Returns the lines that declare a function, from its name and the list of its parameters. */
  readonly declare: (each: GameFunction, name: string, list: string) => readonly string[]
  /** Returns the lines that declare a query, from its name and its terms. */
  readonly query: (name: string, terms: string) => readonly string[]
  readonly queryTitle: string
  /** Returns the comment above what belongs together. @default a line comment */
  readonly heading?: (title: string) => string
  /** Returns the lines of functions or queries with what holds them together. @default as they are */
  readonly block?: (of: 'import' | 'query', lines: readonly string[]) => readonly string[]
  /** The sentence before the list of what is missing. */
  readonly missing: string
}

/** Returns the printer of a language with a library. */
export function libraryPrinter(style: LibraryStyle): Printer {
  return { file: style.file, comment: '//', print: (game, library) => print(style, game, library) }
}

function print(style: LibraryStyle, { groups, queries, missing }: GameFunctions, library: string): string {
  const { language, write, keywords, declared, start = [], wordsOf = (each) => each.words, queryTitle } = style
  const names = createNames({ language, write, reserved: new Set([...keywords.split(' '), ...namesIn(library, declared)]) })
  const declaration = (each: GameFunction): readonly string[] => {
    // The library calls what takes pointers.
    const name = each.passesText ? undefined : names.claim(each.thing, wordsOf(each))
    return name === undefined ? [] : style.declare(each, name, each.params.map(style.parameter).join(', '))
  }
  const sections = [
    ...groups.flatMap(({ title, functions }) => section(style, 'import', title, functions.flatMap(declaration))),
    ...section(
      style,
      'query',
      queryTitle,
      queries.flatMap(({ terms, words, count }) => {
        const name = names.claim(count.thing, words)
        return name === undefined ? [] : style.query(name, terms)
      }),
    ),
  ]
  const absent = [...missing, ...names.missing]
  const end = absent.length === 0 ? [] : ['', `// ${style.missing}:`, ...commentLines('//', absent)]
  return [...start, library.trimEnd(), ...sections, ...end, ''].join('\n')
}

function section(style: LibraryStyle, of: 'import' | 'query', title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const { heading = (text) => `// ---- ${text} ----`, block = () => lines } = style
  return ['', heading(escapeLine(title)), '', ...block(of, lines)]
}

function namesIn(text: string, patterns: readonly RegExp[]): readonly string[] {
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name))
}
