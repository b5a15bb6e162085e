import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { packageDoc } from '../../build/package-docs.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

const { files } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { files: string[] }
const PAGE = 'See [the game](../demo/).\n'
const SHIPPED = 'See the game.\n'

it('npm pack puts them into the package, and leaves those of the repository as they are', async () => {
  const folder = await createRepository()
  const before = await readFile(join(folder, 'README.md'), 'utf8')
  const { stdout } = await run('npm', ['pack', '--silent'], { cwd: folder })
  await mkdir(join(folder, 'packed'))
  await run('tar', ['-xzf', stdout.trim().split('\n').at(-1) as string, '-C', 'packed', '--strip-components=1'], { cwd: folder })
  expect(await readFile(join(folder, 'packed/README.md'), 'utf8')).toBe(packageDoc('README.md', before, files))
  expect(await readFile(join(folder, 'packed/docs/page.md'), 'utf8')).toBe(SHIPPED)
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(before)
  expect(await readFile(join(folder, 'docs/page.md'), 'utf8')).toBe(PAGE)
  expect(await readdir(join(folder, 'build'))).toEqual(['package-docs.ts'])
  expect((await readdir(join(folder, 'packed'))).sort()).toEqual(['README.md', 'docs', 'package.json'])
})

it('an npm pack that was stopped loses no page', async () => {
  const folder = await createRepository()
  const before = await readFile(join(folder, 'README.md'), 'utf8')
  const shipped = packageDoc('README.md', before, files)
  const command = async (...args: string[]): Promise<unknown> =>
    run(process.execPath, [join(REPOSITORY, 'node_modules/tsx/dist/cli.mjs'), 'build/package-docs.ts', ...args], { cwd: folder })
  await command()
  await command()
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(shipped)
  await writeFile(join(folder, 'README.md'), 'edited since')
  await expect(command()).rejects.toThrow('README.md was edited since an npm pack was stopped')
  await writeFile(join(folder, 'README.md'), shipped)
  await command()
  await command('restore')
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(before)
  expect(await readFile(join(folder, 'docs/page.md'), 'utf8')).toBe(PAGE)
})

/** Creates a folder with what packs the README and a page. */
async function createRepository(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-docs-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of ['README.md', 'package.json', 'build/package-docs.ts']) await cp(join(REPOSITORY, name), join(folder, name))
  await mkdir(join(folder, 'docs'))
  await writeFile(join(folder, 'docs/page.md'), PAGE)
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  await run('npm', ['pkg', 'set', 'scripts.build=true'], { cwd: folder })
  return folder
}
