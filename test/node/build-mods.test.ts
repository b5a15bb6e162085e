import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bitscript, createProject, type Finished, finish } from '../fixtures/project.ts'

let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await createProject())
})
afterAll(() => remove())

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

/** A compiler: copies the text of a script, and finds a mistake in one that says so. */
const COMPILER = `
  const { copyFileSync, readFileSync } = require('fs')
  const [from, to] = process.argv.slice(2)
  const lines = readFileSync(from, 'utf8').split('\\n')
  lines.forEach((line, index) => {
    if (!line.includes('mistake')) return
    console.error(from + ':' + (index + 1) + ': error: ' + line)
    process.exit(1)
  })
  console.log('compiling ' + from)
  copyFileSync(from, to)`

async function writeMod(name: string, source: string): Promise<void> {
  const mod = join(folder, 'mods', name)
  await mkdir(mod, { recursive: true })
  await writeFile(join(folder, 'mods/compiler.cjs'), COMPILER)
  await writeFile(join(mod, 'main.txt'), source)
  const build = { command: 'node', args: ['../compiler.cjs', 'main.txt', 'out.wat'], watch: ['main.txt'], output: 'out.wat' }
  await writeFile(join(mod, `${name}.script.json`), JSON.stringify({ name, version: '1.0.0', source: 'out.wat', build }))
}

describe('bitscript build', () => {
  it('runs no command of a manifest that nobody allowed', async () => {
    await writeMod('one', '(module (func (export "tick") (param f32)))')
    const { code, output } = await finished('build', 'mods')
    expect(code).toBe(1)
    expect(output).toMatch(
      /BuildFailed\n.*the build 'node \.\.\/compiler\.cjs main\.txt out\.wat' did not run: nobody has allowed it, and there is no terminal to ask in; give --yes to allow it\./,
    )
    await expect(readFile(join(folder, 'mods/one/out.wat'))).rejects.toThrow()
  })

  it('runs those that --yes allows, now and the next time, and prints their output with the name of the mod', async () => {
    const { code, output } = await finished('build', 'mods', '--yes')
    expect(output).toContain('one node ../compiler.cjs main.txt out.wat\none │ compiling main.txt\n✓ one → mods/one/out.wat  43 bytes')
    expect(code).toBe(0)
    await rm(join(folder, 'mods/one/out.wat'))
    expect((await finished('build', 'mods/one/one.script.json')).code).toBe(0)
    expect(await readFile(join(folder, 'mods/one/out.wat'), 'utf8')).toContain('(module')
  })

  it('says what the compiler says of a mistake, builds the others, and exits with 1', async () => {
    await writeMod('broken', '(module\n  a mistake)')
    const { code, output } = await finished('build', 'mods', '--yes')
    expect(code).toBe(1)
    expect(output).toMatch(
      /✗ broken BuildFailed\n {2}broken: main\.txt:2: error: {3}a mistake\)\n {2}the build .* ended with exit code 1\. /,
    )
    expect(output).toContain('✓ one →')
  })

  it('says that there is nothing to build, and that mods are built where their manifests say', async () => {
    await mkdir(join(folder, 'empty'))
    expect((await finished('build', 'empty')).output).toMatch(/has no manifests of mods \(name\.script\.json\)/)
    await writeFile(join(folder, 'empty/plain.script.json'), '{ "name": "plain", "version": "1.0.0", "source": "plain.wat" }')
    expect(await finished('build', 'empty')).toMatchObject({ code: 0, output: expect.stringContaining('empty: no manifest has a build') })
    expect(await finished('build', 'mods', '-y', '-o', 'out')).toMatchObject({
      code: 1,
      output: expect.stringContaining('--output is for components'),
    })
  })
})

describe('bitscript dev', () => {
  const tick = (value: number): string => `(module (global (export "value") i32 (i32.const ${value})) (func (export "tick") (param f32)))`

  it('builds a mod when its source is saved, and reloads it; a build that fails leaves what runs', async () => {
    await writeMod('live', tick(1))
    await writeFile(
      join(folder, 'live.js'),
      `import { createWorld } from 'bitecs'
       import { WasmScriptRuntime } from 'bitscript'
       export async function createSimulation() {
         const runtime = await WasmScriptRuntime.create({ world: createWorld() })
         const load = () => runtime.loadModule(new URL('./mods/live/live.script.json', import.meta.url))
         return { runtime, load, step: (dt) => runtime.tick(dt) }
       }`,
    )
    const source = join(folder, 'mods/live/main.txt')
    await finished('build', 'mods/live', '--yes')
    const dev = bitscript(folder, 'dev', 'live.js')
    await dev.printed(/1 script runs: live/)
    await writeFile(source, tick(2))
    await dev.printed(/live │ compiling main\.txt\n/)
    await dev.printed(/out\.wat → generation 2/)
    await writeFile(source, `${tick(3)}\nmistake`)
    await dev.printed(/live │ main\.txt:2: error: mistake\n/)
    await dev.printed(/✗ live BuildFailed\n {2}live: main\.txt:2: error: mistake\n {2}the build .* ended with exit code 1/)
    await writeFile(source, tick(4))
    await dev.printed(/out\.wat → generation 3/)
    dev.process.kill('SIGINT')
    expect(await dev.ended).toBe(0)
    expect(dev.output()).not.toContain('generation 4')
  })

  it('runs what is built if nobody allowed to build it, says so, and loads mods that are added', async () => {
    await writeMod('refused', tick(1))
    await finished('build', 'mods/refused', '--yes')
    const manifest = join(folder, 'mods/refused/refused.script.json')
    const text = await readFile(manifest, 'utf8')
    await writeFile(manifest, text.replace('"out.wat"]', '"out.wat","more"]'))
    await writeFile(
      join(folder, 'empty.js'),
      (await readFile(join(folder, 'live.js'), 'utf8')).replace(/load = .*/, 'load = async () => undefined'),
    )
    const dev = bitscript(folder, 'dev', 'empty.js', '--mods', 'mods/refused')
    await dev.printed(/BuildFailed\n.*did not run: nobody has allowed it/)
    await dev.printed(/1 script runs: refused/)
    await writeFile(
      join(folder, 'mods/refused/late.script.json'),
      JSON.stringify({ name: 'late', version: '1.0.0', source: { text: tick(1) } }),
    )
    await dev.printed(/late\.script\.json → loaded as 'late'/)
    dev.process.kill('SIGINT')
    expect(await dev.ended).toBe(0)
  })
})
