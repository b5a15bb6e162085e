import { escapeLine } from '../../printable.ts'
import type { GameFunction, GameFunctions, GameType } from './game-functions.ts'
import { createNames, inSnakeCase, type Names } from './names.ts'
import { commentLines, type Printer, quoted } from './printer.ts'

/** The core types of those that are not passed as i32. */
const CORE_TYPES: Readonly<Partial<Record<GameType, string>>> = { f32: 'f32', f64: 'f64', i64: 'i64' }

/** Prints `game.wat`: imports to paste into a script. */
export const wat: Printer = { file: 'game.wat', comment: ';;', print }

function print({ groups, queries, missing }: GameFunctions, library: string): string {
  // A name follows a `$`, so that no word of the language is taken.
  const names = createNames({ language: 'WAT', write: inSnakeCase, reserved: new Set() })
  const body = [
    ...groups.map(({ title, functions }) => ({ title, lines: functions.flatMap((each) => importLine(each, names)) })),
    {
      title: 'Queries of loaded scripts',
      lines: queries.flatMap(({ count, entity }) => [
        ...importLine({ ...count, words: count.words && ['count', ...count.words] }, names),
        ...importLine({ ...entity, thing: `an entity of ${entity.thing}` }, names),
      ]),
    },
  ].flatMap(({ title, lines }) => (lines.length === 0 ? [] : [`  ;; ---- ${escapeLine(title)} ----`, ...lines, '']))
  const absent = [...missing, ...names.missing]
  return [library.trimEnd(), '(module', ...body, ...(absent.length > 0 ? commentLines('  ;;', absent) : []), ')', ''].join('\n')
}

function importLine({ module, name, thing, words, params, result, meaning }: GameFunction, names: Names): readonly string[] {
  const own = names.claim(thing, words)
  if (own === undefined) return []
  const core = (type: GameType): string => CORE_TYPES[type] ?? 'i32'
  const list = params.map((each) => ` ${core(each.type)}`).join('')
  const type = `${list && ` (param${list})`}${result === undefined ? '' : ` (result ${core(result)})`}`
  return [`  ;; ${meaning}`, `  (import ${quoted(module)} ${quoted(name)} (func $${own}${type}))`]
}
