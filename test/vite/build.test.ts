import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { DEFAULT_LIMITS } from 'bitscript'
import { bitscript } from 'bitscript/vite'
import { build, createLogger, type Plugin, parseSync, type Rolldown } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeProject } from '../fixtures/fake-compilers.ts'
import { createGame, errorOf } from '../fixtures/game.ts'
import { steppingPlugin } from '../fixtures/plugin.ts'
import { REPOSITORY } from '../fixtures/project.ts'
import { createWebProject, type WebProject } from '../fixtures/web-project.ts'

const SCRIPT = '(module (func (export "tick") (param f32)))'
const MAIN = `import { WasmScriptRuntime, defineComponents } from 'bitscript'
  import mover from './scripts/mover.wat?script'
  globalThis.game = { WasmScriptRuntime, defineComponents, mover }`

let project: WebProject | undefined
afterEach(() => project?.remove())

async function buildProject(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Parameters<typeof bitscript>[0] = {},
  external: string[] = [],
  others: readonly Plugin[] = [],
): Promise<(Rolldown.OutputChunk | Rolldown.OutputAsset)[]> {
  project = await createWebProject({ 'main.ts': MAIN, 'scripts/mover.wat': SCRIPT, ...files })
  // The optional package that runs plugins in workers is installed here, and would be a chunk of its own.
  const rolldownOptions = { external: ['@extism/extism', ...external] }
  const built = await build({ ...project.config, plugins: [bitscript(options), ...others], build: { write: false, rolldownOptions } })
  return [built].flat().flatMap((each) => ('output' in each ? [...each.output] : []))
}

const chunks = (output: (Rolldown.OutputChunk | Rolldown.OutputAsset)[]): Rolldown.OutputChunk[] =>
  output.filter((each): each is Rolldown.OutputChunk => each.type === 'chunk')

