import { bitscript } from 'bitscript/vite'
import type { Browser } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { createWebProject } from '../fixtures/web-project.ts'

const MAIN = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import counter from './scripts/counter.wat?script'
const runtime = await WasmScriptRuntime.create({ world: createWorld() })
const id = await runtime.loadModule(counter)
runtime.tick(1)
const byUrl = await runtime.loadModule(new URL('./scripts/other.wat', import.meta.url))
const text = await runtime.loadModule('(module (func (export "tick") (param f32)))').then(() => 'taken', ({ code }) => code)
document.body.append([runtime.script(id).name, runtime.call(id, 'count'), runtime.script(byUrl).name, text].join(' '))`
const COUNTER = `(module (global $count (mut i32) (i32.const 0))
  (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (result i32) (global.get $count)))`

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it.each([
  ['/', {}, 'counter 1 other EngineUnavailable'],
  ['./', {}, 'counter 1 other EngineUnavailable'],
  ['/below/', { editable: true }, 'counter 1 other taken'],
] as const)('a build for the base %s runs', async (base, options, said) => {
  const project = await createWebProject({ 'main.ts': MAIN, 'scripts/counter.wat': COUNTER, 'scripts/other.wat': COUNTER })
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
