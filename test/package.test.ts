import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as bitscript from 'bitscript'
import * as colyseus from 'bitscript/colyseus'
import * as colyseusClient from 'bitscript/colyseus/client'
import * as debug from 'bitscript/debug'
import * as devtools from 'bitscript/devtools'
import * as node from 'bitscript/node'
import * as vite from 'bitscript/vite'
import { describe, expect, it } from 'vitest'
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
})

/** The declarations without comments, and each exported name on a line of its own: for a difference that can be read. */
function signatures(declarations: string): string {
  return declarations
    .replace(/^ *(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, '')
    .replace(/^export \{ (.*) \};?$/m, (_, names: string) => `export {\n  ${names.replaceAll(', ', ',\n  ')},\n}\n`)
}
