import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { makeGame, type NewOptions } from '../../../src/node/new/make-game.ts'
import { missingCompiler } from '../../../src/node/new/missing-compiler.ts'
import { bitscript, REPOSITORY } from '../../fixtures/project.ts'

const run = promisify(execFile)
const PACKAGES = ['bitecs', 'tsx', 'typescript', 'vite', 'vitest']

let folder: string

/** Games that are made here find the packages of the repository: nothing is installed. */
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-new-')))
  await mkdir(join(folder, 'node_modules'))
  for (const name of PACKAGES) await symlink(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name))
  await symlink(REPOSITORY, join(folder, 'node_modules/bitscript'))
})
afterAll(() => rm(folder, { recursive: true }))

async function finished(...args: string[]): Promise<{ code: number | null; output: string }> {
  const running = bitscript(folder, ...args)
  return { code: await running.ended, output: running.output() }
}

function make(name: string, options: Partial<NewOptions> = {}): Promise<void> {
  return makeGame(REPOSITORY, join(folder, name), { lang: 'wat', vite: false, ...options })
}

async function filesOf(game: string): Promise<string[]> {
  const entries = await readdir(join(folder, game), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => file.slice(join(folder, game).length + 1)).sort()
}

type PackageJson = Record<string, Record<string, string>>
const readPackage = async (path: string): Promise<PackageJson> => JSON.parse(await readFile(path, 'utf8')) as PackageJson

describe('bitscript new', () => {
  it('makes a game without a screen, which runs, and says what to do next', async () => {
    expect(await finished('new', 'first')).toEqual({
      code: 0,
      output: `✓ first is a game with scripts in WAT. To run it:

  cd first
  npm install
  npm run dev

Then change a script in first/scripts, and save it. README.md has the rest.
`,
    })
    expect(await filesOf('first')).toEqual([
      '.gitignore',
      '.vscode/extensions.json',
      '.vscode/extensions/bitscript/adapter.cjs',
      '.vscode/extensions/bitscript/package.json',
      '.vscode/launch.json',
      '.vscode/settings.json',
      'README.md',
      'package.json',
      'scripts/drift.wat',
      'scripts/fireflies.wat',
      'scripts/lantern.wat',
      'sim/components.ts',
      'sim/index.ts',
      'sim/scripts.ts',
      'test/game.test.ts',
      'tsconfig.json',
      'vitest.config.ts',
    ])
    const launch = JSON.parse(await readFile(join(folder, 'first/.vscode/launch.json'), 'utf8')) as {
      configurations: { type: string; program?: string; simulation?: string; recording?: string }[]
    }
    const programs = launch.configurations.flatMap(({ program }) => program ?? [])
    for (const program of programs) await access(program.replace(/^\$\{workspaceFolder\}/, folder))
    expect(
      launch.configurations
        .filter(({ type }) => type === 'bitscript')
        .map(({ simulation, recording }) => (simulation ?? recording)?.split('/').at(-1)),
    ).toEqual(['sim', 'game.rec'])
    const played = await finished('run', 'first/sim', '--ticks', '60', '--seed', '7', '--json')
    expect(JSON.parse(played.output)).toMatchObject({ ticks: 60, entities: 41, faults: [] })
  })

  it('makes a page with --vite, whose types are right, with the packages that the tests here use', async () => {
    await make('games/second', { vite: true })
    const files = await filesOf('games/second')
    expect(files).toEqual(expect.arrayContaining(['index.html', 'view/main.ts', 'vite.config.ts']))
    expect(files).not.toContain('vitest.config.ts')
    for (const file of files) expect(await readFile(join(folder, 'games/second', file), 'utf8'), file).not.toContain('{{')
    expect(await readFile(join(folder, 'games/second/index.html'), 'utf8')).toContain('<title>second</title>')
    const { name, scripts, dependencies, devDependencies } = await readPackage(join(folder, 'games/second/package.json'))
    expect({ name, dev: scripts?.dev, start: scripts?.start }).toEqual({ name: 'second', dev: 'vite', start: 'bitscript run sim' })
    const own = (await readPackage(join(REPOSITORY, 'package.json'))).devDependencies
    for (const [each, range] of Object.entries({ ...dependencies, ...devDependencies }))
      if (each !== 'bitscript') expect(range, each).toBe(`^${own?.[each]}`)
    await run(process.execPath, [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'games/second')])
  })

  it('overwrites nothing', async () => {
    await mkdir(join(folder, 'full'))
    await writeFile(join(folder, 'full/novel.txt'), 'Chapter 1')
    await expect(make('full')).rejects.toThrow(/full is not empty: it has novel\.txt, and nothing is overwritten\. Name a folder that does/)
    expect(await filesOf('full')).toEqual(['novel.txt'])
    await expect(make('full/novel.txt')).rejects.toThrow(/novel\.txt is a file: name a folder that does not exist/)
  })

  it('says which file cannot be written', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(make('file/game')).rejects.toThrow(
      /file\/game\/\S+ cannot be written: its path leads through a file\. .* \[InvalidOptions\]/,
    )
  })

  // It says that a new folder is missing, where it exists itself.
  it.skipIf(process.platform !== 'linux')('refuses a folder under /proc at once', async () => {
    await expect(makeGame(REPOSITORY, '/proc/some/game', { lang: 'wat', vite: false })).rejects.toThrow(
      /\/proc\/some\/game\/\S+ cannot be written: there is no such file or folder/,
    )
  })

  it('makes a game in an empty folder, and in that of a repository without files', async () => {
    await mkdir(join(folder, 'empty/.git'), { recursive: true })
    await make('empty')
    expect(await filesOf('empty')).toContain('package.json')
  })

  it('makes nothing under a name that npm refuses', async () => {
    await expect(make('My Game')).rejects.toThrow(/npm refuses a package named 'My Game': .*'my-game' would do/)
    await expect(make('some/vitest')).rejects.toThrow(/a game named 'vitest' could not use the package vitest/)
    expect(await readdir(folder)).not.toEqual(expect.arrayContaining(['My Game', 'some']))
  })

  it('makes the game without its compiler, and says how to install that', async () => {
    vi.stubEnv('PATH', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    await make('compiled', { lang: 'c' })
    expect(await filesOf('compiled')).toEqual(expect.arrayContaining(['scripts/fireflies.c', 'scripts/game.h', 'scripts/lantern.c']))
    expect(await missingCompiler(join(folder, 'compiled/scripts/lantern.c'))).toMatch(/^a script in C needs the compiler clang: run '.+'$/)
    expect(await missingCompiler(join(folder, 'compiled/scripts/drift.wat'))).toBeUndefined()
  })

  it('refuses an unknown language as a wrong call', async () => {
    const { code, output } = await finished('new', 'game', '--lang', 'rst')
    expect(code).toBe(2)
    expect(output).toContain("option '--lang <language>' argument 'rst' is invalid. It is no language; did you mean 'rust'?\n")
    expect(await readdir(folder)).not.toContain('game')
  })
})
