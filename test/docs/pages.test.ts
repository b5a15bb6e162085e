import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'
import { createPackedProject, MOVER, type PackedProject, PROGRAM, type Snippet, snippetsOf } from './packed-project.ts'

const run = promisify(execFile)

/** Pages whose blocks of JavaScript are programs, or go on with the program of the README. */
const PAGES = [
  'docs/debugging.md',
  'docs/errors.md',
  'docs/fuel.md',
  'docs/host-functions.md',
  'docs/relations.md',
  'docs/reload.md',
  'docs/scripts.md',
  'docs/snapshots.md',
]
/** Other pages with code, each with the test that runs it. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/actors.md': 'examples.test.ts',
  'docs/assemblyscript.md': 'languages.soak.test.ts',
  'docs/building.md': '../node/sources.test.ts',
  'docs/bundlers.md': 'bundlers.test.ts',
  'docs/c.md': 'languages.soak.test.ts',
  'docs/guests.md': 'guests.test.ts',
  'docs/hosting-mods.md': 'examples.test.ts',
  'docs/jobs.md': 'examples.test.ts',
  'docs/mods.md': 'mods.test.ts',
  'docs/multiplayer.md': 'multiplayer.soak.test.ts',
  'docs/rust.md': 'languages.soak.test.ts',
  'docs/services.md': 'examples.test.ts',
  'docs/testing.md': 'pages.soak.test.ts',
  'docs/wat.md': 'languages.test.ts',
  'docs/workers.md': 'pages.soak.test.ts',
}
/** Pages with other blocks that the tests below run. */
const TESTED_HERE = ['docs/command-line.md', 'docs/vite.md']
const COMMAND = 'node_modules/bitscript/dist/node/command.js'

const programs = (await Promise.all(PAGES.map(snippetsOf))).flat().filter(({ language }) => language === 'js')
const commandLine = await snippetsOf('docs/command-line.md')
const vite = await snippetsOf('docs/vite.md')

/** Returns the block that contains a text. */
function containing(snippets: readonly Snippet[], part: string): string {
  const found = snippets.filter(({ code }) => code.includes(part))
  expect(found, part).toHaveLength(1)
  return found[0]?.code as string
}

/** What the comments of a program say that it prints: behind a call, and in lines of their own at the end. `…` stands for anything. */
function promised({ code }: Snippet): string[] {
  const behind = [...code.matchAll(/^.*console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text = '']) => text)
  const below = /(?:^\/\/ .*\n)+$/m.exec(code.slice(code.lastIndexOf('\nruntime.tick')))?.[0] ?? ''
  return [...behind, ...below.split('\n').flatMap((line) => (line.startsWith('// ') ? [line.slice(3)] : []))]
}

let project: PackedProject
beforeAll(async () => {
  project = await createPackedProject(['bitecs', 'vite'])
  await run('sh', ['-c', 'npm init -y && npm pkg set type=module'], { cwd: project.folder })
  await project.write('mover.wat', MOVER)
  await project.write('game.js', containing(commandLine, '// game.js'))
})
afterAll(() => project.remove())

describe('the README', () => {
  it('has a program that prints what it says', async () => {
    await project.write('ship.js', PROGRAM)
    expect(await project.node('ship.js')).toBe(containing(await snippetsOf('README.md'), 'after a second the ship is at 90'))
  })

  it('has at most 150 lines', async () => {
    expect((await readFile(join(REPOSITORY, 'README.md'), 'utf8')).split('\n').length).toBeLessThanOrEqual(150)
  })
})

