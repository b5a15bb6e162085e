import type { GameType } from './game-functions.ts'
import { inSnakeCase } from './names.ts'
import { libraryPrinter, SAME_TYPES } from './print-library.ts'
import { type Printer, quoted } from './printer.ts'

const TYPES: Readonly<Record<GameType, string>> = {
  ...SAME_TYPES,
  eid: 'Option<Entity>',
  entity: 'Entity',
}

/** Prints `game.rs`: a module of Rust without a crate. */
export const rust: Printer = libraryPrinter({
  language: 'Rust',
  file: 'game.rs',
  write: inSnakeCase,
  keywords:
    'abstract as async await become box break const continue crate do dyn else enum extern false final fn for if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type typeof unsafe unsized use virtual where while yield bool char str f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize core drop',
  declared: [/^(?:pub )?fn (\w+)/gm, /^ {4}fn (\w+) = /gm],
  parameter: ({ name, type }) => `${name}: ${TYPES[type]}`,
  declare: ({ module, name, result, meaning }, own, list) => [
    `    /// ${meaning}`,
    `    ${quoted(module)} ${quoted(name)} fn ${own}(${list})${result === undefined ? '' : ` -> ${TYPES[result]}`};`,
  ],
  queryTitle: 'Queries of loaded scripts',
  query: (name, terms) => [`    fn ${name} = ${quoted(terms)};`],
  block: (of, lines) => [`${of}! {`, ...lines, '}'],
  missing: 'import! can declare what is missing here',
})
