import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildStepOf } from '../../src/node/build-step.ts'
import { runBuild } from '../../src/node/run-build.ts'
import { codeOf } from '../fixtures/game.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-run-build-')))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs a build, and resolves with the lines that it printed. */
async function build(command: string, args: readonly string[], signal = new AbortController().signal): Promise<string[]> {
  const lines: string[] = []
  const step = buildStepOf(join(folder, 'mod.script.json'), { name: 'mod', build: { command, args, watch: ['.'], output: 'mod.wasm' } })
  if (step === undefined) throw new Error('it has no build')
  await runBuild(step, { onLine: (line) => lines.push(line), signal })
  return lines
}

describe('runBuild', () => {
  it('runs in the folder of the manifest, without a shell, and passes on the lines of both outputs', async () => {
    const code = "require('fs').writeFileSync('mod.wasm', process.argv[1]); console.log('\\x1b[31mone\\x1b[0m'); console.error('two')"
    expect((await build('node', ['-e', code, '$HOME; `date` "*"'])).sort()).toEqual(['one', 'two'])
    expect(await readFile(join(folder, 'mod.wasm'), 'utf8')).toBe('$HOME; `date` "*"')
  })

  it('finds the commands of packages that are installed around it', async () => {
    const commands = join(folder, 'node_modules/.bin')
    await mkdir(commands, { recursive: true })
    await writeFile(join(commands, 'own-compiler'), '#!/bin/sh\necho compiled; echo 1 > mod.wasm\n')
    await chmod(join(commands, 'own-compiler'), 0o755)
    expect(await build('own-compiler', [])).toEqual(['compiled'])
  })

  it.each([
    [
      'the last lines of the compiler',
      ['-e', "for (let i = 1; i <= 30; i++) console.error('mistake ' + i); process.exit(3)"],
      /mod: mistake 11\n[\s\S]*mistake 30\nthe build 'node .*' ended with exit code 3\. /,
    ],
    ['that it wrote nothing', ['-e', '0'], /ended without a mistake, but did not write mod\.wasm, its output/],
    ['what ended it', ['-e', 'process.kill(process.pid)'], /was ended by SIGTERM/],
  ])('is BuildFailed, and says %s', async (_, args, message) => {
    const failed = build('node', args)
    expect(await codeOf(failed)).toBe('BuildFailed')
    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.toMatchObject({ script: 'mod' })
  })

  it('says that there is no such command', async () => {
    await expect(build('no-such-compiler', [])).rejects.toThrow(
      /'no-such-compiler' could not be started: there is no command no-such-compiler\. Install it/,
    )
  })

  it('ends what its command started when it is stopped', async () => {
    const controller = new AbortController()
    const code = `require('child_process').spawn(process.execPath, ['-e', 'console.log("started"); setInterval(() => {}, 1e6)'], { stdio: 'inherit' })`
    const lines: string[] = []
    const step = buildStepOf(join(folder, 'mod.script.json'), {
      name: 'mod',
      build: { command: 'node', args: ['-e', code], watch: ['.'], output: 'mod.wasm' },
    })
    if (step === undefined) throw new Error('it has no build')
    const running = runBuild(step, {
      onLine: (line) => {
        lines.push(line)
        controller.abort()
      },
      signal: controller.signal,
    })
    // Its output is closed, so no process is left that has it.
    await expect(running).rejects.toThrow(/was stopped/)
    expect(lines).toEqual(['started'])
  })
})
