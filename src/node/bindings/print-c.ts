import { escapeLine } from '../../printable.ts'
import type { GameFunction, GameFunctions, GameType } from './game-functions.ts'
import { createNames, inSnakeCase, type Names } from './names.ts'
import { commentLines, namesIn, type Printer, quoted } from './printer.ts'

const KEYWORDS =
  'alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float for goto if inline int long main nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while'.split(
    ' ',
  )

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
export const c: Printer = { title: 'C', file: 'game.h', comment: '//', print }

function print({ groups, queries, missing }: GameFunctions, library: string): string {
  const declared = namesIn(library, /^#define (\w+)/gm, /^(?:[\w()", ]+ )?\w+ \*?(\w+)\(/gm, /^\} (\w+);/gm)
  const names = createNames({ language: 'C', write: inSnakeCase, reserved: new Set([...KEYWORDS, ...declared]) })
  const body = [
    ...groups.flatMap(({ title, functions }) => {
      const lines = functions.flatMap((each) => declaration(each, names))
      return lines.length === 0 ? [] : ['', `/* ---- ${escapeLine(title.replaceAll('*/', '* /'))} ---- */`, '', ...lines]
    }),
    ...(queries.length > 0 ? ['', '/* ---- Queries of loaded scripts, for for_each ---- */', ''] : []),
    ...queries.flatMap(({ terms, words, count }) => {
      const name = names.claim(count.thing, words)
      return name === undefined ? [] : [`/// ${terms}`, `BS_QUERY(${name}, ${quoted(terms)});`]
    }),
  ]
  const absent = [...missing, ...names.missing]
  return [
    '#pragma once',
    '',
    library.trimEnd(),
    ...body,
    ...(absent.length > 0 ? ['', '// BS_IMPORT can declare what is missing here:', ...commentLines('//', absent)] : []),
    '',
  ].join('\n')
}

function declaration({ module, name, thing, words, params, result, meaning, passesText }: GameFunction, names: Names): readonly string[] {
  if (passesText) return []
  const own = names.claim(thing, words && (module === 'host' ? ['bs', ...words] : words))
  if (own === undefined) return []
  const list = params.map((each) => `${TYPES[each.type]} ${each.name === 'entity' ? 'e' : each.name}`).join(', ')
  const type = result === undefined ? 'void' : TYPES[result]
  return [`/// ${meaning}`, `BS_IMPORT(${quoted(module)}, ${quoted(name)}) ${type} ${own}(${list || 'void'});`]
}