describe('a build', () => {
  it('contains scripts as modules, and neither their text nor the assembler', async () => {
    const output = await buildProject({})
    const module = output.find(({ fileName }) => fileName.endsWith('.wasm')) as Rolldown.OutputAsset
    expect(module.fileName).toMatch(/^assets\/mover-.*\.wasm$/)
    expect(WebAssembly.Module.exports(await WebAssembly.compile(module.source as Uint8Array<ArrayBuffer>))).toEqual([
      { name: 'tick', kind: 'function' },
    ])
    const code = chunks(output)
      .map((chunk) => chunk.code)
      .join('\n')
    expect(code).not.toContain('(module')
    // The assembler alone is 690 kB.
    expect(code.length).toBeLessThan(619_000)
    expect(code).toContain('this build has no assembler')
  })

  it('of the runtime alone loads less than 93.4 kB compressed at first, and less than 10 kB of functions of math later', async () => {
    const output = await buildProject(
      {
        'main.ts': `import { WasmScriptRuntime, defineComponents } from 'bitscript'\nglobalThis.game = { WasmScriptRuntime, defineComponents }`,
      },
      {},
      ['bitecs'],
    )
    const sizes = Object.fromEntries(chunks(output).map(({ name, code }) => [name, gzipSync(code).length]))
    console.info(`gzip, in bytes: ${JSON.stringify(sizes)}`)
    const first = new Set(['index'])
    for (const name of first) {
      const imports = chunks(output).find((chunk) => chunk.name === name)?.imports ?? []
      for (const each of chunks(output)) if (imports.includes(each.fileName)) first.add(each.name)
    }
    expect([...first].reduce((sum, name) => sum + (sizes[name] ?? 0), 0)).toBeLessThan(93_400)
    // What reloads scripts, and goes back if they trap.
    const later = chunks(output).filter(({ name }) => !first.has(name))
    expect(later.filter(({ code }) => code.includes('was on probation'))).toHaveLength(1)
    // What calls hooks and intervals.
    expect(later.filter(({ code }) => code.includes('which it does not export'))).toHaveLength(1)
    expect(sizes.math).toBeLessThan(10_000)
    expect(Object.values(sizes).reduce((sum, size) => sum + size)).toBeLessThan(224_000)
  })

  it.each([
    ['Snapshot', 'it has two scripts named'],
    ['Replay', 'a replay needs what'],
    ['History', 'the history has been disposed of'],
  ])('contains the code of %s if a page imports it, and not otherwise', async (name, message) => {
    const contains = async (names: string): Promise<boolean> => {
      const main = `import { ${names} } from 'bitscript'\nglobalThis.game = { ${names} }`
      const output = chunks(await buildProject({ 'main.ts': main }, {}, ['bitecs']))
      await project?.remove()
      return output.some(({ code }) => code.includes(message))
    }
    expect(await contains(`WasmScriptRuntime, ${name}`)).toBe(true)
    expect(await contains('WasmScriptRuntime, defineComponents')).toBe(false)
  })

  it('for pages that edit scripts contains texts, and the assembler in a separate chunk', async () => {
    const output = chunks(await buildProject({}, { editable: true }))
    const [main, ...others] = output.sort((one, other) => Number(other.isEntry) - Number(one.isEntry))
    expect(main?.code).toContain('(module (func (export')
    expect(main?.code.length).toBeLessThan(300_000)
    expect(others.map(({ code }) => code.length > 500_000)).toContain(true)
  })

  it('contains an Extism plugin, and the modules that a manifest names, as files beside it', async () => {
    const plugin = Object.entries(await steppingPlugin(1)).map(([name, content]) => [`plugins/${name}`, content] as const)
    const main = `import plugin from './plugins/plugin.json?script'
      import single from './plugins/main.wasm?script'
      import settings from './settings.json'
      globalThis.parts = [plugin, single, settings, new URL('./plugins/plugin.json', import.meta.url), new URL('./settings.json', import.meta.url)]`
    const output = await buildProject({
      ...Object.fromEntries(plugin),
      'main.ts': main,
      'settings.json': `{ "volume": 3, "more": "${'x'.repeat(5000)}" }`,
    })
    const assets = output.filter(({ type, fileName }) => type === 'asset' && !fileName.endsWith('.html')).map(({ fileName }) => fileName)
    expect(assets.sort()).toEqual([
      expect.stringMatching(/^assets\/[\w-]{8}\/plugin\.json$/),
      expect.stringMatching(/^assets\/main-[\w-]+\.wasm$/),
      expect.stringMatching(/^assets\/plugin-steps-[\w-]+\.wasm$/),
      expect.stringMatching(/^assets\/settings-[\w-]+\.json$/),
    ])
    const code = chunks(output)
      .map((chunk) => chunk.code)
      .join('\n')
    expect(code).toContain('volume')
    expect(code).toContain('level')
  })

  it('contains a mod: its module as a file, its manifest in the code, or in one file if it is loaded by its URL', async () => {
    const manifest = { name: 'doors', version: '1.2.0', source: './doors.wat', every: [{ ticks: 7, export: 'creak' }] }
    const files = {
      'mods/doors.script.json': JSON.stringify(manifest),
      'mods/doors.wat': '(module (func (export "creak")))',
    }
    const imported = await buildProject({
      ...files,
      'main.ts': "import doors from './mods/doors.script.json?script'\nglobalThis.doors = doors",
    })
    expect(imported.map(({ fileName }) => fileName)).toContainEqual(expect.stringMatching(/^assets\/doors\.script-.*\.wasm$/))
    expect(chunks(imported)[0]?.code).toContain('creak')
    expect(chunks(imported)[0]?.code).toContain('mods/doors.wat')
    await project?.remove()
    const loaded = await buildProject({ ...files, 'main.ts': "globalThis.doors = new URL('./mods/doors.script.json', import.meta.url)" })
    const asset = loaded.find(({ fileName }) => /^assets\/[\w-]{8}\/doors\.script\.json$/.test(fileName)) as Rolldown.OutputAsset
    const held = JSON.parse(asset.source as string)
    expect(held).toMatchObject({ ...manifest, source: { url: expect.stringMatching(/^data:application\/wasm;/) } })
    const { runtime } = await createGame()
    runtime.on('event', () => undefined)
    const id = await runtime.loadModule(JSON.stringify(held))
    for (let tick = 0; tick < 7; tick++) runtime.tick(1)
    expect(runtime.script(id)).toMatchObject({ name: 'doors', stats: { calls: 1 } })
  })

  it('fails at a mistake in the manifest of a mod, and in its module', async () => {
    const main = "import mod from './mod.script.json?script'\nglobalThis.mod = mod"
    const error = await errorOf(buildProject({ 'main.ts': main, 'mod.script.json': '{ "nam": "mod", "source": "mod.wat" }' }))
    for (const part of ["nam: is unknown; did you mean 'name'?", 'version: must be given', '[InvalidManifest]'])
      expect(error.message).toContain(part)
    await project?.remove()
    const manifest = JSON.stringify({ name: 'mod', version: '1.0.0', source: 'mod.wat' })
    const other = await errorOf(buildProject({ 'main.ts': main, 'mod.script.json': manifest, 'mod.wat': '(module\n  (oops))' }))
    expect(other.message).toContain('[InvalidText]')
  })

  it('fails at a mistake in a manifest', async () => {
    const main = "import plugin from './plugin.json?script'\nglobalThis.plugin = plugin"
    const error = await errorOf(buildProject({ 'main.ts': main, 'plugin.json': '{ "wasm": [{ "path": "gone.wasm" }, {}] }' }))
    expect(error.message).toContain('wasm[0].name must be given')
    expect(error.message).toContain('[InvalidManifest]')
  })

  it('contains the scripts of URLs in a file of which a plugin behind this one makes JavaScript', async () => {
    const transform = (code: string, id: string) => (id.endsWith('.part') ? /<script>(.*)<.script>/.exec(code)?.[1] : undefined)
    const files = {
      'main.ts': "import { url } from './App.part'\nglobalThis.url = url",
      'App.part': "<script>export const url = new URL('./scripts/mover.wat', import.meta.url)</script>",
    }
    const output = await buildProject(files, {}, [], [{ name: 'parts', transform }])
    expect(output.filter(({ fileName }) => /mover.*\.wasm$/.test(fileName))).toHaveLength(1)
  })

  it('contains a script that is loaded by its URL as a module, under the name of its file', async () => {
    const main = `// new URL('./scripts/gone.wat', import.meta.url)
      globalThis.urls = [new URL('./scripts/mover.wat', import.meta.url), new URL("./scripts/mover.wat", import.meta.url)]`
    const output = await buildProject({ 'main.ts': main })
    const modules = output.filter(({ type }) => type === 'asset').map(({ fileName }) => fileName)
    expect(modules.filter((name) => name.endsWith('.wasm'))).toEqual([expect.stringMatching(/^assets\/[\w-]{8}\/mover\.wasm$/)])
    expect(modules.filter((name) => name.endsWith('.wat'))).toEqual([])
    await project?.remove()
    const editable = await buildProject({ 'main.ts': main }, { editable: true })
    expect(editable.map(({ fileName }) => fileName)).toContainEqual(expect.stringMatching(/^assets\/[\w-]{8}\/mover\.wat$/))
  })

  it('leaves URLs in texts and comments, and files that are too large for scripts, as they are', async () => {
    const url = "new URL('./scripts/oops.wat', import.meta.url)"
    const tooMany = DEFAULT_LIMITS.moduleBytes + 1
    const main = `import other from './other.js?raw'
      // ${url}
      globalThis.parts = [other, "${url}", new URL('./map.json', import.meta.url), new URL('./library.wasm', import.meta.url)]`
    const files = {
      'main.ts': main,
      'other.js': `export const url = ${url}`,
      'scripts/oops.wat': '(module (oops))',
      'map.json': new Uint8Array(tooMany),
      'library.wasm': new Uint8Array(tooMany + 1),
    }
    const output = await buildProject(files)
    expect(chunks(output)[0]?.code.split('/oops.wat').length).toBe(3)
    const assets = output.filter(({ type, fileName }) => type === 'asset' && !fileName.endsWith('.html')).map(({ fileName }) => fileName)
    expect(assets.sort()).toEqual([
      expect.stringMatching(/^assets\/library-[\w-]+\.wasm$/),
      expect.stringMatching(/^assets\/map-[\w-]+\.json$/),
    ])
  })

  it('contains a script with an apostrophe in its name, imported and loaded by its URL', async () => {
    const main = `import script from "./bob's.wat?script"\nglobalThis.scripts = [script, new URL("./bob's.wat", import.meta.url)]`
    const output = await buildProject({ 'main.ts': main, "bob's.wat": SCRIPT })
    expect(parseSync('main.js', chunks(output)[0]?.code ?? '').errors).toEqual([])
    expect(output.filter(({ fileName }) => /bob's.*\.wasm$/.test(fileName))).toHaveLength(2)
  })

  it.each([
    ['imported', MAIN],
    ['loaded by its URL', `globalThis.url = new URL('./scripts/mover.wat', import.meta.url)`],
  ])('fails at a mistake in a script that is %s, with its location and frame', async (_, main) => {
    const error = await errorOf(buildProject({ 'main.ts': main, 'scripts/mover.wat': '(module\n  (oops))' }))
    for (const part of ['[plugin bitscript]', 'scripts/mover.wat', ':2:4', '[InvalidText]', '> 2 |   (oops))'])
      expect(error.message).toContain(part)
  })

  it('accepts binaries, and other languages with compilers', async () => {
    const wasm = await readFile(new URL('../fixtures/wasm/compiled/hashes-c.wasm', import.meta.url))
    const output = await buildProject(
      {
        'main.ts': `import binary from './a.wasm?script'\nimport other from './b.upper?script'\nglobalThis.scripts = [binary, other]`,
        'a.wasm': wasm,
        'b.upper': SCRIPT.toUpperCase(),
      },
      { compilers: { '.upper': ({ content }) => new TextDecoder().decode(content).toLowerCase() } },
    )
    const modules = output.filter(({ fileName }) => fileName.endsWith('.wasm')) as Rolldown.OutputAsset[]
    expect(modules.map(({ fileName }) => fileName.replace(/-.*/, '')).sort()).toEqual(['assets/a', 'assets/b'])
    expect(modules.map(({ source }) => WebAssembly.validate(source as Uint8Array<ArrayBuffer>))).toEqual([true, true])
    const failing = { compilers: { '.upper': () => Promise.reject(new Error('line 3: no')) } }
    expect(
      (await errorOf(buildProject({ 'main.ts': `import other from './b.upper?script'\nglobalThis.other = other`, 'b.upper': '' }, failing)))
        .message,
    ).toContain('line 3: no')
  })
})

it('a build contains the scripts of a worker, if worker.plugins has the plugin', async () => {
  project = await createWebProject({
    'main.ts': "new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })",
    'worker.ts': "import mover from './mover.wat?script'\npostMessage([mover.url, new URL('./other.wat', import.meta.url)])",
    'mover.wat': SCRIPT,
    'other.wat': SCRIPT.replace('f32', 'f64'),
  })
  const worker = { format: 'es', plugins: () => [bitscript()] } as const
  const built = await build({ ...project.config, worker, build: { write: false } })
  const names = [built].flat().flatMap((each) => ('output' in each ? each.output.map(({ fileName }) => fileName) : []))
  expect(names.filter((name) => name.endsWith('.wasm')).sort()).toEqual([
    expect.stringMatching(/^assets\/[\w-]{8}\/other\.wasm$/),
    expect.stringMatching(/^assets\/mover-[\w-]+\.wasm$/),
  ])
})

it('a build that watches prints the warnings of compilers each time', async ({ onTestFinished }) => {
  const compilers = await createFakeProject()
  onTestFinished(() => compilers.remove())
  project = await createWebProject({
    'main.ts': "import mover from './mover.c?script'\nglobalThis.mover = mover",
    'mover.c': 'STEP 1 unused',
  })
  const printed: string[] = []
  const customLogger = { ...createLogger('silent'), warn: (message: string) => void printed.push(message) }
  let builds = 0
  const counter = { name: 'counter', closeBundle: () => void builds++ }
  const plugins = [bitscript(), counter]
  const watcher = (await build({
    ...project.config,
    customLogger,
    plugins,
    build: { watch: {}, outDir: 'out' },
  })) as Rolldown.RolldownWatcher
  await expect.poll(() => builds).toBeGreaterThan(0)
  expect(printed).toEqual([expect.stringContaining('mover.c:1:8: unused variable')])
  await project.write('mover.c', 'STEP 2  unused')
  await expect.poll(() => printed.slice(1)).toEqual([expect.stringContaining('mover.c:1:9: unused variable')])
  await watcher.close()
})

it('a build replaces the assembler in this package, not in one whose path begins alike', () => {
  const { configResolved, resolveId } = bitscript() as unknown as {
    configResolved(config: object): void
    readonly resolveId: { handler(id: string, importer: string): unknown }
  }
  configResolved({ command: 'build' })
  expect(resolveId.handler('wabt', `${REPOSITORY}dist/index.js`)).toBeDefined()
  expect(resolveId.handler('wabt', REPOSITORY.replace(/\/$/, '-other/index.js'))).toBeUndefined()
})

it('bitscript refuses unknown options', async () => {
  expect(await errorOf(() => bitscript({ text: true } as never))).toMatchObject({
    code: 'InvalidOptions',
    detail: expect.stringContaining("'text'"),
  })
  expect(await errorOf(() => bitscript({ compilers: { as: () => '' } }))).toMatchObject({ code: 'InvalidOptions' })
})
