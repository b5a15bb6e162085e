import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ErrorCode } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-bundle-')))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(REPOSITORY, 'node_modules/bitecs'), join(folder, 'node_modules/bitecs'))
  // A package of its own, as if it were installed: a bundler finds none of this repository's packages from here.
  const installed = join(folder, 'node_modules/bitscript')
  await mkdir(installed)
  await copyFile(join(REPOSITORY, 'package.json'), join(installed, 'package.json'))
  await cp(join(REPOSITORY, 'dist'), join(installed, 'dist'), { recursive: true })
  await write('package.json', '{ "type": "module" }')
})
afterEach(() => rm(folder, { recursive: true }))

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), content)
}

/** Writes the files of an example of the page, and runs its commands. Resolves with what the last one prints. */
async function runExample(title: string): Promise<string> {
  const page = await readFile(join(REPOSITORY, 'docs/bundlers.md'), 'utf8')
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? ''
  for (const [, name, content] of section.matchAll(/`([\w./]+)`:\n\n```\w+\n([\s\S]*?)```/g)) await write(name as string, content as string)
  const commands = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
  let printed = ''
  for (const command of commands.trim().split('\n')) {
    const [program = '', ...args] = command.replace(/^npx /, `${join(REPOSITORY, 'node_modules/.bin')}/`).split(' ')
    printed = (await run(program, args, { cwd: folder, env: { ...process.env, NODE_PATH: '' } })).stdout
  }
  expect(section).toContain(`\`\`\`text\n${printed}\`\`\``)
  return printed
}

describe('docs/bundlers.md', () => {
  it.each(['esbuild', 'esbuild, for Node', 'Rolldown'])('holds for %s', async (title) => {
    expect(await runExample(title)).toMatch(/\S/)
  })
})

it('an assembler that cannot be started is EngineUnavailable, and is named', async () => {
  const code: ErrorCode = 'EngineUnavailable'
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
