import { join } from 'node:path'
import type { ScriptId, WasmScriptRuntime } from 'bitscript'
import { type BitscriptPluginOptions, bitscript } from 'bitscript/vite'
import { build, createServer, type InlineConfig, type Rolldown, type ViteDevServer } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeProject, type FakeProject } from '../fixtures/fake-compilers.ts'
import { errorOf } from '../fixtures/game.ts'
import { createWebProject, type WebProject } from '../fixtures/web-project.ts'

let compilers: FakeProject
let project: WebProject | undefined
let server: ViteDevServer | undefined
beforeEach(async () => {
  compilers = await createFakeProject()
})
afterEach(async () => {
  await server?.close()
  await project?.remove()
  await compilers.remove()
  server = undefined
  project = undefined
})

const PACKAGE = '{ "type": "module", "devDependencies": { "assemblyscript": "*" } }'
const game = (script: string): string => `import { createWorld } from 'bitecs'
  import { WasmScriptRuntime } from 'bitscript'
  ${script.startsWith('new URL') ? `const asset = ${script}` : `import asset from ${script}`}
  export const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  export const id = await runtime.loadModule(asset)
  export const step = () => runtime.call(id, 'step')`

interface Game {
  readonly runtime: WasmScriptRuntime
  readonly id: ScriptId
  readonly step: () => number
}

async function create(
  files: Readonly<Record<string, string>>,
  options: BitscriptPluginOptions = {},
): Promise<WebProject & { readonly own: InlineConfig }> {
  project = await createWebProject({ 'package.json': PACKAGE, ...files })
  return { ...project, own: { ...project.config, plugins: [bitscript(options)] } }
}

/** Serves a game on a development server, and what it prints. */
async function serve(config: InlineConfig): Promise<{ readonly game: Game; readonly printed: string[] }> {
  const printed: string[] = []
  server = await createServer({ ...config, server: { middlewareMode: true, ws: false } })
  for (const level of ['error', 'warn'] as const) server.config.logger[level] = (message) => printed.push(message)
  return { game: (await server.ssrLoadModule('/game.ts')) as Game, printed }
}

describe('a source that a game imports', () => {
  it('is compiled, and again when a file is saved that it depends on; a mistake there is shown at its place', async () => {
    const { write, own } = await create({ 'game.ts': game("'./mover.c?script'"), 'mover.c': '#include "game.h"\n', 'game.h': 'STEP 1' })
    const { game: running, printed } = await serve(own)
    expect(running.step()).toBe(1)
    await write('game.h', '\nSTEP 2 unused')
    await expect.poll(() => running.step()).toBe(2)
    expect(printed).toEqual(['game.h:2:8: unused variable [-Wunused]\n  1 |\n> 2 | STEP 2 unused\n    |        ^'])
    printed.length = 0
    await write('game.h', '\n  oops\n')
    await expect.poll(() => printed.join()).toContain("unknown type name 'oops' [-Woops] (mover.c depends on this file)")
    expect(printed.join()).toMatch(/^game\.h:2:3: .*\n.*\n> 2 \| {3}oops/)
    await write('mover.c', '#include "parts/later.h"\n')
    await expect.poll(() => printed.join()).toContain("'parts/later.h' file not found")
    await write('parts/later.h', 'STEP 3')
    await expect.poll(() => running.step()).toBe(3)
    running.runtime.dispose()
  })

  it('is compiled again when a file appears that was missing', async () => {
    const { write, own } = await create({ 'game.ts': game("'./mover.rs?script'"), 'mover.rs': '// STEP 1\n' })
    const { game: running, printed } = await serve(own)
    await write('mover.rs', 'mod later;\n')
    await expect.poll(() => printed.join()).toContain('file not found for module')
    await write('later.rs', 'STEP 2')
    await expect.poll(() => running.step()).toBe(2)
    running.runtime.dispose()
  })

  it('may be loaded by its URL, and not TypeScript of the game', async () => {
    const { folder, write, own } = await create({
      'game.ts': `${game("new URL('./mover.c', import.meta.url)")}\nexport const other = new URL('./other.ts', import.meta.url)`,
      'mover.c': 'STEP 1',
      'other.ts': 'export const step: number = 1',
    })
    const { game: running } = await serve(own)
    expect(running.step()).toBe(1)
    expect(running).toMatchObject({ other: { href: `file://${join(folder, 'other.ts')}` } })
    await write('mover.c', 'STEP 2')
    await expect.poll(() => running.step()).toBe(2)
    running.runtime.dispose()
  })

  it('is a module without debug information in a build', async () => {
    const { own } = await create({
      'main.ts': "import c from './a.c?script'\nglobalThis.scripts = [c, new URL('./b.rs', import.meta.url)]",
      'a.c': 'STEP 1',
      'b.rs': '// STEP 2',
    })
    const built = (await build({ ...own, build: { write: false } })) as Rolldown.RolldownOutput
    const modules = built.output.filter(({ fileName }) => fileName.endsWith('.wasm')) as Rolldown.OutputAsset[]
    expect(modules.map(({ fileName, source }) => [fileName.replace(/-[\w-]*|[\w-]{8}\//, ''), source.length]).sort()).toEqual([
      ['assets/a.wasm', 37],
      ['assets/b.wasm', 37],
    ])
  })

  it('stops a build at a mistake, at its place', async () => {
    const { own } = await create({ 'main.ts': "import c from './a.c?script'\nglobalThis.script = c", 'a.c': '\n  oops' })
    const error = await errorOf(build({ ...own, build: { write: false } }))
    for (const part of ["unknown type name 'oops'", 'a.c?script:2:3', '[InvalidSource]', '> 2 |   oops'])
      expect(error.message).toContain(part)
  })
})

describe("a compiler of the project's own", () => {
  const step = (text: string): string => `(module (func (export "step") (result i32) (i32.const ${/\d/.exec(text)?.[0]})))`

  it('names the files that a script depends on, and the place of a mistake', async () => {
    const { readFile } = await import('node:fs/promises')
    const compile = async ({
      file,
      content,
    }: {
      readonly file: string
      readonly content: Uint8Array
    }): Promise<{ module: string; watch: string[] }> => {
      const part = file.replace('mover.mine', 'part.txt')
      const text = await readFile(part, 'utf8')
      if (text.includes('oops')) throw Object.assign(new Error('no oops'), { loc: { file: part, line: 2, column: 3 } })
      return { module: step(`${text}${content.length}`), watch: ['part.txt'] }
    }
    const files = { 'game.ts': game("'./mover.mine?script'"), 'mover.mine': '//', 'part.txt': '1' }
    const { write, own } = await create(files, { compilers: { '.mine': compile } })
    const { game: running, printed } = await serve(own)
    expect(running.step()).toBe(1)
    await write('part.txt', '2')
    await expect.poll(() => running.step()).toBe(2)
    await write('part.txt', '\n  oops\n')
    await expect.poll(() => printed.join()).toContain('no oops (mover.mine depends on this file)')
    expect(printed.join()).toContain('> 2 |   oops')
    await write('part.txt', '3')
    await expect.poll(() => running.step()).toBe(3)
    running.runtime.dispose()
  })
})
