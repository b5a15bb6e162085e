import type { Assistance, Explanation, Proposal } from '../assistance.ts'
import { callFuel } from '../vocabulary.ts'
import { type Declaration, declarationsOf } from './declarations.ts'
import { membersOf } from './members.ts'

/** The types and functions of AssemblyScript that scripts use most. */
const BUILT_IN: readonly (readonly [name: string, signature: string, text: string])[] = [
  ...(['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'bool', 'usize'] as const).map(
    (name) => [name, `type ${name}`, 'a number; <T>value converts to it'] as const,
  ),
  ['sqrt', 'function sqrt<T>(value: T): T', 'the square root'],
  ['abs', 'function abs<T>(value: T): T', 'the number without its sign'],
  ['min', 'function min<T>(one: T, other: T): T', 'the lesser'],
  ['max', 'function max<T>(one: T, other: T): T', 'the greater'],
  ['floor', 'function floor<T>(value: T): T', 'rounded down'],
  ['ceil', 'function ceil<T>(value: T): T', 'rounded up'],
  ['trunc', 'function trunc<T>(value: T): T', 'rounded towards zero'],
  ['nearest', 'function nearest<T>(value: T): T', 'rounded to the nearest integer, halves to the even one'],
  ['copysign', 'function copysign<T>(value: T, sign: T): T', 'the first with the sign of the second'],
  ['select', 'function select<T>(yes: T, no: T, condition: bool): T', 'one of both, without a branch'],
  ['load', 'function load<T>(address: usize): T', 'read from the memory'],
  ['store', 'function store<T>(address: usize, value: T): void', 'write to the memory'],
  ['unreachable', 'function unreachable(): never', 'trap'],
]
const BUILT_INS: readonly Declaration[] = BUILT_IN.map(([name, signature, text]) => ({
  ...{ name, signature, text, price: undefined, members: [], isExported: false, at: -1 },
}))
const KEYWORDS: readonly string[] =
  'break class const continue else enum export false for function if import let null return static switch this true void while'.split(' ')
const WORD = /[\w$]+/g
const IMPORT = /import\s*\{([^}]*)\}\s*from\s*['"]\.\/game['"]/

/** Returns the assistance for AssemblyScript. `bindings` is the file `game.ts`, from which scripts import what the game offers. */
export function assemblyScriptAssistance(bindings: string): Assistance {
  const offered = declarationsOf(bindings).filter(({ isExported }) => isExported)
  return {
    complete(text, position) {
      const before = text.slice(0, position)
      const line = before.slice(before.lastIndexOf('\n') + 1)
      const word = /[\w$]*$/.exec(before)?.[0] ?? ''
      const from = position - word.length
      if (isQuoted(text, from) || /^\d/.test(word)) return undefined
      if (line.slice(0, line.length - word.length).endsWith('.')) {
        const owner = /(\w+)\.[\w$]*$/.exec(line)?.[1]
        const members = membersOf([...declarationsOf(text), ...offered], owner ?? '', before)
        return members.length === 0 ? undefined : { from, words: members.map((each) => proposal(each)) }
      }
      const own = declarationsOf(text)
      const imports = IMPORT.exec(text)
      const inImport = imports !== null && position > imports.index && position < imports.index + imports[0].length
      if (inImport) return { from, words: offered.map((each) => proposal(each)) }
      const taken = importedNames(imports)
      return {
        from,
        words: [
          ...own.map((each) => proposal(each)),
          ...localsOf(before, word)
            .filter((name) => !own.some((each) => each.name === name))
            .map((label): Proposal => ({ label, kind: 'name', detail: '' })),
          ...offered.map((each) => proposal(each, taken.has(each.name) ? undefined : () => importEdit(text, imports, each.name))),
          ...BUILT_INS.map((each) => proposal(each)),
          ...KEYWORDS.map((label): Proposal => ({ label, kind: 'form', detail: '' })),
        ],
      }
    },
    explain(text, position) {
      const word = wordAt(text, position)
      if (word === undefined || isQuoted(text, word.from)) return undefined
      const owner = /(\w+)\.$/.exec(text.slice(0, word.from))?.[1]
      const all = [...declarationsOf(text), ...offered, ...BUILT_INS]
      const found = (owner === undefined ? all : membersOf(all, owner, text.slice(0, word.from))).find(({ name }) => name === word.name)
      return found === undefined ? undefined : { from: word.from, to: word.to, ...explanationOf(found) }
    },
    define(text, position) {
      const word = wordAt(text, position)
      if (word === undefined || isQuoted(text, word.from)) return undefined
      const own = declarationsOf(text).find(({ name }) => name === word.name)
      const at = own?.at ?? localAt(text, word.name, position) ?? importAt(text, word.name)
      return at === undefined ? undefined : { from: at, to: at + word.name.length }
    },
    fold: () => undefined,
  }
}

function proposal(each: Declaration, also?: Proposal['also']): Proposal {
  const detail = /\(.*$/.exec(each.signature)?.[0] ?? /:.*$/.exec(each.signature)?.[0] ?? ''
  return {
    ...{
      label: each.name,
      kind: each.signature.startsWith('type') ? 'type' : 'name',
      detail: detail.length > 60 ? `${detail.slice(0, 59)}…` : detail,
    },
    explanation: explanationOf(each),
    ...(also !== undefined && { also }),
  }
}

function explanationOf({ signature, text, price }: Declaration): Explanation {
  return { title: signature, text, ...(price !== undefined && { fuel: callFuel(price) }) }
}

function wordAt(text: string, position: number): { readonly name: string; readonly from: number; readonly to: number } | undefined {
  const start = text.lastIndexOf('\n', position - 1) + 1
  const end = text.indexOf('\n', position)
  for (const { 0: name, index } of text.slice(start, end < 0 ? undefined : end).matchAll(WORD)) {
    const from = start + index
    if (from <= position && position <= from + name.length) return { name, from, to: from + name.length }
  }
  return undefined
}

/** Returns whether a position is in a string or a comment of its line. */
function isQuoted(text: string, position: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position)
  const bare = line.replace(/(["'`])(?:\\.|(?!\1).)*\1/g, '')
  return /["'`]|\/\//.test(bare) || text.lastIndexOf('/*', position) > text.lastIndexOf('*/', position)
}

const LOCAL = /\b(?:let|const|var)\s+(\w+)|[(,]\s*(\w+)\s*\??:/g

/** Returns the parameters and variables that are declared before the end of a text. */
function localsOf(before: string, word: string): string[] {
  const names = [...before.matchAll(LOCAL)].map(([, variable, parameter]) => variable ?? parameter ?? '')
  return [...new Set(names)].filter((name) => name !== '' && name !== word)
}

/** Returns the last declaration of a name before a position. */
function localAt(text: string, name: string, position: number): number | undefined {
  const found = [...text.slice(0, position + name.length).matchAll(LOCAL)].findLast(
    ([, variable, parameter]) => (variable ?? parameter) === name,
  )
  return found === undefined ? undefined : found.index + found[0].lastIndexOf(name)
}

/** Returns where a name is imported. */
function importAt(text: string, name: string): number | undefined {
  const imports = IMPORT.exec(text)
  const found = [...(imports?.[0] ?? '').matchAll(WORD)].slice(1).find(([each]) => each === name)
  return imports === null || found === undefined ? undefined : imports.index + found.index
}

function importedNames(imports: RegExpExecArray | null): ReadonlySet<string> {
  return new Set((imports?.[1] ?? '').split(',').map((name) => name.trim()))
}

/** Returns the edit that adds a name to the import of `./game`. */
function importEdit(text: string, imports: RegExpExecArray | null, name: string): { readonly at: number; readonly insert: string } {
  if (imports === null) {
    const at = /^(?:\s*\/\/.*\n)*/.exec(text)?.[0].length ?? 0
    return { at, insert: `import { ${name} } from './game'\n` }
  }
  const list = imports[1] as string
  const end = imports.index + imports[0].indexOf('{') + 1 + list.trimEnd().length
  const comma = list.trim() === '' || list.trimEnd().endsWith(',') ? '' : ','
  return { at: end, insert: list.includes('\n') ? `${comma}\n  ${name},` : `${comma} ${name}` }
}
