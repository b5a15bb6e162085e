import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ErrorCode } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'
import { type BundledProject, createBundledProject } from './bundlers-page.ts'

const run = promisify(execFile)

let project: BundledProject
beforeEach(async () => {
  project = await createBundledProject(REPOSITORY)
})
afterEach(() => project.remove())

describe('docs/bundlers.md', () => {
  it.each(['esbuild', 'esbuild, for Node', 'Rolldown'])('holds for %s', async (title) => {
    expect(await project.runExample(title)).toMatch(/\S/)
  })
})

it('an assembler that cannot be started is EngineUnavailable, and is named', async () => {
  const code: ErrorCode = 'EngineUnavailable'
  const { folder, write } = project
  await write(
    'game.js',
    "import { describeModule } from 'bitscript'\nawait describeModule('(module)').catch((error) => console.log(error.code, error.message))",
  )
  await run(
    join(REPOSITORY, 'node_modules/.bin/esbuild'),
    ['game.js', '--bundle', '--format=esm', '--splitting', '--outdir=out', '--platform=node'],
    { cwd: folder },
  )
  const { stdout: names } = await run('ls', [join(folder, 'out')])
  const assembler = names.split('\n').find((name) => name.startsWith('wabt')) as string
  for (const content of [undefined, "throw new Error('not here')", "export default () => Promise.reject(new Error('not here'))"]) {
    if (content === undefined) await rm(join(folder, 'out', assembler))
    else await write(join('out', assembler), content)
    const { stdout } = await run(process.execPath, ['out/game.js'], { cwd: folder })
    expect(stdout).toMatch(new RegExp(`^${code} .*WAT text needs the assembler, wabt, which could not be started: `))
  }
})

it('the assembler asks for no name of CommonJS, which Webpack says that a module has', async () => {
  expect(await readFile(join(REPOSITORY, 'dist/shared/wabt.js'), 'utf8')).not.toMatch(
    /typeof (__filename|__dirname|require|module|exports)\b/,
  )
})
