import { rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type OpenPage, Tab } from '../fixtures/browser.ts'
import { componentOf } from '../fixtures/component.ts'
import { steppingPlugin } from '../fixtures/plugin.ts'
import { createWebProject, serve, type WebProject } from '../fixtures/web-project.ts'

/** Adds to `x` of its entity each tick. */
const mover = (step: string): string => `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "step") (result f32) (f32.const ${step}))
  (func (export "trap") (unreachable))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.const ${step})))))`

/** Two runtimes, the first of which loads the script twice, with a tick every ten milliseconds. */
const MAIN = `
import { addEntity, createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import mover from './scripts/mover.wat?script'
async function start(names) {
  const components = defineComponents({ Position: { x: 'f32' } })
  const world = createWorld()
  const runtime = await WasmScriptRuntime.create({ world, components })
  const ids = []
  for (const name of names) ids.push(await runtime.loadModule(mover, { name }))
  const entity = addEntity(world, components.Position)
  runtime.attach(entity, ids[0])
  return { runtime, ids, x: () => components.Position.x[entity] }
}
const games = [await start(['mover', 'twin']), await start(['mover'])]
setInterval(() => games.forEach(({ runtime }) => runtime.tick(1)), 10)
window.mover = mover
window.games = games
window.trap = () => { try { games[0].runtime.call(games[0].ids[0], 'trap') } catch {} }
window.state = () => games.flatMap(({ runtime, ids }) => ids.map((id) => [runtime.call(id, 'step'), runtime.script(id).generation].join(' ')))
`

interface Games {
  readonly state: () => string[]
  readonly games: { readonly x: () => number; readonly runtime: { unloadModule(id: number): void }; readonly ids: number[] }[]
}

let browser: Browser
let tab: Tab
let project: WebProject
let server: Awaited<ReturnType<typeof serve>>
let open: OpenPage
beforeAll(async () => {
  browser = await launchBrowser()
  tab = new Tab(browser)
  project = await createWebProject({})
})
afterAll(async () => {
  await browser.close()
  await project.remove()
})
afterEach(async () => {
  await open.close()
  await server.close()
})

async function start(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  prepare: (project: WebProject) => Promise<void> = async () => undefined,
): Promise<Page> {
  await project.refill({ 'main.ts': MAIN, 'scripts/mover.wat': mover('1'), ...files })
  await prepare(project)
  // As if the package was installed: Vite makes one file of it, once for all tests.
  server = await serve({ ...project.config, optimizeDeps: { include: ['bitscript'] } })
  open = await tab.open(server.url)
  return open.page
}

const running = (page: Page, ...states: string[]): Promise<unknown> =>
  page.waitForFunction((wanted) => (window as unknown as Partial<Games>).state?.().join() === wanted, states.join())
const save = (text: string): Promise<void> => project.write('scripts/mover.wat', text)
const x = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as Games).games[0]?.x() as number)
const overlay = (page: Page): Promise<string> =>
  page
    .waitForFunction(() => document.querySelector('vite-error-overlay')?.shadowRoot?.querySelector<HTMLElement>('.window')?.textContent)
    .then(async (text) => (await text.jsonValue()) as string)
const noOverlay = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector('vite-error-overlay') === null)
/** Checks that the game continues to tick. */
async function goesOn(page: Page): Promise<void> {
  const before = await x(page)
  await page.waitForFunction((last) => ((window as unknown as Games).games[0]?.x() as number) > last, before)
}

