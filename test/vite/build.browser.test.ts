import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bitscript } from 'bitscript/vite'
import type { Browser } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { componentOf } from '../fixtures/component.ts'
import { steppingPlugin } from '../fixtures/plugin.ts'
import { createWebProject } from '../fixtures/web-project.ts'

const MAIN = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import counter from './scripts/counter.wat?script'
import plugin from './plugins/plugin.json?script'
const runtime = await WasmScriptRuntime.create({ world: createWorld() })
const id = await runtime.loadModule(counter)
runtime.tick(1)
const byUrl = await runtime.loadModule(new URL('./scripts/other.wat', import.meta.url))
const text = await runtime.loadModule('(module (func (export "tick") (param f32)))').then(() => 'taken', ({ code }) => code)
const plugins = [await runtime.loadModule(plugin), await runtime.loadModule(new URL('./plugins/plugin.json', import.meta.url), { name: 'again' })]
runtime.tick(1)
const totals = plugins.map((each) => runtime.readVariables(each).get('v')[0])
document.body.append([...totals, runtime.script(plugins[0]).name, runtime.script(id).name, runtime.call(id, 'count'), runtime.script(byUrl).name, text].join(' '))`
const COUNTER = `(module (global $count (mut i32) (i32.const 0))
  (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (result i32) (global.get $count)))`

/** Adds 1 in each tick; a policy allows it WebAssembly, and neither eval nor scripts from elsewhere. */
const COMPONENT = `(module (global $count (mut i32) (i32.const 0))
  (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (result i32) (global.get $count)))`
const COMPONENT_MAIN = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import component from './counter.wasm?script'
const runtime = await WasmScriptRuntime.create({ world: createWorld() })
const ids = [await runtime.loadModule(component), await runtime.loadModule(new URL('./other.wasm', import.meta.url))]
runtime.tick(1)
runtime.tick(1)
document.body.append(ids.map((id) => [runtime.script(id).name, runtime.script(id).guest, runtime.call(id, 'count')].join(' ')).join(', '))`

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it.each([
  ['/', {}, '7 7 plugin counter 2 other EngineUnavailable'],
  ['./', {}, '7 7 plugin counter 2 other EngineUnavailable'],
  ['/below/', { editable: true }, '7 7 plugin counter 2 other taken'],
] as const)('a build for the base %s runs', async (base, options, said) => {
  const plugin = Object.fromEntries(Object.entries(await steppingPlugin(7)).map(([name, content]) => [`plugins/${name}`, content]))
  const project = await createWebProject({ 'main.ts': MAIN, 'scripts/counter.wat': COUNTER, 'scripts/other.wat': COUNTER, ...plugin })
  const config = { ...project.config, base, plugins: [bitscript(options)] }
  await build(config)
  const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
  const { page, complaints, close } = await openPage(browser, server.resolvedUrls?.local[0] as string)
  await page.waitForFunction((text) => document.body.textContent?.includes(text), said)
  expect(complaints).toEqual([])
  await close()
  await server.close()
  await project.remove()
})

it('a build runs components under a strict policy, without what prepared them', async () => {
  const component = await componentOf(COMPONENT, 'package a:b; world script { export tick: func(dt: f32); export count: func() -> u32; }')
  const html = `<!doctype html><html lang="en"><head><title>game</title><link rel="icon" href="data:,">
    <meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'"></head>
    <body><script type="module" src="/main.ts"></script></body></html>`
  const project = await createWebProject({
    'index.html': html,
    'main.ts': COMPONENT_MAIN,
    'counter.wasm': component,
    'other.wasm': component,
  })
  await build(project.config)
  const server = await preview({ ...project.config, preview: { port: 0, host: '127.0.0.1' } })
  const { page, complaints, close } = await openPage(browser, server.resolvedUrls?.local[0] as string)
  await page.waitForFunction(() => document.body.textContent?.includes('counter component 2, other component 2'))
  expect(complaints).toEqual([])
  const files = await readdir(join(project.folder, 'dist'), { recursive: true })
  expect(files.filter((file) => file.endsWith('.wasm')).length).toBe(2)
  for (const file of files.filter((each) => each.endsWith('.js')))
    expect(await readFile(join(project.folder, 'dist', file), 'utf8')).not.toContain('bytecodealliance/jco-transpile/wasm-tools')
  await close()
  await server.close()
  await project.remove()
})
