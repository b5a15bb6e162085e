import type { GameType } from './game-functions.ts'
import { inSnakeCase } from './names.ts'
import { libraryPrinter } from './print-library.ts'
import { type Printer, quoted } from './printer.ts'

const TYPES: Readonly<Record<GameType, string>> = {
  f32: 'float',
  f64: 'double',
  i8: 'int8_t',
  u8: 'uint8_t',
  i16: 'int16_t',
  u16: 'uint16_t',
  i32: 'int32_t',
  u32: 'uint32_t',
  i64: 'int64_t',
  bool: 'bool',
  eid: 'entity',
  entity: 'entity',
}

/** Prints `game.h`: a header for clang, in C11. */
export const c: Printer = libraryPrinter({
  language: 'C',
  file: 'game.h',
  write: inSnakeCase,
  keywords:
    'alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float for goto if inline int long main nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while',
  declared: [/^#define (\w+)/gm, /^(?:[\w()", ]+ )?\w+ \*?(\w+)\(/gm, /^\} (\w+);/gm],
  start: ['#pragma once', ''],
  // The library of C has functions of the same names, such as `time` and `random`.
  wordsOf: ({ module, words }) => words && (module === 'host' ? ['bs', ...words] : words),
  parameter: ({ name, type }) => `${TYPES[type]} ${name === 'entity' ? 'e' : name}`,
  declare: ({ module, name, result, meaning }, own, list) => [
    `/// ${meaning}`,
    `BS_IMPORT(${quoted(module)}, ${quoted(name)}) ${result === undefined ? 'void' : TYPES[result]} ${own}(${list || 'void'});`,
  ],
  queryTitle: 'Queries of loaded scripts, for for_each',
  query: (name, terms) => [`/// ${terms}`, `BS_QUERY(${name}, ${quoted(terms)});`],
  heading: (title) => `/* ---- ${title.replaceAll('*/', '* /')} ---- */`,
  missing: 'BS_IMPORT can declare what is missing here',
})
