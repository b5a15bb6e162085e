import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as bitscript from 'bitscript'
import * as devtools from 'bitscript/devtools'
import * as node from 'bitscript/node'
import * as vite from 'bitscript/vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

const run = promisify(execFile)
let folder: string
let archive: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-package-'))
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: REPOSITORY })
  archive = join(folder, stdout.trim().split('\n').at(-1) as string)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the package', () => {
  it('exports exactly this', () => {
    expect(Object.keys(bitscript).sort()).toEqual([
      'ABI_VERSION',
      'DEFAULT_LIMITS',
      'ERROR_SENTENCES',
      'EXPORTS',
      'History',
      'IMPORTS',
      'LOG_LEVELS',
      'Recorder',
      'Recording',
      'Replay',
      'ScriptError',
      'ScriptState',
      'Snapshot',
      'WasmScriptRuntime',
      'compareWorlds',
      'countEntities',
      'defineComponents',
      'describeEntity',
      'describeModule',
      'hashWorld',
      'listEntities',
    ])
    expect(Object.keys(vite)).toEqual(['bitscript'])
    expect(Object.keys(devtools)).toEqual(['mountInspector'])
    expect(Object.keys(node).sort()).toEqual(['ScriptReloader', 'importSimulation', 'watchScripts'])
  })

  it('is clean to publint and to are-the-types-wrong', async () => {
    const { stdout } = await run('npx', ['publint', '--strict', '--pack', 'false'], { cwd: REPOSITORY })
    expect(stdout).toContain('All good!')
    await run('npx', ['attw', archive, '--profile', 'esm-only'], { cwd: REPOSITORY })
  })

  it('installs in an empty project, runs there, and has its types', async () => {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await run('npm', ['install', '--silent', '--no-audit', '--no-fund', archive, 'bitecs@0.4.0'], { cwd: folder })
    const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] as string
    await writeFile(join(folder, 'example.mjs'), example)
    const { stdout } = await run(process.execPath, ['example.mjs'], { cwd: folder })
    expect(stdout).toBe(/```text\n([\s\S]*?)```/.exec(readme)?.[1])
    await writeFile(join(folder, 'example.ts'), example)
    await symlink(join(REPOSITORY, 'node_modules/@types'), join(folder, 'node_modules/@types'))
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--lib', 'es2023,dom']
    await run(join(REPOSITORY, 'node_modules/.bin/tsc'), [...options, 'example.ts'], { cwd: folder })
    const command = await run('npx', ['bitscript', '--help'], { cwd: folder })
    expect(command.stdout).toContain('Usage: bitscript')
  })
})
