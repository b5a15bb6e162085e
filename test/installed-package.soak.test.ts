import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packInto } from './fixtures/pack-into.ts'
import { REPOSITORY } from './fixtures/project.ts'

const run = promisify(execFile)
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
  folder = await mkdtemp(join(tmpdir(), 'bitscript-installed-'))
  archive = await packInto(folder)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the package that npm installs', () => {
  it('runs in an empty project, with its types', async () => {
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
