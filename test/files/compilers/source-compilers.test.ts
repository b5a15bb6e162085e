import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScriptError, type SourceMistake } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Compiled, Compiler } from '../../../src/files/compilers/compiler.ts'
import { SourceCompilers } from '../../../src/files/compilers/source-compilers.ts'

let folder: string
let file: string
let header: string
let count: number
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-sources-')))
  file = join(folder, 'mover.x')
  header = join(folder, 'header')
  count = 0
  await writeFile(file, 'one')
})
afterEach(() => rm(folder, { recursive: true }))

const compilersOf = (compile: Compiler): SourceCompilers =>
  new SourceCompilers({
    '.x': {
      load: async () => (path) => {
        count++
        return compile(path)
      },
    },
  })
const made = (text: string, ...dependencies: string[]): Compiled => ({ state: 'compiled', module: Buffer.from(text), dependencies })
const wrong = (code: ScriptError['code'], ...dependencies: string[]): Compiled => ({
  state: 'failed',
  error: new ScriptError(code, 'wrong'),
  dependencies,
})
/** A module is the text of the source and of its header. */
const joined: Compiler = async (path) => made(`${await readFile(path)}${await readFile(header)}`, header)
const compiled = async (compilers: SourceCompilers): Promise<string> => Buffer.from(await compilers.compile(file)).toString()

describe('the compilers of sources', () => {
  it('tell each warning once, wherever its line is, and again if it was gone', async () => {
    const warning = (line: number, detail = 'unused'): SourceMistake => ({
      detail,
      location: { file, line, column: 1 },
      frame: `> ${line} | x\n    | ^\n  ${line + 1} |`,
    })
    const rounds = [[warning(1), warning(7), warning(1, 'other')], [warning(3)], [], [warning(3)], [warning(4)]]
    const compilers = compilersOf(async () => ({ ...made('1'), warnings: rounds[count - 1] ?? [] }) as Compiled)
    const outer = new SourceCompilers({}, compilers)
    const told: unknown[] = []
    const off = outer.onWarning(({ detail, location }) => told.push([detail, location.line]))
    for (const [index] of rounds.entries()) {
      if (index === rounds.length - 1) off()
      await writeFile(file, String(index))
      await outer.compile(file)
      await outer.compile(file)
    }
    expect(told).toEqual([
      ['unused', 1],
      ['other', 1],
      ['unused', 3],
    ])
  })

  it('compile a source once for all who ask at the same time', async () => {
    const compilers = compilersOf(async () => made('1'))
    expect(await Promise.all([compiled(compilers), compiled(compilers)])).toEqual(['1', '1'])
    expect(count).toBe(1)
  })

  it('do not compile again what did not change, and do what did, or a file that it depends on', async () => {
    await writeFile(header, '1')
    const compilers = compilersOf(joined)
    expect(await compiled(compilers)).toBe('one1')
    const before = count
    expect(await compiled(compilers)).toBe('one1')
    expect(count).toBe(before)
    await writeFile(header, '2')
    expect(await compiled(compilers)).toBe('one2')
    await writeFile(file, 'two')
    expect(await compiled(compilers)).toBe('two2')
    expect(compilers.filesOf(file)).toEqual([file, header])
    expect(compilers.sourcesOf(header)).toEqual([file])
  })

  it('compile again if a file was saved meanwhile, and give only the last', async () => {
    await writeFile(header, '1')
    const compilers = compilersOf(async (path) => {
      const module = await joined(path)
      if (count === 1) await writeFile(file, 'two')
      // Nobody knew before that the source depends on it.
      if (count === 2) await writeFile(header, '2')
      return module
    })
    expect(await compiled(compilers)).toBe('two2')
  })

  it('keep the dependencies of before when a compiler finds few, and compile when a missing one is there', async () => {
    const later = join(folder, 'later')
    await writeFile(header, '1')
    const compilers = compilersOf(async (path) => {
      if (String(await readFile(path)) === 'one') return joined(path)
      return readFile(later).then(
        () => made('2', later),
        () => wrong('InvalidSource', later),
      )
    })
    await compilers.compile(file)
    await writeFile(file, 'two')
    await expect(compilers.compile(file)).rejects.toMatchObject({ code: 'InvalidSource' })
    const before = count
    await expect(compilers.compile(file)).rejects.toMatchObject({ code: 'InvalidSource' })
    expect(count).toBe(before)
    expect(compilers.filesOf(file)).toEqual([file, header, later])
    await writeFile(later, '')
    expect(await compiled(compilers)).toBe('2')
  })

  it('try again when a compiler was missing, for the same source', async () => {
    const compilers = compilersOf(async () => (count === 1 ? wrong('EngineUnavailable') : made('1')))
    await expect(compilers.compile(file)).rejects.toMatchObject({ code: 'EngineUnavailable' })
    expect(await compiled(compilers)).toBe('1')
  })

  it('refuse a file that is not there, and leave other languages to other compilers', async () => {
    const compilers = compilersOf(async () => made('1'))
    await expect(compilers.compile(join(folder, 'gone.x'))).rejects.toMatchObject({ code: 'LoadFailed' })
    const own = new SourceCompilers({ '.y': { load: async () => async () => made('2') } }, compilers)
    await writeFile(join(folder, 'other.y'), '')
    expect(await Promise.all([file, join(folder, 'other.y')].map(async (each) => String(await own.compile(each))))).toEqual(['1', '2'])
    expect(['a.x', 'a.y', 'a.z'].map((each) => own.handles(each))).toEqual([true, true, false])
  })
})
