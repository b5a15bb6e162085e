import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as bitscript from 'bitscript'
import * as colyseus from 'bitscript/colyseus'
import * as colyseusClient from 'bitscript/colyseus/client'
import * as debug from 'bitscript/debug'
import * as devtools from 'bitscript/devtools'
import * as node from 'bitscript/node'
import * as vite from 'bitscript/vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scriptSchema } from '../build/script-schema.ts'
import { REPOSITORY } from './fixtures/project.ts'

const run = promisify(execFile)
const DIST = join(REPOSITORY, 'dist')
/** The declarations that ship: one file for each entry of `exports`. */
const DECLARATIONS = [
  'colyseus/client/index.d.ts',
  'colyseus/index.d.ts',
  'debug/index.d.ts',
  'devtools/index.d.ts',
  'index.d.ts',
  'node/index.d.ts',
  'node/register.d.ts',
  'vite/index.d.ts',
  'vite/modules.d.ts',
]
/** A module that imports each entry as a user would, for the compiler. */
const IMPORTS_OF_ALL_ENTRIES = `/// <reference types="bitscript/client" />
import { History, type ScriptAsset, WasmScriptRuntime } from 'bitscript'
import { Past, type Trace } from 'bitscript/debug'
import { type Inspector, mountInspector } from 'bitscript/devtools'
import { type ScriptWatcher, type Simulation, watchScripts } from 'bitscript/node'
import 'bitscript/register'
import { bitscript } from 'bitscript/vite'
import script from './script.wat?script'
import { defineConfig } from 'vite'

export const asset: ScriptAsset = script
export default defineConfig({ plugins: [bitscript({ editable: true })] })
export function watch({ runtime }: Simulation): ScriptWatcher {
  return watchScripts(runtime)
}
export function tracing(runtime: WasmScriptRuntime): Promise<Trace> {
  return new Past(runtime).trace(1)
}
export function inspect(runtime: WasmScriptRuntime): Inspector {
  return mountInspector(runtime, { history: new History(runtime) })
}
`

let folder: string
let archive: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-package-'))
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: REPOSITORY })
  archive = join(folder, stdout.trim().split('\n').at(-1) as string)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the package', () => {
  it('has the JSON Schema of manifests, as it is generated', async () => {
    const { exports } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'))
    const declarations = await readFile(join(REPOSITORY, 'src/runtime/load/manifest/manifest.ts'), 'utf8')
    const shipped = await readFile(join(REPOSITORY, exports['./script.schema.json']), 'utf8')
    expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(scriptSchema(declarations))))
  })

  it('exports exactly this', () => {
    expect(Object.keys(bitscript).sort()).toEqual([
      'ABI_VERSION',
      'DEFAULT_LIMITS',
      'ERROR_SENTENCES',
      'EXPORTS',
      'History',
      'IMPORTS',
      'InputPlayer',
      'LOG_LEVELS',
      'Mods',
      'PRICES',
      'Recorder',
      'Recording',
      'Replay',
      'ScriptError',
      'ScriptState',
      'Snapshot',
      'WasmScriptRuntime',
      'compareWorlds',
      'countEntities',
      'decodeInputs',
      'defineComponents',
      'describeEntity',
      'describeGame',
      'describeInstance',
      'describeModule',
      'encodeInputs',
      'findOwnState',
      'hashWorld',
      'listComponents',
      'listEntities',
      'listMessages',
      'parseManifest',
      'prepare',
      'readContent',
      'setClock',
    ])
    expect(Object.keys(vite)).toEqual(['bitscript'])
    expect(Object.keys(colyseus).sort()).toEqual([
      'ScriptCluster',
      'ScriptRoom',
      'columns',
      'defineGame',
      'formatRoomMetrics',
      'inputs',
      'memoryKeeper',
      'noKeeper',
      'q',
      'redisKeeper',
      'startGame',
    ])
    expect(Object.keys(debug).sort()).toEqual(['DebugSession', 'Past', 'Stepper', 'Trace', 'allowDebugger', 'profile', 'toLcov'])
    expect(Object.keys(colyseusClient).sort()).toEqual(['connectScripts', 'defineGame', 'startGame'])
    expect(Object.keys(devtools)).toEqual(['Debugger', 'mountInspector'])
    expect(Object.keys(node).sort()).toEqual(['ScriptReloader', 'importSimulation', 'watchScripts'])
  })

  it('ships no declarations but those of its entries', async () => {
    const files = await readdir(DIST, { recursive: true })
    expect(files.filter((file) => file.endsWith('.d.ts')).sort()).toEqual(DECLARATIONS)
  })

  // After a wanted change of the public API, write the files anew with `npm test -- test/package.test.ts -u`, and commit them with the change.
  it.each(DECLARATIONS)('declares exactly this in %s', async (file) => {
    const declarations = await readFile(join(DIST, file), 'utf8')
    expect(declarations).not.toContain('@internal')
    await expect(signatures(declarations)).toMatchFileSnapshot(`public-api/${file.replaceAll('/', '-')}.snap`)
  })

  it('is clean to publint', async () => {
    const { stdout } = await run('npx', ['publint', '--strict', '--pack', 'false'], { cwd: REPOSITORY })
    expect(stdout).toContain('All good!')
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
    await writeFile(join(folder, 'entries.ts'), IMPORTS_OF_ALL_ENTRIES)
    await symlink(join(REPOSITORY, 'node_modules/vite'), join(folder, 'node_modules/vite'))
    await run(join(REPOSITORY, 'node_modules/.bin/tsc'), [...options, 'entries.ts'], { cwd: folder })
    const command = await run('npx', ['bitscript', '--help'], { cwd: folder })
    expect(command.stdout).toContain('Usage: bitscript')
  })
})

/** The declarations without comments, and each exported name on a line of its own: for a difference that can be read. */
function signatures(declarations: string): string {
  return declarations
    .replace(/^ *(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, '')
    .replace(/^export \{ (.*) \};?$/m, (_, names: string) => `export {\n  ${names.replaceAll(', ', ',\n  ')},\n}\n`)
}