describe('the programs of the pages', () => {
  it('print what they say', async () => {
    const names = programs.map((_, index) => `program-${index}.js`)
    for (const [index, { code }] of programs.entries())
      await project.write(names[index] as string, code.includes('createWorld()') ? code : `${PROGRAM}\n${code}`)
    // One process for all of them. It ends with an error if one fails.
    const runner = `for (const name of ${JSON.stringify(names)}) {\n  console.log('program')\n  await import('./' + name)\n}`
    await project.write('all.js', runner)
    const [, ...outputs] = (await project.node('all.js')).split(/^program\n/m)
    for (const [index, program] of programs.entries()) {
      const lines = (outputs[index] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('after a second'))
      const expected = promised(program).map((line) =>
        line.includes('…') ? expect.stringMatching(new RegExp(line.replace(/\W/g, '\\$&').replaceAll('\\…', '.*'))) : line,
      )
      expect(lines, `${program.page}: ${program.code}`).toEqual(expected)
    }
  })

  it('are found', () => {
    expect(programs.map(({ page }) => page)).toEqual([
      'docs/debugging.md',
      'docs/errors.md',
      'docs/fuel.md',
      'docs/host-functions.md',
      'docs/relations.md',
      'docs/reload.md',
      ...Array<string>(2).fill('docs/scripts.md'),
      ...Array<string>(4).fill('docs/snapshots.md'),
    ])
    expect(programs.flatMap(promised).length).toBe(13)
  })

  it('are on every page that has code, or another test runs them', async () => {
    const pages = (await readdir(join(REPOSITORY, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
    const snippets = (await Promise.all(pages.map(snippetsOf)))
      .flat()
      .filter(({ language }) => ['js', 'ts', 'wat', 'c', 'rust'].includes(language))
    expect([...new Set(snippets.map(({ page }) => page))].sort()).toEqual(
      [...PAGES, ...TESTED_HERE, ...Object.keys(TESTED_ELSEWHERE)].sort(),
    )
    for (const [page, test] of Object.entries(TESTED_ELSEWHERE))
      expect(await readFile(join(REPOSITORY, 'test/docs', test), 'utf8')).toMatch(new RegExp(`${page}|-page\\.ts`))
  })
})

it('the commands of the pages run', async () => {
  const pages = [...commandLine, ...(await snippetsOf('docs/scripts.md')), ...(await snippetsOf('docs/snapshots.md'))]
  const lines = pages.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split('\n'))
  const commands = lines.filter((line) => line.startsWith('npx bitscript ')).map((line) => line.replace(/#.*/, '').trim())
  expect(commands.length).toBe(5)
  for (const command of commands) {
    const args = command.split(' ').slice(2)
    const running = run(process.execPath, [COMMAND, ...args], { cwd: project.folder })
    if (args[0] === 'dev') running.child.stdout?.on('data', (text) => /Ctrl-C ends/.test(String(text)) && running.child.kill('SIGINT'))
    await expect(running, command).resolves.toBeDefined()
  }
})

it('the page of docs/vite.md builds, and mounts the inspector', async () => {
  await project.write('vite.config.ts', containing(vite, '// vite.config.ts'))
  await project.write('main.ts', `${containing(vite, "'./mover.wat?script'")}\n${containing(vite, 'bitscript/devtools')}`)
  await project.write('index.html', '<!doctype html><script type="module" src="/main.ts"></script>')
  expect(await project.node('node_modules/vite/bin/vite.js', 'build')).toMatch(/dist\/assets\/mover-.*\.wasm/)
})

it('in a CommonJS project the command says what to do', async () => {
  const other = join(project.folder, 'common')
  await mkdir(other)
  await run('sh', ['-c', 'npm init -y && npm pkg set type=commonjs'], { cwd: other })
  for (const name of ['game.js', 'mover.wat']) await writeFile(join(other, name), await readFile(join(project.folder, name)))
  const command = join(project.folder, COMMAND)
  const failed = await run(process.execPath, [command, 'run', 'game.js'], { cwd: other }).catch((error: { stderr: string }) => error)
  expect(failed.stderr).toContain("run 'npm pkg set type=module' in its project, or end its name in .mjs")
  await writeFile(join(other, 'game.mjs'), await readFile(join(project.folder, 'game.js')))
  await expect(run(process.execPath, [command, 'run', 'game.mjs', '--ticks', '1'], { cwd: other })).resolves.toBeDefined()
})
