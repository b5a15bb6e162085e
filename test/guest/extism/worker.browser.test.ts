import type { Browser } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { launchBrowser, openPage } from '../../fixtures/browser.ts'
import { HTTP_GET, HTTP_IMPORTS, plugin } from '../../fixtures/plugin.ts'
import { createWebProject } from '../../fixtures/web-project.ts'

const MAIN = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
const runtime = await WasmScriptRuntime.create({ world: createWorld() })
runtime.on('error', () => undefined)
const codeOf = (promise) => promise.then((value) => value, ({ code, detail }) => code + ': ' + detail)
const settle = async () => { await runtime.settle(); runtime.tick(1) }
const answer = async (call) => { const promise = codeOf(call()); await settle(); return promise }
const load = (name, options) => runtime.loadModule(new URL('/plugin.wasm', location.href), { name, worker: true, ...options })
const lines = []
try {
  const granted = await load('granted', { grant: { hosts: ['127.0.0.1'] } })
  const request = new TextEncoder().encode(JSON.stringify({ url: new URL('/data.txt', location.href).href }))
  const get = () => runtime.callBytes(granted, 'get', request).then((bytes) => new TextDecoder().decode(bytes))
  lines.push(await answer(get))
  const refused = await load('refused', { grant: { hosts: ['example.com'] } })
  lines.push(await answer(() => runtime.callBytes(refused, 'get', request)))
  lines.push(await answer(() => runtime.call(granted, 'spin')))
  lines.push(await answer(get))
} catch ({ code, detail }) {
  lines.push(code + ': ' + detail)
}
document.body.append(lines.concat('done').join('\\n'))`
const SPIN = '(func (export "spin") (result i32) (loop (br 0)) (i32.const 0))'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Opens a page that calls plugins in workers, and returns what it says. */
async function linesOf(headers: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const project = await createWebProject({
    'main.ts': MAIN,
    'public/plugin.wasm': await assembleWat(plugin(HTTP_GET + SPIN, HTTP_IMPORTS), 'plugin.wat'),
    'public/data.txt': 'from the network',
  })
  await build(project.config)
  const server = await preview({ ...project.config, preview: { port: 0, host: '127.0.0.1', headers } })
  const { page } = await openPage(browser, server.resolvedUrls?.local[0] as string)
  await page.waitForFunction(() => document.body.textContent?.includes('done'))
  const text = (await page.textContent('body')) ?? ''
  await page.context().close()
  await server.close()
  await project.remove()
  return text.trim().split('\n').slice(0, -1)
}

it('a plugin in a worker runs in a page that is isolated: HTTP to granted hosts, and an end by fuel', async () => {
  const lines = await linesOf({ 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' })
  expect(lines).toEqual([
    'from the network',
    expect.stringMatching(/^GrantDenied: the plugin asked for http:\/\/127.0.0.1:\d+, and '127.0.0.1' is not in grant.hosts$/),
    'OutOfFuel: the plugin spent all its fuel (limits.fuel)',
    'from the network',
  ])
})

it('a page that is not isolated is told by which headers it becomes so', async () => {
  expect(await linesOf({})).toEqual([
    'EngineUnavailable: a worker shares memory with its page, which must be cross-origin isolated: serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
  ])
})
