import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

const run = promisify(execFile)
const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
const snippets = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({ language, code }))

/** Returns the snippet that contains a text. */
function snippet(part: string): string {
  const found = snippets.filter(({ code }) => code.includes(part))
  expect(found, part).toHaveLength(1)
  return found[0]?.code as string
}

const program = snippet('after a second the ship is at ${')
let folder: string

/** A project with the package as npm packs it. What the package needs is that of the repository: nothing is downloaded. */
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-readme-')))
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: REPOSITORY })
  await mkdir(join(folder, 'node_modules/bitscript'), { recursive: true })
  const archive = join(folder, stdout.trim().split('\n').at(-1) as string)
  await run('tar', ['-xzf', archive, '--strip-components=1', '-C', join(folder, 'node_modules/bitscript')])
  const { dependencies } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), 'bitecs', 'vite']) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name))
  }
  for (const line of snippet('npm init -y')
    .split('\n')
    .filter((each) => each.startsWith('npm init'))) {
    await run('sh', ['-c', line], { cwd: folder })
  }
  await writeFile(join(folder, 'mover.wat'), /`(\(module[\s\S]*?)`/.exec(program)?.[1] as string)
  await writeFile(join(folder, 'game.js'), snippet('// game.js'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function runModule(name: string, code: string): Promise<string> {
  await writeFile(join(folder, name), code)
  return (await run(process.execPath, [name], { cwd: folder })).stdout
}

describe('the snippets of README.md', () => {
  it('have a program that prints what it says', async () => {
    expect(await runModule('program.js', program)).toBe(snippet('after a second the ship is at 90'))
  })

  it.each(['second mover', 'new History(runtime)', 'new Recorder(runtime)'])('run after that program: %s', async (part) => {
    const output = await runModule(`${part.replace(/\W/g, '')}.js`, `${program}\n${snippet(part)}`)
    if (part.includes('Recorder')) expect(output).toMatch(/\{ ticks: 2, hash: '[0-9a-f]{16}', matches: true \}/)
  })

  it('have commands that run', async () => {
    const lines = snippets.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split('\n'))
    const commands = lines.filter((line) => line.startsWith('npx bitscript ')).map((line) => line.replace(/#.*/, '').trim())
    expect(commands.length).toBeGreaterThanOrEqual(5)
    for (const command of commands) {
      const args = command.split(' ').slice(2)
      const running = run(process.execPath, ['node_modules/bitscript/dist/node/command.js', ...args], { cwd: folder })
      if (args[0] === 'dev') running.child.stdout?.on('data', (text) => /Ctrl-C ends/.test(String(text)) && running.child.kill('SIGINT'))
      await expect(running, command).resolves.toBeDefined()
    }
  })

  it('build with Vite, and mount the inspector', async () => {
    await writeFile(join(folder, 'vite.config.ts'), snippet('// vite.config.ts'))
    await writeFile(join(folder, 'main.ts'), `${snippet("'./mover.wat?script'")}\n${snippet('bitscript/devtools')}`)
    await writeFile(join(folder, 'index.html'), '<!doctype html><script type="module" src="/main.ts"></script>')
    const { stdout } = await run(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], { cwd: folder })
    expect(stdout).toMatch(/dist\/assets\/mover-.*\.wasm/)
  })

  it('say what to do in a CommonJS project', async () => {
    const other = join(folder, 'common')
    await mkdir(other)
    await run('sh', ['-c', 'npm init -y && npm pkg set type=commonjs'], { cwd: other })
    for (const name of ['game.js', 'mover.wat']) await writeFile(join(other, name), await readFile(join(folder, name)))
    const command = join(folder, 'node_modules/bitscript/dist/node/command.js')
    const failed = await run(process.execPath, [command, 'run', 'game.js'], { cwd: other }).catch((error: { stderr: string }) => error)
    expect(failed.stderr).toContain("run 'npm pkg set type=module' in its project, or end its name in .mjs")
    await writeFile(join(other, 'game.mjs'), await readFile(join(folder, 'game.js')))
    await expect(run(process.execPath, [command, 'run', 'game.mjs', '--ticks', '1'], { cwd: other })).resolves.toBeDefined()
  })
})
