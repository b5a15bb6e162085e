import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { packageReadme } from '../../build/package-readme.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

it('the README of the package names no command that needs the repository', async () => {
  const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
  expect(readme).toMatch(/npm ci && npm run demo/)
  const shipped = packageReadme(readme)
  expect(shipped).not.toMatch(/npm ci|npm run|npm test|demo\//)
  expect(shipped).toContain('npm install bitscript bitecs')
  expect(shipped).toContain('Licence: MIT')
})

it('npm pack puts it into the package, and leaves the README of the repository as it is', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-readme-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of ['README.md', 'package.json', 'build/package-readme.ts']) await cp(join(REPOSITORY, name), join(folder, name))
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  await run('npm', ['pkg', 'delete', 'scripts.prepare'], { cwd: folder })
  const before = await readFile(join(folder, 'README.md'), 'utf8')
  const { stdout } = await run('npm', ['pack', '--silent'], { cwd: folder })
  await mkdir(join(folder, 'packed'))
  await run('tar', ['-xzf', stdout.trim().split('\n').at(-1) as string, '-C', 'packed', '--strip-components=1'], { cwd: folder })
  expect(await readFile(join(folder, 'packed/README.md'), 'utf8')).toBe(packageReadme(before))
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(before)
  expect(await readdir(folder)).not.toContain('README.repository.md')
})
