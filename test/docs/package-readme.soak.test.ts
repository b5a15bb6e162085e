import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { packageReadme } from '../../build/package-readme.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

it('npm pack puts it into the package, and leaves the README of the repository as it is', async () => {
  const folder = await createRepository()
  const before = await readFile(join(folder, 'README.md'), 'utf8')
  const { stdout } = await run('npm', ['pack', '--silent'], { cwd: folder })
  await mkdir(join(folder, 'packed'))
  await run('tar', ['-xzf', stdout.trim().split('\n').at(-1) as string, '-C', 'packed', '--strip-components=1'], { cwd: folder })
  expect(await readFile(join(folder, 'packed/README.md'), 'utf8')).toBe(packageReadme(before))
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(before)
  expect(await readdir(join(folder, 'build'))).toEqual(['package-readme.ts'])
  expect((await readdir(join(folder, 'packed'))).sort()).toEqual(['README.md', 'package.json'])
})

it('an npm pack that was stopped loses no README', async () => {
  const folder = await createRepository()
  const before = await readFile(join(folder, 'README.md'), 'utf8')
  const command = async (...args: string[]): Promise<unknown> =>
    run(process.execPath, [join(REPOSITORY, 'node_modules/tsx/dist/cli.mjs'), 'build/package-readme.ts', ...args], { cwd: folder })
  await command()
  await command()
  await writeFile(join(folder, 'README.md'), 'edited since')
  await expect(command()).rejects.toThrow('Put them back from git')
  await writeFile(join(folder, 'README.md'), packageReadme(before))
  await command()
  await command('restore')
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(before)
})

/** Creates a folder with what packs the README. */
async function createRepository(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-readme-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of ['README.md', 'package.json', 'build/package-readme.ts']) await cp(join(REPOSITORY, name), join(folder, name))
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  await run('npm', ['pkg', 'delete', 'scripts.prepare'], { cwd: folder })
  return folder
}
