import type { GameType } from './game-functions.ts'
import { inCamelCase } from './names.ts'
import { libraryPrinter, SAME_TYPES } from './print-library.ts'
import { type Printer, quoted } from './printer.ts'

const TYPES: Readonly<Record<GameType, string>> = {
  ...SAME_TYPES,
  eid: 'Entity | null',
  entity: 'Entity',
}

/** Prints `game.ts`: a module of AssemblyScript. */
export const assemblyScript: Printer = libraryPrinter({
  language: 'AssemblyScript',
  file: 'game.ts',
  write: inCamelCase,
  keywords:
    'abstract any anyref as async auto await bool break case catch class const constructor continue debugger declare default delete do else enum export extends f32 f64 false final finally for from function get global i16 i31 i32 i64 i8 if implements import in infer instanceof interface is isize keyof let module namespace never new null number object of package private protected public readonly require return set static string super switch symbol this throw true try type typeof u16 u32 u64 u8 undefined unique unknown usize v128 var virtual void while with yield abs ceil clz ctz changetype copysign floor load max memory min nearest popcnt rotl rotr select sizeof offsetof sqrt store trunc trace unreachable heap isNaN isFinite parseInt parseFloat table atomic assert nameof idof',
  declared: [/^(?:export )?(?:declare )?(?:abstract )?(?:function|class|const|let|namespace) (\w+)/gm],
  parameter: ({ name, type }) => `${name}: ${TYPES[type]}`,
  declare: ({ module, name, result, meaning }, own, list) => [
    doc(meaning),
    '// @ts-ignore: a decorator of AssemblyScript',
    `@external(${quoted(module)}, ${quoted(name)})`,
    `export declare function ${own}(${list}): ${result === undefined ? 'void' : TYPES[result]}`,
  ],
  queryTitle: 'Queries of loaded scripts',
  query: queryLines,
  missing: 'Declare what is missing here with @external',
})

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
