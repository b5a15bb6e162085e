import { execFile } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { mkdir, mkdtemp, open, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { decode } from '@jridgewell/sourcemap-codec'
import { DEFAULT_LIMITS, type ScriptId, type WasmScriptRuntime } from 'bitscript'
import { bitscript, type ScriptCompiler } from 'bitscript/vite'
import { build, createServer, createServerModuleRunner, type InlineConfig, type ViteDevServer } from 'vite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { componentOf } from '../fixtures/component.ts'
import { errorOf } from '../fixtures/game.ts'
import { steppingPlugin } from '../fixtures/plugin.ts'
import { createWebProject, type WebProject } from '../fixtures/web-project.ts'

const run = promisify(execFile)

const steps = (step: number): string => `(module (func (export "step") (result i32) (i32.const ${step})))`
const GAME = `import { createWorld } from 'bitecs'
  import { WasmScriptRuntime } from 'bitscript'
  import asset from './mover.wat?script'
  export { asset }
  export const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  export const id = await runtime.loadModule(asset)
  export const step = () => runtime.call(id, 'step')`

interface Game {
  readonly runtime: WasmScriptRuntime
  readonly id: ScriptId
  readonly asset: { readonly url: string }
  readonly step: () => number
}

let project: WebProject | undefined
let server: ViteDevServer | undefined
afterEach(async () => {
  await server?.close()
  await project?.remove()
  server = undefined
})

async function createProject(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<WebProject> {
  project = await createWebProject({ 'game.ts': GAME, 'mover.wat': steps(1), ...files })
  return project
}

const serve = async ({ config }: WebProject, options: InlineConfig = {}): Promise<ViteDevServer> => {
  server = await createServer({ ...config, server: { middlewareMode: true, ws: false }, ...options })
  return server
}

describe('a runtime on a development server', () => {
  it('that ssrLoadModule made is reloaded on a save, and its mistakes are printed', async () => {
    const { write, ...made } = await createProject()
    const printed: string[] = []
    const { ssrLoadModule } = await serve({ write, ...made })
    const game = (await ssrLoadModule('/game.ts')) as Game
    if (server !== undefined) server.config.logger.error = (message) => printed.push(message)
    expect(game.step()).toBe(1)
    await write('mover.wat', steps(2))
    await expect.poll(() => game.step()).toBe(2)
    await write('mover.wat', '(module (func (export "tick")))')
    await expect.poll(() => printed.join()).toContain('SignatureMismatch')
    await write('mover.wat', '(module (oops))')
    await expect.poll(() => printed.join()).toContain('InvalidText')
    await write('mover.wat', steps(3))
    await expect.poll(() => game.step()).toBe(3)
    game.runtime.dispose()
  })

  it('hears that a saved file is too large, which is not read', async () => {
    const { write, folder, ...made } = await createProject()
    const printed: string[] = []
    const { ssrLoadModule } = await serve({ write, folder, ...made })
    const game = (await ssrLoadModule('/game.ts')) as Game
    if (server !== undefined) server.config.logger.error = (message) => printed.push(message)
    const huge = await open(join(folder, 'mover.wat'), 'w')
    await huge.truncate(8 * 2 ** 30)
    await huge.close()
    await expect.poll(() => printed.join()).toContain('TooLarge')
    await write('mover.wat', steps(2))
    await expect.poll(() => game.step()).toBe(2)
    game.runtime.dispose()
  })

  it('that a module runner made is reloaded on a save', async () => {
    const { write, ...made } = await createProject()
    const { environments } = await serve({ write, ...made })
    const runner = createServerModuleRunner(environments.ssr)
    const game = (await runner.import('/game.ts')) as Game
    await write('mover.wat', steps(2))
    await expect.poll(() => game.step()).toBe(2)
    await runner.close()
  })

  it('is reloaded on a save after the server was started again with the same plugin', async () => {
    const { write, ...made } = await createProject()
    const running = await serve({ write, ...made })
    const before = (await running.ssrLoadModule('/game.ts')) as Game
    await write('mover.wat', steps(2))
    await expect.poll(() => before.step()).toBe(2)
    await running.restart()
    const after = (await running.ssrLoadModule('/game.ts')) as Game
    await write('mover.wat', steps(3))
    await expect.poll(() => after.step()).toBe(3)
    for (const { runtime } of [before, after]) runtime.dispose()
  })

  it('is reloaded if the save came while its script was loading', async () => {
    const { write, ...made } = await createProject({ 'game.ts': GAME.replace('await runtime.load', 'runtime.load') })
    const { ssrLoadModule } = await serve({ write, ...made })
    const { runtime, id } = (await ssrLoadModule('/game.ts')) as { readonly runtime: WasmScriptRuntime; readonly id: Promise<ScriptId> }
    await write('mover.wat', steps(2))
    await expect.poll(() => runtime.scripts()[0]?.generation).toBe(2)
    expect(runtime.call(await id, 'step')).toBe(2)
  })
})

describe('what a runtime sends to a development server', () => {
  const TRAP = { id: 'mover.wat', code: 'Trap', detail: 'unreachable' }
  const WARNINGS = { id: 'mover.wat', script: 'mover', warnings: ['careful'], inPage: true, isPage: true }
  const OPENED = { id: 'mover.wat', version: 1 }

  it('is ignored if it has not the form of its event, and does not end the server', async () => {
    const printed: string[] = []
    const { environments, config } = await serve(await createProject())
    for (const level of ['error', 'warn'] as const) config.logger[level] = (message) => printed.push(message)
    const { api } = environments.ssr.hot as unknown as { readonly api: { readonly innerEmitter: EventEmitter } }
    const send = (event: string, payload: unknown) => api.innerEmitter.emit(`bitscript:${event}`, payload, { send: () => undefined })
    const anything = [undefined, null, 3, 'text', [], {}]
    const mistakes = [{ code: 'Oops' }, { detail: 3 }, { location: { line: 1 } }, { trace: [null] }, { frame: 3 }]
    for (const each of [...anything, ...mistakes.map((wrong) => ({ ...TRAP, ...wrong }))]) expect(() => send('mistake', each)).not.toThrow()
    for (const each of [...anything, { ...WARNINGS, warnings: [3] }]) expect(() => send('warnings', each)).not.toThrow()
    for (const each of [...anything, { ...OPENED, id: {} }]) expect(() => send('opened', each)).not.toThrow()
    expect(printed).toEqual([])
    for (const [event, payload] of Object.entries({ mistake: TRAP, warnings: WARNINGS, opened: OPENED })) send(event, payload)
    expect(printed).toEqual([expect.stringContaining('unreachable'), 'mover: careful'])
  })
})

describe('an Extism plugin on a development server', () => {
  it.each(['imported', 'loaded by its URL'])('reloads a mod when its manifest or its module is saved: %s', async (way) => {
    const manifest = (version: string): string =>
      JSON.stringify({ name: 'mover-mod', version, source: './mover.wat', every: [{ ticks: 1, export: 'beat' }] })
    const module = (step: number): string => steps(step).replace(/\)$/, '(func (export "beat")))')
    const imported = GAME.replace('./mover.wat?script', './mover.script.json?script')
    const url = "const asset = new URL('./mover.script.json', import.meta.url)\n"
    const game = way === 'imported' ? imported : imported.replace(/import asset.*\n/, url)
    const { write, ...made } = await createProject({ 'mover.script.json': manifest('1.0.0'), 'mover.wat': module(1), 'game.ts': game })
    const { ssrLoadModule } = await serve({ write, ...made })
    const { runtime, id, step } = (await ssrLoadModule('/game.ts')) as Game
    const info = runtime.script(id)
    runtime.tick(1)
    expect([step(), info.name, info.stats.calls]).toEqual([1, 'mover-mod', 1])
    // Faults are in the module, and not in the manifest.
    if (way === 'imported') expect((await ssrLoadModule('/mover.script.json?script')).default).toMatchObject({ file: 'mover.wat' })
    await write('mover.wat', module(10))
    await expect.poll(() => info.generation).toBe(2)
    expect(step()).toBe(10)
    await write('mover.script.json', manifest('1.1.0'))
    await expect.poll(() => info.generation).toBe(3)
    await write('mover.script.json', '{ "name": 3 }')
    await write('mover.script.json', manifest('1.2.0'))
    await expect.poll(() => info.generation).toBe(4)
    await write('mover.wat', module(100))
    await expect.poll(() => step()).toBe(100)
    expect(info.generation).toBe(5)
  })

  const PLUGIN_GAME = GAME.replace('./mover.wat?script', './plugins/plugin.json?script').replace(
    "runtime.call(id, 'step')",
    "(runtime.tick(1), runtime.readVariables(id).get('v')[0])",
  )
  const inFolder = async (step: number): Promise<Record<string, Uint8Array>> =>
    Object.fromEntries(Object.entries(await steppingPlugin(step)).map(([name, content]) => [`plugins/${name}`, content]))

  it.each(['imported', 'loaded by its URL'])('is reloaded when its manifest or a module of it is saved: %s', async (way) => {
    const url = "const asset = new URL('./plugins/plugin.json', import.meta.url)\n"
    const game = way === 'imported' ? PLUGIN_GAME : PLUGIN_GAME.replace(/import asset.*\n/, url)
    const { write, ...made } = await createProject({ ...(await inFolder(1)), 'game.ts': game })
    const { ssrLoadModule } = await serve({ write, ...made })
    const { runtime, id, step } = (await ssrLoadModule('/game.ts')) as Game
    const info = runtime.script(id)
    expect([step(), info.guest, info.name]).toEqual([1, 'extism', 'plugin'])
    const { 'plugins/steps.wasm': steps, 'plugins/plugin.json': manifest } = await inFolder(10)
    await write('plugins/steps.wasm', steps as Uint8Array)
    await expect.poll(() => info.generation).toBe(2)
    expect(step()).toBe(11)
    await write('plugins/plugin.json', new TextDecoder().decode(manifest).replace('"one"', '"two"'))
    await expect.poll(() => info.generation).toBe(3)
    expect(runtime.readConfig(id)).toEqual({ level: 'two' })
    await write('plugins/steps.wasm', 'oops')
    await write('plugins/steps.wasm', (await inFolder(100))['plugins/steps.wasm'] as Uint8Array)
    await expect.poll(() => info.generation).toBe(4)
    expect(step()).toBe(111)
    await write('plugins/plugin.json', new TextDecoder().decode(manifest).replace('"one"', '"three"'))
    await expect.poll(() => runtime.readConfig(id)).toEqual({ level: 'three' })
    expect(info.generation).toBe(5)
    runtime.dispose()
  })

  it.each(['imported', 'loaded by its URL'])('is in a build for a server: %s', async (way) => {
    const url = "const asset = new URL('./plugins/plugin.json', import.meta.url)\n"
    const game = way === 'imported' ? PLUGIN_GAME : PLUGIN_GAME.replace(/import asset.*\n/, url)
    const { config, folder } = await createProject({ ...(await inFolder(1)), 'game.ts': game })
    await build({ ...config, build: { ssr: 'game.ts', outDir: 'out' } })
    await rm(join(folder, 'plugins'), { recursive: true })
    const code = `import { runtime, step } from './out/game.js'; console.log(step(), runtime.scripts()[0].name, runtime.readConfig(runtime.scripts()[0].id))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
    expect(stdout).toBe("1 plugin { level: 'one' }\n")
  })
})

describe('a script that is imported by a link', () => {
  const linked = async (): Promise<WebProject> => {
    const made = await createProject({
      'game.ts': GAME.replace('./mover.wat', './linked/mover.wat'),
      'real/mover.wat': steps(1),
      'other/mover.wat': steps(3),
    })
    await mkdir(join(made.folder, 'linked'))
    await symlink('../real/mover.wat', join(made.folder, 'linked/mover.wat'))
    return made
  }

  it('is reloaded when its target is saved, and when the link is changed to lead to another file', async () => {
    const { write, folder, ...made } = await linked()
    const { ssrLoadModule } = await serve({ write, folder, ...made })
    const { step, runtime } = (await ssrLoadModule('/game.ts')) as Game
    expect(step()).toBe(1)
    await write('real/mover.wat', steps(2))
    await expect.poll(() => step()).toBe(2)
    await symlink('../other/mover.wat', join(folder, 'linked/new'))
    await rename(join(folder, 'linked/new'), join(folder, 'linked/mover.wat'))
    await expect.poll(() => step()).toBe(3)
    await write('other/mover.wat', steps(4))
    await expect.poll(() => step()).toBe(4)
    runtime.dispose()
  })

  it('is served to a page under the address of the link', async () => {
    const { transformRequest } = await serve(await linked())
    expect((await transformRequest('/game.ts'))?.code).toContain('/linked/mover.wat?import&script')
    expect((await transformRequest('/linked/mover.wat?script'))?.code).toContain('"file":"linked/mover.wat"')
  })
})

describe('a script that is loaded by its URL', () => {
  it('is reloaded on a save, and once it is correct if it had a mistake', async () => {
    const game = GAME.replace(/import asset.*\n/, "const asset = new URL('./mover.wat', import.meta.url)\n")
    const { write, ...made } = await createProject({ 'game.ts': game })
    const printed: string[] = []
    const { ssrLoadModule } = await serve({ write, ...made })
    if (server !== undefined) server.config.logger.error = (message) => printed.push(message)
    const { runtime, id, step, asset } = (await ssrLoadModule('/game.ts')) as Game & { readonly asset: unknown }
    expect([step(), asset instanceof URL]).toEqual([1, true])
    await write('mover.wat', steps(2))
    await expect.poll(() => step()).toBe(2)
    await write('mover.wat', '(module (oops))')
    await expect.poll(() => printed.join()).toContain('InvalidText')
    await write('mover.wat', steps(3))
    await expect.poll(() => step()).toBe(3)
    expect(runtime.script(id).generation).toBe(3)
    runtime.dispose()
  })

  it.each(['the file', 'its folder'])(
    'is reloaded if it is a link, %s, and its target is saved, without loading the page again',
    async (kind) => {
      const made = await createProject({
        'main.ts': "export const url = new URL('./linked/mover.wat', import.meta.url)",
        'real/mover.wat': steps(1),
      })
      await mkdir(join(made.folder, kind === 'the file' ? 'linked' : 'other'))
      if (kind === 'the file') await symlink('../real/mover.wat', join(made.folder, 'linked/mover.wat'))
      else await symlink('real', join(made.folder, 'linked'))
      const { environments, transformRequest } = await serve(made)
      const sent: unknown[] = []
      environments.client.hot.send = (...message: unknown[]) => void sent.push(message)
      await transformRequest('/main.ts')
      for (const step of [2, 3]) {
        await made.write('real/mover.wat', steps(step))
        await expect.poll(() => JSON.stringify(sent)).toContain(`"version":${step}`)
      }
      expect(JSON.stringify(sent)).not.toContain('full-reload')
    },
  )

  it('stays as it is if it is no script: other JSON, a file that is not there, or one that is too large', async () => {
    const urls = ['settings.json', 'gone.wat', 'map.json'].map((file) => `new URL('./${file}', import.meta.url)`)
    const { transformRequest } = await serve(
      await createProject({
        'game.ts': `export const urls = [${urls}]`,
        'settings.json': '{ "volume": 3 }',
        'map.json': new Uint8Array(DEFAULT_LIMITS.moduleBytes + 1),
      }),
    )
    expect((await transformRequest('/game.ts'))?.code).not.toContain('liveUrl')
  })

  it('is found in code alone: not in a text, a comment, or the text of another module', async () => {
    const url = "new URL('./mover.wat', import.meta.url)"
    const files = { 'game.js': `export const text = "${url}" // ${url}`, 'other.js': `export const url = ${url}` }
    const { transformRequest } = await serve(await createProject(files))
    for (const path of ['/game.js', '/other.js?raw']) expect((await transformRequest(path))?.code).not.toContain('liveUrl')
    expect((await transformRequest('/other.js'))?.code).toContain('liveUrl')
  })

  it('may be in a module that another plugin makes JavaScript of', async () => {
    const made = await createProject({ 'App.part': "<script>export const url = new URL('./mover.wat', import.meta.url)</script>" })
    const transform = (code: string, id: string) => (id.endsWith('.part') ? /<script>(.*)<.script>/.exec(code)?.[1] : undefined)
    const { transformRequest } = await serve(made, { plugins: [{ name: 'parts', transform }, made.config.plugins] })
    const { code = '' } = (await transformRequest('/App.part')) ?? {}
    expect(code).toContain('import { liveUrl as __bitscript_liveUrl } from')
    expect(code).toContain('url = __bitscript_liveUrl(new URL(')
  })

  it('does not move the places of the code around it', async () => {
    const source = "const mark = 1\nexport const urls = [new URL('./mover.wat', import.meta.url), mark]"
    const { environments } = await serve(await createProject({ 'game.js': source }))
    const { code = '', map } = (await environments.ssr.transformRequest('/game.js')) ?? {}
    const placeIn = (text: string): [number, number] => {
      const line = text.split('\n').findIndex((each) => each.includes('mark]'))
      return [line, text.split('\n')[line]?.indexOf('mark]') ?? -1]
    }
    const [line, column] = placeIn(code)
    const segments = decode((map as { readonly mappings: string }).mappings)[line] ?? []
    expect(segments.find(([start]) => start === column)?.slice(2, 4)).toEqual(placeIn(source))
  })
})

describe('a component on a server', () => {
  const component = (step: number): Promise<Uint8Array> =>
    componentOf(
      `(module (func (export "step") (result i32) (i32.const ${step})))`,
      'package a:b; world script { export step: func() -> u32; }',
    )
  const gameOf = (way: string): string =>
    way === 'imported'
      ? GAME.replace('./mover.wat', './parts.wasm')
      : GAME.replace(/import asset.*\n/, "const asset = new URL('./parts.wasm', import.meta.url)\n")

  it.each(['imported', 'loaded by its URL'])('is reloaded on a save, and its mistakes are printed: %s', async (way) => {
    const { write, ...made } = await createProject({ 'game.ts': gameOf(way), 'parts.wasm': await component(1) })
    const printed: string[] = []
    const { ssrLoadModule } = await serve({ write, ...made })
    const { runtime, id, step } = (await ssrLoadModule('/game.ts')) as Game
    if (server !== undefined) server.config.logger.error = (message) => printed.push(message)
    expect([step(), runtime.script(id).guest, runtime.script(id).name]).toEqual([1, 'component', 'parts'])
    await write('parts.wasm', await component(2))
    await expect.poll(() => step()).toBe(2)
    await write('parts.wasm', (await component(3)).slice(0, -4))
    await expect.poll(() => printed.join()).toContain('the component is not valid')
    await write('parts.wasm', await component(3))
    await expect.poll(() => step()).toBe(3)
    runtime.dispose()
  })

  it.each(['imported', 'of a URL'])('is prepared in a build: %s', async (way) => {
    const { config, folder } = await createProject({ 'game.ts': gameOf(way), 'parts.wasm': await component(5) })
    await build({ ...config, build: { ssr: 'game.ts', outDir: 'out' } })
    await rm(join(folder, 'parts.wasm'))
    const code = `import { runtime, step } from './out/game.js'; console.log(step(), runtime.scripts()[0].guest, runtime.scripts()[0].name)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
    expect(stdout).toBe('5 component parts\n')
  })
})

describe('a build for a server', () => {
  it.each(['imported', 'of a URL'])('contains its scripts: %s', async (way) => {
    const { config, folder } = await createProject(
      way === 'imported' ? {} : { 'game.ts': GAME.replace(/import asset.*\n/, "const asset = new URL('./mover.wat', import.meta.url)\n") },
    )
    await build({ ...config, build: { ssr: 'game.ts', outDir: 'out' } })
    await rm(join(folder, 'mover.wat'))
    const code = `import { runtime, step } from './out/game.js'; console.log(step(), runtime.scripts()[0].name)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
    expect(stdout).toBe('1 mover\n')
  })
})

describe('an import of a script', () => {
  it('without ?script says what is missing, in development and in a build', async () => {
    const { config, ...made } = await createProject({ 'main.ts': "import './mover.wat'" })
    const { transformRequest } = await serve({ config, ...made })
    const message = "import './mover.wat?script' for a script"
    expect((await errorOf(transformRequest('/mover.wat'))).message).toContain(message)
    expect((await errorOf(build(config))).message).toContain(message)
  })

  it('in a language without a compiler says so, in development and in a build', async () => {
    const { config, ...made } = await createProject({ 'main.ts': "import './mover.lua?script'", 'mover.lua': 'return 1' })
    const { transformRequest } = await serve({ config, ...made })
    const message = 'mover.lua is not compiled, since there is no compiler for .lua files: give the plugin one'
    expect((await errorOf(transformRequest('/mover.lua?script'))).message).toContain(message)
    expect((await errorOf(build(config))).message).toContain(message)
  })

  it('that is compiled goes on if a file is removed that it no longer depends on', async () => {
    const game = GAME.replace('mover.wat', 'mover.mine')
    const made = await createProject({ 'game.ts': game, 'mover.mine': 'part', 'part.txt': '1' })
    const compile: ScriptCompiler = async ({ file, content }) => {
      const text = new TextDecoder().decode(content)
      if (text !== 'part') return { module: steps(Number(text)), watch: [] }
      return { module: steps(Number(await readFile(join(dirname(file), 'part.txt'), 'utf8'))), watch: ['part.txt'] }
    }
    const plugins = [bitscript({ compilers: { '.mine': compile } })]
    const { ssrLoadModule, environments, watcher } = await serve(made, { plugins })
    const send = vi.spyOn(environments.ssr.hot, 'send')
    const { step, runtime } = (await ssrLoadModule('/game.ts')) as Game
    await made.write('mover.mine', '2')
    await expect.poll(() => step()).toBe(2)
    const gone = new Promise((resolve) => watcher.once('unlink', resolve))
    await rm(join(made.folder, 'part.txt'))
    await gone
    await made.write('mover.mine', '3')
    await expect.poll(() => step()).toBe(3)
    const events: unknown[] = send.mock.calls.map(([event]) => event)
    expect(events.filter((event) => typeof event === 'string')).toEqual(['bitscript:changed', 'bitscript:changed'])
    runtime.dispose()
  })

  it('from a folder that server.fs.allow leaves out is refused, as Vite refuses other files', async () => {
    const outside = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-outside-')))
    const file = join(outside, 'secret.wat')
    await writeFile(file, steps(1))
    const made = await createProject({ 'url.ts': "export const url = new URL('./link.wat', import.meta.url)" })
    await symlink(file, join(made.folder, 'link.wat'))
    const { transformRequest, close } = await serve(made)
    for (const path of [`/@fs${file}?script`, `${file}?script`, `/@fs${file}?x&script`, '/link.wat?script']) {
      expect((await errorOf(transformRequest(path))).message).toContain('server.fs.allow')
    }
    expect((await transformRequest('/url.ts'))?.code).not.toContain('liveUrl')
    await close()
    const allowed = await serve(made, { server: { middlewareMode: true, ws: false, fs: { allow: [outside] } } })
    expect((await allowed.transformRequest(`/@fs${file}?script`))?.code).toContain('secret')
    await rm(outside, { recursive: true })
  })

  it('accepts an extension in capitals', async () => {
    const made = await createProject({ 'LOUD.WAT': steps(1) })
    const { transformRequest } = await serve(made)
    expect((await transformRequest('/LOUD.WAT?script'))?.code).toContain('"name":"LOUD"')
  })
})
