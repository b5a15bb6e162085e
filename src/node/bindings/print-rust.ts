import { escapeLine } from '../../printable.ts'
import type { GameFunction, GameFunctions, GameType } from './game-functions.ts'
import { createNames, inSnakeCase, type Names } from './names.ts'
import { commentLines, namesIn, type Printer, quoted } from './printer.ts'

const KEYWORDS =
  'abstract as async await become box break const continue crate do dyn else enum extern false final fn for if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type typeof unsafe unsized use virtual where while yield bool char str f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize core drop'.split(
    ' ',
  )

const TYPES: Readonly<Record<GameType, string>> = {
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
  eid: 'Option<Entity>',
  entity: 'Entity',
}

/** Prints `game.rs`: a module of Rust without a crate. */
export const rust: Printer = { title: 'Rust', file: 'game.rs', comment: '//', print }

function print({ groups, queries, missing }: GameFunctions, library: string): string {
  const names = createNames({
    language: 'Rust',
    write: inSnakeCase,
    reserved: new Set([...KEYWORDS, ...namesIn(library, /^(?:pub )?fn (\w+)/gm, /^ {4}fn (\w+) = /gm)]),
  })
  const body = [
    ...groups.flatMap(({ title, functions }) => {
      const lines = functions.flatMap((each) => declaration(each, names))
      return lines.length === 0 ? [] : ['', `// ---- ${escapeLine(title)} ----`, '', 'import! {', ...lines, '}']
    }),
    ...queryLines(queries, names),
  ]
  const absent = [...missing, ...names.missing]
  return [
    library.trimEnd(),
    ...body,
    ...(absent.length > 0 ? ['', '// import! can declare what is missing here:', ...commentLines('//', absent)] : []),
    '',
  ].join('\n')
}

function declaration({ module, name, thing, words, params, result, meaning, passesText }: GameFunction, names: Names): readonly string[] {
  if (passesText) return []
  const own = names.claim(thing, words)
  if (own === undefined) return []
  const list = params.map((each) => `${each.name}: ${TYPES[each.type]}`).join(', ')
  const returned = result === undefined ? '' : ` -> ${TYPES[result]}`
  return [`    /// ${meaning}`, `    ${quoted(module)} ${quoted(name)} fn ${own}(${list})${returned};`]
}

function queryLines(queries: GameFunctions['queries'], names: Names): readonly string[] {
  const lines = queries.flatMap(({ terms, words, count }) => {
    const name = names.claim(count.thing, words)
    return name === undefined ? [] : [`    fn ${name} = ${quoted(terms)};`]
  })
  return lines.length === 0 ? [] : ['', '// ---- Queries of loaded scripts ----', '', 'query! {', ...lines, '}']
}
