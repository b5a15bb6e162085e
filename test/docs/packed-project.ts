import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packInto } from '../fixtures/pack-into.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

/** A block of code of a page, with the line before it that names its file, if there is one. */
export interface Snippet {
  readonly page: string
  readonly language: string
  readonly code: string
  readonly file: string | undefined
}

/** Returns the blocks of code of a page: its path in the repository. */
export async function snippetsOf(page: string): Promise<Snippet[]> {
  const text = await readFile(join(REPOSITORY, page), 'utf8')
  return [...text.matchAll(/(?:^`([\w./]+)`[^\n]*\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, file, language = '', code = '']) => ({
    page,
    language,
    code,
    file,
  }))
}

/** The program of the README, with which most snippets go on. */
export const PROGRAM: string = (await snippetsOf('README.md')).find(({ file }) => file === 'ship.js')?.code ?? ''

/** The script of that program: what the snippets call `mover.wat`. */
export const MOVER: string = /`(\(module[\s\S]*?)`/.exec(PROGRAM)?.[1] ?? ''

/** A project in which the package is installed as npm packs it. */
export interface PackedProject {
  readonly folder: string
  write(file: string, content: string): Promise<void>
  /** Runs a program of Node in the project. Resolves with what it prints. */
  node(...args: string[]): Promise<string>
  remove(): Promise<void>
}

/** Creates a project with the package and with `packages` of this repository. Nothing is downloaded. */
export async function createPackedProject(packages: readonly string[]): Promise<PackedProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-packed-')))
  const archive = await packInto(folder)
  await mkdir(join(folder, 'node_modules/bitscript'), { recursive: true })
  await run('tar', ['-xzf', archive, '--strip-components=1', '-C', join(folder, 'node_modules/bitscript')])
  const { dependencies } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), ...packages]) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name))
  }
  return {
    folder,
    async write(file, content) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), content)
    },
    node: async (...args) => (await run(process.execPath, args, { cwd: folder })).stdout,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
