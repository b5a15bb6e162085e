import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editGuest, plugin, steppingPlugin } from '../fixtures/plugin.ts'
import { bitscript, createProject, type Finished, finish } from '../fixtures/project.ts'

const run = promisify(execFile)

/** A game with a plugin of two modules, by its manifest, and a plugin in one module. The variable of the first is the x of an entity. */
const GAME = `import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import stepper from './plugins/plugin.json?script'
import single from './single.wat?script'

export const createSimulation = async ({ seed = 0 } = {}) => {
  const components = defineComponents({ Position: { x: 'f32' } })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, seed })
  const entity = runtime.spawn({ Position: {} })
  let id
  return {
    runtime,
    async load() {
      id = await runtime.loadModule(stepper)
      await runtime.loadModule(single)
      runtime.on('tick', () => {
        components.Position.x[entity] = runtime.readVariables(id).get('v')[0]
      })
    },
    step: (dt) => runtime.tick(dt),
    summary: () => ({ total: components.Position.x[entity] }),
  }
}`

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await createProject())
  await mkdir(join(folder, 'plugins'))
  await save(await steppingPlugin(2))
  await writeFile(join(folder, 'single.wat'), plugin('(func (export "init") (result i32) (drop (call $input_length)) (i32.const 0))'))
  await writeFile(join(folder, 'game.js'), GAME)
})
afterAll(() => remove())

async function save(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'plugins', name), content)
}

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

describe('Extism plugins at the command line', () => {
  it('are checked, alone and in a folder, with what they import and the modules that they link', async () => {
    await writeFile(join(folder, 'plugins/settings.json'), '{ "volume": 3 }')
    const { code, output } = await finished('check', 'plugins', 'single.wat')
    expect(code, output).toBe(0)
    expect(output.match(/^✓ \S+/gm)).toEqual(['✓ plugins/plugin.json', '✓ single.wat'])
    expect(output).toMatch(/✓ plugins\/plugin\.json {2}Extism plugin, \d+ bytes, \d functions, 1 page of memory/)
    expect(output).toContain('  import extism:host/env::var_get  (i64) → i64\n')
    expect(output).toContain('  import steps::step  () → i32\n')
    expect(output).toContain('  plugin function tick  () → i32\n')
    expect(output).toMatch(/ {2}module steps {2}\d+ bytes, 1 function, 0 pages of memory\n {4}export step {2}\(\) → i32\n/)
    const linked = await finished('check', 'plugins/plugin.json', '--sim', 'game.js', '--json')
    expect(JSON.parse(linked.output)).toMatchObject([
      { file: 'plugins/plugin.json', ok: true, module: { guest: 'extism', pluginFunctions: ['tick'], linked: [{ name: 'steps' }] } },
    ])
  })

  it('that have a mistake are shown with it', async () => {
    await mkdir(join(folder, 'wrong'))
    const files = {
      'a.json': '{ "wasm": [ }',
      'b.json': '{ "wasm": [{ "path": "gone.wasm" }, { "hash": 1 }] }',
      'c.json': '{ "wasm": [{ "path": "gone.wasm" }] }',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'wrong', name), text)
    const user =
      '(module (import "extism:host/user" "shout" (func (param i64) (result i64))) (func (export "f") (result i32) (i32.const 0)))'
    await writeFile(join(folder, 'wrong/d.wat'), user)
    const { code, output } = await finished('check', 'wrong')
    expect(code).toBe(1)
    expect(output.match(/^[✓✗] \S+( \w+)?/gm)).toEqual([
      '✗ wrong/a.json InvalidManifest',
      '✗ wrong/b.json InvalidManifest',
      '✗ wrong/c.json LoadFailed',
      '✓ wrong/d.wat',
    ])
    expect(output).toMatch(/wasm\[1\]\.hash must be/)
    expect(output).toMatch(/extism:host\/user::shout .*the game must provide it/)
  })

  it('run, with their kind in the report, and are replayed', async () => {
    const { code, output } = await finished('run', 'game.js', '--ticks', '5', '--record', 'game.rec')
    expect(code, output).toBe(0)
    expect(output).toContain('total 10\n')
    expect(output).toMatch(/^script +kind +entities/m)
    expect(output).toMatch(/^plugin +Extism plugin +0/m)
    const json = await finished('run', 'game.js', '--ticks', '1', '--json')
    expect(JSON.parse(json.output).scripts).toMatchObject([
      { name: 'plugin', guest: 'extism' },
      { name: 'single', guest: 'extism' },
    ])
    expect(await finished('replay', 'game.rec')).toEqual({ code: 0, output: expect.stringContaining('✓ the world is the same') })
    await save({ 'steps.wasm': (await steppingPlugin(3))['steps.wasm'] })
    const other = await finished('replay', 'game.rec')
    await save(await steppingPlugin(2))
    expect(other.code).toBe(1)
    expect(other.output).toContain('! plugin: its code differs from the recording')
    expect(other.output).toContain('the worlds first differ after tick 1: entity 1: Position.x is 3, but was 2 in the recording')
  })

  it('are reloaded by dev when the manifest or a module of it is saved, and keep their variables', async () => {
    const running = bitscript(folder, 'dev', 'game.js')
    await running.printed(/2 scripts run: plugin \(Extism plugin\), single \(Extism plugin\)/)
    await save({ 'steps.wasm': (await steppingPlugin(0))['steps.wasm'] })
    await running.printed(/steps\.wasm → generation 2, .*\n.*carried: .*variable v/)
    await save({ 'plugin.json': new TextEncoder().encode('{ "wasm": [] }') })
    await running.printed(/plugin\.json InvalidManifest\n.*wasm must be a list with at least one module.*\n.*generation 2 runs on/)
    const { 'plugin.json': manifest } = await steppingPlugin(2)
    await save({ 'plugin.json': new TextEncoder().encode(`${new TextDecoder().decode(manifest)}\n`) })
    await running.printed(/plugin\.json → generation 3/)
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
    expect(running.output()).toMatch(/total [1-9]/)
  })

  it('take the place of a script of the demo, and are reloaded there with their state', async () => {
    const running = bitscript(folder, 'dev', 'demo/guests/index.ts', '--seed', '7')
    await running.printed(/score wave 1 begins, score 0/)
    const guest = join(folder, 'demo/guests/score.wasm')
    await writeFile(guest, editGuest(await readFile(guest)))
    await running.printed(/score\.wasm → generation 2, state restored/)
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
    expect(running.output()).toMatch(/^score +Extism plugin .* 2 +\d+ +0 {2}active$/m)
  })

  it('are imported by bitscript/register', async () => {
    const code = `import { createSimulation } from './game.js'
      const game = await createSimulation()
      await game.load()
      console.log(game.runtime.scripts().map(({ name, guest, files }) => [name, guest, files.length].join(' ')).join())`
    await writeFile(join(folder, 'print.js'), code)
    const { stdout } = await run(process.execPath, ['--import', 'bitscript/register', 'print.js'], { cwd: folder })
    expect(stdout).toBe('plugin extism 3,single extism 1\n')
  })
})
