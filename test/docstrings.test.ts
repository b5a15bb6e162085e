import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

const DECLARATION = /^(?:declare )?(?:abstract )?(interface|class|type|function|const) (\w+)/
/** A member of a class or an interface. The bundle indents it by two spaces. */
const MEMBER = /^ {2}(?!private |protected |#)((?:(?:static|override|readonly|get|set) )*)(\w+)([?<(:])/

/** An exported name, or a public member of an exported class or interface. */
interface Documented {
  readonly name: string
  readonly kind: 'interface' | 'class' | 'type' | 'function' | 'const' | 'member' | 'method' | 'option'
  /** Its docstring; '' if it has none. */
  readonly docs: string
}

function publicNames(declarations: string): Documented[] {
  const exported = new Set(
    /^export \{([^}]*)\}/m
      .exec(declarations)?.[1]
      ?.split(',')
      .map((name) => name.trim().replace(/^type /, '')),
  )
  const found: Documented[] = []
  let owner: { readonly name: string; readonly isClass: boolean } | undefined
  let docs = ''
  for (const line of declarations.split('\n')) {
    if (/^\s*(\/\*\*|\*)/.test(line)) {
      docs = line.trimStart().startsWith('/**') ? line : docs + line
      continue
    }
    const [, kind, name = ''] = DECLARATION.exec(line) ?? []
    if (kind !== undefined) {
      owner = (kind === 'interface' || kind === 'class') && exported.has(name) ? { name, isClass: kind === 'class' } : undefined
      if (exported.has(name)) found.push({ name, kind: kind as Documented['kind'], docs })
    }
    const [, modifiers = '', member, next] = owner === undefined ? [] : (MEMBER.exec(line) ?? [])
    if (owner !== undefined && member !== undefined) {
      const isMethod = owner.isClass && (next === '(' || next === '<') && member !== 'constructor' && !/[gs]et /.test(modifiers)
      const isOption = next === '?' && /Options$|^Grant$/.test(owner.name)
      found.push({ name: `${owner.name}.${member}`, kind: isMethod ? 'method' : isOption ? 'option' : 'member', docs })
    }
    docs = ''
  }
  return found
}

/** Returns the exported declarations, and the public members of exported classes and interfaces, that have no docstring. */
function undocumented(declarations: string): string[] {
  return publicNames(declarations)
    .filter(({ docs }) => docs === '')
    .map(({ name }) => name)
}

/** Returns the names of some kinds whose docstring does not have a tag. */
function without(tag: string, kinds: readonly Documented['kind'][], declarations: string): string[] {
  return publicNames(declarations)
    .filter(({ kind, docs }) => kinds.includes(kind) && !docs.includes(tag))
    .map(({ name }) => name)
}

const FILES = ['index.d.ts', 'node/index.d.ts', 'vite/index.d.ts', 'devtools/index.d.ts', 'debug/index.d.ts']

async function declarationsIn(file: string): Promise<string> {
  return readFile(join(REPOSITORY, 'dist', file), 'utf8')
}

describe('every public name and member has a docstring', () => {
  it.each(FILES)('in dist/%s', async (file) => {
    expect(undocumented(await declarationsIn(file))).toEqual([])
  })
})

describe('every function, class and method has an example', () => {
  it.each(FILES)('in dist/%s', async (file) => {
    expect(without('@example', ['function', 'class', 'method'], await declarationsIn(file))).toEqual([])
  })
})

describe('every option has its default', () => {
  it.each(FILES)('in dist/%s', async (file) => {
    expect(without('@default', ['option'], await declarationsIn(file))).toEqual([])
  })
})

describe('the check', () => {
  it('lists undocumented names and members, and ignores private ones and names that are not exported', () => {
    const declarations = `interface Options {
  readonly a: number;
  /** Documented. */
  b?: {
    c: number;
  };
}
/** Documented. */
declare class Thing<T> {
  #private;
  private constructor();
  static of<T>(value: T): Thing<T>;
  /** Documented. */
  get size(): number;
  override readonly name: string;
}
interface Hidden {
  a: number;
}
declare function run(): void;
export { type Options, Thing, run };`
    expect(undocumented(declarations)).toEqual(['Options', 'Options.a', 'Thing.of', 'Thing.name', 'run'])
    expect(without('@default', ['option'], declarations)).toEqual(['Options.b'])
    expect(without('@example', ['function', 'class', 'method'], declarations)).toEqual(['Thing', 'Thing.of', 'run'])
  })
})
