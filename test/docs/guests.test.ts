import { execFile } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createWorld } from 'bitecs'
import { type RuntimeOptions, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { plugin, steppingPlugin } from '../fixtures/plugin.ts'
import { createProject, REPOSITORY } from '../fixtures/project.ts'
import { languagesBySection, printsOf, snippetOf } from './guests-page.ts'

const run = promisify(execFile)
const GAME = snippetOf('A plugin in ten lines', 'js')
const MANIFEST = snippetOf('Manifests', 'js')

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await createProject(['bitecs']))
  await copyFile(join(REPOSITORY, 'test/fixtures/plugins/count.as.wasm'), join(folder, 'count.wasm'))
  for (const [name, content] of Object.entries(await steppingPlugin(1))) await writeFile(join(folder, name), content)
  await writeFile(join(folder, 'plugin.json'), snippetOf('Manifests', 'json'))
})
afterAll(() => remove())

/** Runs code as a module, and returns what it prints. */
async function printed(code: string, ...flags: string[]): Promise<string> {
  await writeFile(join(folder, 'game.js'), code)
  return (await run(process.execPath, [...flags, 'game.js'], { cwd: folder })).stdout
}

describe('the snippets of docs/guests.md', () => {
  it('are all run, here, in components.test.ts, or in the soak', () => {
    expect(languagesBySection()).toEqual({
      'A plugin in ten lines': ['js', 'ts', 'sh'],
      'What a plugin is here': ['js'],
      Manifests: ['json', 'js'],
      'In a worker': ['sh', 'js'],
      'Imports of plugins': ['js'],
      'A component in twenty lines': ['js', 'js'],
    })
  })

  it('have a game that prints what it says', async () => {
    expect(await printed(GAME)).toBe(printsOf(GAME))
  })

  it('have a manifest that is loaded as it says', async () => {
    expect(await printed(`${GAME}\n${MANIFEST}`)).toBe(printsOf(GAME) + printsOf(MANIFEST))
  })

  it('have imports that Node takes', async () => {
    const [imports = '', loads = ''] = snippetOf('Imports of plugins', 'js').split('\n\n')
    const show = 'console.log(runtime.scripts().map(({ name, guest }) => [name, guest].join(" ")).join())'
    const code = `${imports}\n${GAME.replace(/^const counter[\s\S]*/m, '')}\n${loads}\n${show}`
    expect(await printed(code, '--import', 'bitscript/register')).toBe('count extism,plugin extism\n')
  })

  it('have a plugin in a worker, which answers later', async () => {
    const forecast = plugin(
      '(func (export "forecast") (result i32) (call $output (i32.const 64) (call $input (i32.const 64))) (i32.const 0))',
    )
    await writeFile(join(folder, 'weather.wasm'), await assembleWat(forecast, 'weather.wat'))
    const answer = 'await runtime.settle()\nruntime.tick(1 / 60)\nconsole.log(await weather)\nruntime.dispose()'
    const code = `${GAME.replace(/^const counter[\s\S]*/m, '')}\n${snippetOf('In a worker', 'js')}\n${answer}`
    expect(await printed(code)).toBe("{ city: 'Vienna' }\n")
  })

  it('have a host function that a plugin calls', async () => {
    const host = new Function(`${snippetOf('What a plugin is here', 'js')}; return host`)() as RuntimeOptions['host']
    const shout = plugin(
      `(func (export "shout") (result i32) (local $block i64)
        (local.set $block (call $shout (call $input_offset)))
        (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))`,
      '(import "extism:host/user" "shout" (func $shout (param i64) (result i64)))',
    )
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), ...(host && { host }) })
    const id = await runtime.loadModule(shout)
    expect(runtime.callJson(id, 'shout', 'hello')).toBe('HELLO')
  })
})
