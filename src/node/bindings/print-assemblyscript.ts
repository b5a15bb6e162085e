import { escapeLine } from '../../printable.ts'
import type { GameFunction, GameFunctions, GameType } from './game-functions.ts'
import { createNames, inCamelCase, type Names } from './names.ts'
import { commentLines, namesIn, type Printer, quoted } from './printer.ts'

const KEYWORDS =
  'abstract any anyref as async auto await bool break case catch class const constructor continue debugger declare default delete do else enum export extends f32 f64 false final finally for from function get global i16 i31 i32 i64 i8 if implements import in infer instanceof interface is isize keyof let module namespace never new null number object of package private protected public readonly require return set static string super switch symbol this throw true try type typeof u16 u32 u64 u8 undefined unique unknown usize v128 var virtual void while with yield abs ceil clz ctz changetype copysign floor load max memory min nearest popcnt rotl rotr select sizeof offsetof sqrt store trunc trace unreachable heap isNaN isFinite parseInt parseFloat table atomic assert nameof idof'.split(
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
  eid: 'Entity | null',
  entity: 'Entity',
}

/** Prints `game.ts`: a module of AssemblyScript. */
export const assemblyScript: Printer = { title: 'AssemblyScript', file: 'game.ts', comment: '//', print }

function print({ groups, queries, missing }: GameFunctions, library: string): string {
  const declared = namesIn(library, /^(?:export )?(?:declare )?(?:abstract )?(?:function|class|const|let|namespace) (\w+)/gm)
  const names = createNames({ language: 'AssemblyScript', write: inCamelCase, reserved: new Set([...KEYWORDS, ...declared]) })
  const body = [
    ...groups.flatMap(({ title, functions }) => {
      const lines = functions.flatMap((each) => declaration(each, names))
      return lines.length === 0 ? [] : ['', `// ---- ${escapeLine(title)} ----`, '', ...lines]
    }),
    ...(queries.length > 0 ? ['', '// ---- Queries of loaded scripts ----', ''] : []),
    ...queries.flatMap(({ terms, words, count }) => {
      const name = names.claim(count.thing, words)
      return name === undefined ? [] : queryLines(name, terms)
    }),
  ]
  const absent = [...missing, ...names.missing]
  return [
    library.trimEnd(),
    ...body,
    ...(absent.length > 0 ? ['', '// Declare what is missing here with @external:', ...commentLines('//', absent)] : []),
    '',
  ].join('\n')
}

function declaration({ module, name, thing, words, params, result, meaning, passesText }: GameFunction, names: Names): readonly string[] {
  if (passesText) return []
  const own = names.claim(thing, words)
  if (own === undefined) return []
  const list = params.map((each) => `${each.name}: ${TYPES[each.type]}`).join(', ')
  return [
    doc(meaning),
    '// @ts-ignore: a decorator of AssemblyScript',
    `@external(${quoted(module)}, ${quoted(name)})`,
    `export declare function ${own}(${list}): ${result === undefined ? 'void' : TYPES[result]}`,
  ]
}

function queryLines(name: string, terms: string): readonly string[] {
  const decorated = (module: string, declared: string): string[] => [
    '  // @ts-ignore: a decorator of AssemblyScript',
    `  @external(${quoted(module)}, ${quoted(terms)})`,
    `  export declare function ${declared}`,
  ]
  return [
    doc(`${terms}: for (let e = ${name}.first(); e; e = ${name}.next()) { ... }`),
    `export namespace ${name} {`,
    '  let at: i32 = 0',
    '  let end: i32 = 0',
    ...decorated('ecs.query', 'count(): i32'),
    ...decorated('ecs.entity', 'entity(index: i32): Entity'),
    '  // @ts-ignore: a decorator of AssemblyScript',
    '  @inline',
    '  export function first(): Entity | null {',
    '    end = count()',
    '    at = 0',
    '    return next()',
    '  }',
    '  // @ts-ignore: a decorator of AssemblyScript',
    '  @inline',
    '  export function next(): Entity | null {',
    '    return at < end ? entity(at++) : null',
    '  }',
    '}',
  ]
}

function doc(text: string): string {
  return `/** ${text.replaceAll('*/', '* /')} */`
}
