import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { printsOf, snippetOf } from '../docs/guests-page.ts'
import { createProject, REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

it('the plugin of docs/guests.md is built and runs as it says', async () => {
  const { folder, remove } = await createProject(['bitecs'])
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', 'build/guests'], { cwd: REPOSITORY })
  for (const name of ['assemblyscript', 'binaryen', 'long', '@extism'])
    await symlink(join(REPOSITORY, 'build/guests/node_modules', name), join(folder, 'node_modules', name))
  await writeFile(join(folder, 'count.ts'), snippetOf('A plugin in ten lines', 'ts'))
  const game = snippetOf('A plugin in ten lines', 'js')
  await writeFile(join(folder, 'game.js'), game)
  const [, compile = '', start = ''] = snippetOf('A plugin in ten lines', 'sh').split('\n')
  const [, , ...flags] = compile.split(' ')
  await run(process.execPath, ['node_modules/assemblyscript/bin/asc.js', ...flags], { cwd: folder })
  const [command = '', ...files] = start.split(' ')
  expect((await run(command, files, { cwd: folder })).stdout).toBe(printsOf(game))
  await remove()
})

it('the guests of the demo in the repository are those that `npm run guests` makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-guests-'))
  await run('npm', ['run', '--silent', 'guests', '--', `${folder}/`], { cwd: REPOSITORY })
  const made = (await readdir(folder)).filter((name) => name.endsWith('.wasm'))
  expect(made).toContain('score.wasm')
  for (const name of made) expect(await readFile(join(folder, name))).toEqual(await readFile(join(REPOSITORY, 'demo/guests', name)))
  await rm(folder, { recursive: true })
})
