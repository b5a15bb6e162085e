import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

const DECLARATION = /^(?:declare )?(?:abstract )?(interface|class|type|function|const) (\w+)/
/** A member of a class or an interface. The bundle indents it by two spaces. */
const MEMBER = /^ {2}(?!private |protected |#)(?:(?:static|override|readonly|get|set) )*(\w+)[?<(:]/

/** Returns the exported declarations, and the public members of exported classes and interfaces, that have no docstring. */
function undocumented(declarations: string): string[] {
  const exported = new Set(
    /^export \{([^}]*)\}/m
      .exec(declarations)?.[1]
      ?.split(',')
      .map((name) => name.trim().replace(/^type /, '')),
  )
  const missing: string[] = []
  let owner: string | undefined
  let previous = ''
  for (const line of declarations.split('\n')) {
    const [, kind = '', name = ''] = DECLARATION.exec(line) ?? []
    if (name !== '') owner = (kind === 'interface' || kind === 'class') && exported.has(name) ? name : undefined
    const member = owner === undefined ? undefined : MEMBER.exec(line)?.[1]
    if (!previous.endsWith('*/')) {
      if (exported.has(name)) missing.push(name)
      if (member !== undefined) missing.push(`${owner}.${member}`)
    }
    previous = line
  }
  return missing
}

describe('every public name and member has a docstring', () => {
  it.each(['index.d.ts', 'node/index.d.ts', 'vite/index.d.ts', 'devtools/index.d.ts'])('in dist/%s', async (file) => {
    expect(undocumented(await readFile(join(REPOSITORY, 'dist', file), 'utf8'))).toEqual([])
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
  })
})