describe('a save, in development', () => {
  it('reloads the script with its state in every runtime, without reloading the page', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await page.waitForFunction(() => ((window as unknown as Games).games[0]?.x() as number) > 5)
    await save(mover('100'))
    await running(page, '100 2', '100 2', '100 2')
    expect(await x(page)).toBeGreaterThan(5)
    await save(mover('3'))
    await running(page, '3 3', '3 3', '3 3')
    expect([open.loads(), open.complaints]).toEqual([1, []])
  })

  it('is superseded by a later one soon after it', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await save(mover('2'))
    await save(mover('4'))
    await page.waitForFunction(() => (window as unknown as Games).state().every((each) => each.startsWith('4 ')))
    expect(open.loads()).toBe(1)
  })

  it('with a mistake shows its location in the overlay; the game continues, and the next valid save closes the overlay', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await save(mover('1').replace('(f32.add', '(f32.ad'))
    const shown = await overlay(page)
    expect(shown).toContain('[plugin:bitscript] unexpected token "f32.ad"')
    expect(shown).toMatch(/mover\.wat:7:36/)
    expect(shown).toContain('> 7 |     (call $set_x')
    await goesOn(page)
    await save(mover('2'))
    await running(page, '2 2', '2 2', '2 2')
    await noOverlay(page)
    expect([open.loads(), open.complaints]).toEqual([1, []])
  })

  it('that no runtime can link, or that traps at once, shows the reason, and the old code continues', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await save(mover('1').replace('"ecs.get" "Position.x"', '"ecs.get" "Position.z"'))
    expect(await overlay(page)).toMatch(/ecs\.get::Position\.z does not exist; did you mean 'Position\.x'[\s\S]*mover\.wat:2:11/)
    await goesOn(page)
    await save(mover('2'))
    await noOverlay(page)
    // The overlay is closed before the reload, which the next save would overtake.
    await running(page, '2 2', '2 2', '2 2')
    await save(mover('5').replace('(param $dt f32)', '(param $dt f32) (unreachable)'))
    expect(await overlay(page)).toMatch(/unreachable; generation 3 was on probation: [\s\S]*mover\.wat:6:61/)
    // The second script, which is attached to no entity, has nothing to report.
    await running(page, '2 2', '5 3', '2 2')
    await goesOn(page)
    expect(open.loads()).toBe(1)
  })

  it('that loses what the runtime calls shows that in the overlay, until the next save', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await save(mover('2').replace('"update"', '"updat"'))
    await running(page, '2 2', '2 2', '2 2')
    expect(await overlay(page)).toMatch(/(mover|twin): it no longer exports 'update'[\s\S]*export 'updat': [\s\S]*did you mean 'update'/)
    await save(mover('3'))
    await running(page, '3 3', '3 3', '3 3')
    await noOverlay(page)
    await goesOn(page)
  })

  it('that changes only comments keeps the generation', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await save(`;; moves\n${mover('1')}`)
    await save(`;; moves\n\n${mover('2')}`)
    await running(page, '2 2', '2 2', '2 2')
  })

  it('does not affect scripts that were unloaded', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await page.evaluate(() => {
      const [, other] = (window as unknown as Games).games
      other?.runtime.unloadModule(other.ids.pop() as number)
    })
    await save(mover('2'))
    await running(page, '2 2', '2 2')
    expect(open.complaints).toEqual([])
  })

  it('of a file that was deleted and created again, or replaced, reloads the script', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await rm(join(project.folder, 'scripts/mover.wat'))
    await goesOn(page)
    await save(mover('2'))
    await running(page, '2 2', '2 2', '2 2')
    await project.write('scripts/mover.new', mover('3'))
    await rename(join(project.folder, 'scripts/mover.new'), join(project.folder, 'scripts/mover.wat'))
    await running(page, '3 3', '3 3', '3 3')
    expect(open.loads()).toBe(1)
  })

  it('closes the overlay that shows a fault outside of a probation', async () => {
    const page = await start()
    await running(page, '1 1', '1 1', '1 1')
    await page.evaluate(() => (window as unknown as { trap(): void }).trap())
    expect(await overlay(page)).toMatch(/unreachable[\s\S]*mover\.wat:5/)
    await save(mover('2'))
    await running(page, '2 2', '2 2', '2 2')
    await noOverlay(page)
  })

  it('starts a page again whose script could not be loaded, which the overlay shows', async () => {
    const page = await start({ 'scripts/mover.wat': mover('1').replace('Position.x', 'Position.z') })
    expect(await overlay(page)).toMatch(/Position\.z does not exist/)
    await save(mover('2'))
    await running(page, '2 1', '2 1', '2 1')
    await noOverlay(page)
  })

  it('reloads a script in a module worker', async () => {
    const worker = `import { createWorld } from 'bitecs'
      import { WasmScriptRuntime } from 'bitscript'
      import mover from './scripts/mover.wat?script'
      const runtime = await WasmScriptRuntime.create({ world: createWorld() })
      const id = await runtime.loadModule(mover)
      setInterval(() => postMessage([runtime.call(id, 'step'), runtime.script(id).generation].join(' ')), 10)`
    const main = `const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = ({ data }) => { window.state = () => [data] }`
    const steps = (step: number): string => `(module (func (export "step") (result i32) (i32.const ${step})))`
    const page = await start({ 'main.ts': main, 'worker.ts': worker, 'scripts/mover.wat': steps(1) })
    await running(page, '1 1')
    await save('(module (oops))')
    await save(steps(2))
    await running(page, '2 2')
    expect(open.loads()).toBe(1)
  })

  it('in a module worker with a mistake is shown by the page, until the next save', async () => {
    const worker = `import { createWorld } from 'bitecs'
      import { WasmScriptRuntime } from 'bitscript'
      import mover from './scripts/mover.wat?script'
      const runtime = await WasmScriptRuntime.create({ world: createWorld() })
      const id = await runtime.loadModule(mover)
      setInterval(() => postMessage([runtime.call(id, 'step'), runtime.script(id).generation].join(' ')), 10)`
    const main = `const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = ({ data }) => { window.state = () => [data] }`
    const steps = (step: number, more = ''): string => `(module ${more} (func (export "step") (result i32) (i32.const ${step})))`
    const page = await start({ 'main.ts': main, 'worker.ts': worker, 'scripts/mover.wat': steps(1) })
    await running(page, '1 1')
    await save(steps(2, '(import "host" "lag" (func (param i32 i32)))'))
    expect(await overlay(page)).toMatch(/host::lag does not exist; did you mean 'log'[\s\S]*mover\.wat:1:17/)
    await save(steps(3))
    await running(page, '3 2')
    await noOverlay(page)
    await save('(module (oops))')
    expect(await overlay(page)).toContain('mover.wat:1:10')
    await save(steps(4))
    await running(page, '4 3')
    await noOverlay(page)
    expect(open.loads()).toBe(1)
  })

  it('reloads a script that is loaded by its URL, and shows its mistakes', async () => {
    const main = MAIN.replace(/import mover .*\n/, "const mover = new URL('./scripts/mover.wat', import.meta.url)\n")
    const page = await start({ 'main.ts': main })
    await running(page, '1 1', '1 1', '1 1')
    await page.waitForFunction(() => ((window as unknown as Games).games[0]?.x() as number) > 5)
    await save(mover('100'))
    await running(page, '100 2', '100 2', '100 2')
    expect(await x(page)).toBeGreaterThan(5)
    await save(mover('2').replace('"ecs.get" "Position.x"', '"ecs.get" "Position.z"'))
    expect(await overlay(page)).toMatch(/Position\.z does not exist[\s\S]*scripts\/mover\.wat:2:11/)
    await goesOn(page)
    await save(mover('3'))
    await running(page, '3 3', '3 3', '3 3')
    await noOverlay(page)
    expect(open.loads()).toBe(1)
  })

  it.each(['file', 'folder'])('reloads a script that is loaded by the URL of a link to its %s', async (kind) => {
    const main = MAIN.replace(/import mover .*\n/, "const mover = new URL('./linked/mover.wat', import.meta.url)\n")
    const page = await start({ 'main.ts': main }, async ({ folder, write }) => {
      if (kind === 'folder') return symlink('scripts', join(folder, 'linked'))
      await write('linked/other.wat', '(module)')
      await symlink('../scripts/mover.wat', join(folder, 'linked/mover.wat'))
    })
    await running(page, '1 1', '1 1', '1 1')
    await save(mover('2'))
    await running(page, '2 2', '2 2', '2 2')
    await save(mover('3'))
    await running(page, '3 3', '3 3', '3 3')
    expect(open.loads()).toBe(1)
  })

  it('starts a page again whose script, loaded by its URL, had a mistake', async () => {
    const main = MAIN.replace(/import mover .*\n/, "const mover = new URL('./scripts/mover.wat', import.meta.url)\n")
    const page = await start({ 'main.ts': main, 'scripts/mover.wat': mover('1').replace('Position.x', 'Position.z') })
    expect(await overlay(page)).toMatch(/Position\.z does not exist[\s\S]*scripts\/mover\.wat:2:11/)
    await save(mover('2'))
    await running(page, '2 1', '2 1', '2 1')
    await noOverlay(page)
  })

  it('reloads an Extism plugin when its manifest or a module of it is saved, with its variables', async () => {
    const main = `import { createWorld } from 'bitecs'
      import { WasmScriptRuntime } from 'bitscript'
      import plugin from './plugins/plugin.json?script'
      const runtime = await WasmScriptRuntime.create({ world: createWorld() })
      const id = await runtime.loadModule(plugin)
      runtime.tick(1)
      window.tick = () => runtime.tick(1)
      window.state = () => [runtime.readVariables(id).get('v')[0], runtime.readConfig(id).level, runtime.script(id).generation, runtime.script(id).guest]`
    const tick = (page: Page): Promise<unknown> => page.evaluate(() => (window as unknown as { tick(): void }).tick())
    const inFolder = async (step: number): Promise<Record<string, Uint8Array>> =>
      Object.fromEntries(Object.entries(await steppingPlugin(step)).map(([name, content]) => [`plugins/${name}`, content]))
    const files = await inFolder(1)
    const page = await start({ 'main.ts': main, ...files })
    await running(page, '1', 'one', '1', 'extism')
    await project.write('plugins/steps.wasm', (await inFolder(10))['plugins/steps.wasm'] as Uint8Array)
    await running(page, '1', 'one', '2', 'extism')
    await tick(page)
    await running(page, '11', 'one', '2', 'extism')
    const manifest = new TextDecoder().decode(files['plugins/plugin.json'])
    await project.write('plugins/plugin.json', manifest.replace('./steps.wasm', './gone.wasm'))
    expect(await overlay(page)).toMatch(/gone\.wasm[\s\S]*\[LoadFailed\]/)
    await project.write('plugins/plugin.json', manifest.replace('"one"', '"two"'))
    await running(page, '11', 'two', '3', 'extism')
    await noOverlay(page)
    expect(open.loads()).toBe(1)
  })

  it('prepares components on the server, for imports and URLs, and reloads them with their state', async () => {
    const main = `import { createWorld } from 'bitecs'
      import { WasmScriptRuntime } from 'bitscript'
      import imported from './scripts/counter.wasm?script'
      const runtime = await WasmScriptRuntime.create({ world: createWorld() })
      const ids = [await runtime.loadModule(imported), await runtime.loadModule(new URL('./scripts/other.wasm', import.meta.url))]
      runtime.tick(1)
      window.state = () => ids.map((id) => [runtime.script(id).name, runtime.script(id).generation, runtime.call(id, 'count'), runtime.call(id, 'step')].join(' '))`
    const counter = (step: number): Promise<Uint8Array> =>
      componentOf(
        `(module (global $count (mut i32) (i32.const 0))
          (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const 1))))
          (func (export "step") (result i32) (i32.const ${step})) (func (export "count") (result i32) (global.get $count)))`,
        'package a:b; world script { export tick: func(dt: f32); export count: func() -> u32; export step: func() -> u32; }',
      )
    const first = await counter(1)
    const page = await start({ 'main.ts': main, 'scripts/counter.wasm': first, 'scripts/other.wasm': first })
    await running(page, 'counter 1 1 1', 'other 1 1 1')
    const second = await counter(2)
    for (const file of ['counter', 'other']) await project.write(`scripts/${file}.wasm`, second)
    await running(page, 'counter 2 1 2', 'other 2 1 2')
    const damaged = first.slice(0, -5)
    for (const file of ['counter', 'other']) {
      await project.write(`scripts/${file}.wasm`, damaged)
      expect(await overlay(page)).toMatch(/component is not valid[\s\S]*InvalidBinary/)
      await project.write(`scripts/${file}.wasm`, await counter(3))
      await noOverlay(page)
    }
    await running(page, 'counter 3 1 3', 'other 3 1 3')
    expect(open.loads()).toBe(1)
    await page.reload()
    // The page begins with what was saved.
    await running(page, 'counter 1 1 3', 'other 1 1 3')
  })

  it('reloads a page that failed to start because of a mistake', async () => {
    const page = await start({ 'scripts/mover.wat': '(module (oops))' })
    expect(await overlay(page)).toContain('mover.wat:1:10')
    await save(mover('7'))
    await running(page, '7 1', '7 1', '7 1')
  })
})
