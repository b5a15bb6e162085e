import { bitscript } from 'bitscript/vite'
import type { Browser } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
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
  const { page, complaints } = await openPage(browser, server.resolvedUrls?.local[0] as string)
  await page.waitForFunction((text) => document.body.textContent?.includes(text), said)
  expect(complaints).toEqual([])
  await page.context().close()
  await server.close()
  await project.remove()
})
