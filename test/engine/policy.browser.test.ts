import { bitscript } from 'bitscript/vite'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { createWebProject, serveBuild } from '../fixtures/web-project.ts'

const SCRIPT = '(module (func (export "tick") (param f32)))'
const MAIN = `import { createWorld } from 'bitecs'
  import { describeModule, WasmScriptRuntime } from 'bitscript'
  import binary from './script.wat?script'
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  const say = (work) => work.then(() => 'runs', ({ code, message }) => code + ': ' + message)
  const said = [await say(runtime.loadModule(${JSON.stringify(SCRIPT)})), await say(runtime.loadModule(binary)), await say(describeModule(${JSON.stringify(SCRIPT)}))]
  window.said = said`
const page = (policy: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>game</title>
  <meta http-equiv="Content-Security-Policy" content="${policy}"><link rel="icon" href="data:,"></head>
  <body><script type="module" src="/main.ts"></script></body></html>`

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it('a policy that forbids WebAssembly is named, whatever the script is made of, and the smallest addition to it is enough', async () => {
  for (const [policy, expected] of [
    ["script-src 'self'", /^EngineUnavailable: .*the content security policy of this page forbids WebAssembly: add 'wasm-unsafe-eval'/],
    ["script-src 'self' 'wasm-unsafe-eval'", /^runs$/],
  ] as const) {
    const project = await createWebProject({ 'index.html': page(policy), 'main.ts': MAIN, 'script.wat': SCRIPT })
    const server = await serveBuild({ ...project.config, plugins: [bitscript({ editable: true })] })
    const opened = await openPage(browser, server.url)
    const said = await opened.page.waitForFunction(() => (window as unknown as { said?: string[] }).said)
    for (const each of (await said.jsonValue()) as string[]) expect(each).toMatch(expected)
    await opened.close()
    await server.close()
    await project.remove()
  }
})
