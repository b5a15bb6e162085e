import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

it('the guests of the demo in the repository are those that `npm run guests` makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-guests-'))
  await run('npm', ['run', '--silent', 'guests', '--', `${folder}/`], { cwd: REPOSITORY })
  const made = (await readdir(folder)).filter((name) => name.endsWith('.wasm'))
  expect(made).toContain('score.wasm')
  for (const name of made) expect(await readFile(join(folder, name))).toEqual(await readFile(join(REPOSITORY, 'demo/guests', name)))
  await rm(folder, { recursive: true })
})
