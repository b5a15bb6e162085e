import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { languagesOf, type ScriptCompiler } from '../../../src/files/compilers/own-compilers.ts'
import { SourceCompilers } from '../../../src/files/compilers/source-compilers.ts'

let file: string
beforeAll(async () => {
  file = join(await realpath(await mkdtemp(join(tmpdir(), 'bitscript-own-'))), 'mover.own')
  await writeFile(file, 'one')
})
afterAll(() => rm(join(file, '..'), { recursive: true }))

const compilersOf = (compile: ScriptCompiler, limit?: number): SourceCompilers =>
  new SourceCompilers(languagesOf({ '.own': compile }, limit))

describe('a compiler of a game', () => {
  it('that does not end is a failed build, has its signal aborted, and is called again for the next save', async () => {
    const signals: AbortSignal[] = []
    const compilers = compilersOf(({ signal }) => {
      signals.push(signal)
      return signals.length === 1 ? new Promise<never>(() => undefined) : '(module)'
    }, 1)
    await expect(compilers.compile(file)).rejects.toMatchObject({
      code: 'BuildFailed',
      detail: 'the compiler of .own files did not end within 0.001 s',
    })
    expect(Buffer.from(await compilers.compile(file)).toString()).toBe('(module)')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it.each([[undefined], [7], [{}], [{ module: 7, watch: [] }], [{ module: '(module)', watch: [7] }]])(
    'that returns %j is at fault, and not the script',
    async (result) => {
      await expect(compilersOf(() => result as never).compile(file)).rejects.toMatchObject({
        code: 'BuildFailed',
        detail: 'the compiler of .own files must return a module, WAT text, or { module, watch: paths }',
      })
    },
  )
})
