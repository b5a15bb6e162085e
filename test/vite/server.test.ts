import { execFile } from 'node:child_process'
import { mkdtemp, open, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ScriptId, WasmScriptRuntime } from 'bitscript'
import { build, createServer, createServerModuleRunner, type InlineConfig, type ViteDevServer } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { errorOf } from '../fixtures/game.ts'
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

async function createProject(files: Readonly<Record<string, string>> = {}): Promise<WebProject> {
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

  it('is reloaded if the save came while its script was loading', async () => {
    const { write, ...made } = await createProject({ 'game.ts': GAME.replace('await runtime.load', 'runtime.load') })
    const { ssrLoadModule } = await serve({ write, ...made })
    const { runtime, id } = (await ssrLoadModule('/game.ts')) as { readonly runtime: WasmScriptRuntime; readonly id: Promise<ScriptId> }
    await write('mover.wat', steps(2))
    await expect.poll(() => runtime.scripts()[0]?.generation).toBe(2)
    expect(runtime.call(await id, 'step')).toBe(2)
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

  it('from a folder that server.fs.allow leaves out is refused, as Vite refuses other files', async () => {
    const outside = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-outside-')))
    const file = join(outside, 'secret.wat')
    await writeFile(file, steps(1))
    const made = await createProject()
    const { transformRequest, close } = await serve(made)
    for (const path of [`/@fs${file}?script`, `${file}?script`, `/@fs${file}?x&script`]) {
      expect((await errorOf(transformRequest(path))).message).toContain('server.fs.allow')
    }
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
