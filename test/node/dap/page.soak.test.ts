import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type OpenPage, openPage } from '../../fixtures/browser.ts'
import { createWebProject, serve, type WebProject } from '../../fixtures/web-project.ts'
import { startCommand } from './editor.ts'
import { beginInCode, goInCode, stopInCode } from './vscode.ts'

const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.const 1)))))`

const MAIN = `
import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { allowDebugger } from 'bitscript/debug'
import mover from './scripts/mover.wat?script'
const components = defineComponents({ Position: { x: 'f32' } })
const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
const entity = runtime.spawn({ Position: {} })
runtime.attach(entity, await runtime.loadModule(mover))
window.allow = () => {
  window.refuse = allowDebugger(runtime, import.meta.hot, { title: 'the page' })
}
window.x = () => components.Position.x[entity]
setInterval(() => runtime.tick(1), 10)
`

interface Game {
  allow(): void
  refuse(): void
  x(): number
}

let browser: Browser
let project: WebProject
let server: Awaited<ReturnType<typeof serve>>
let open: OpenPage
beforeAll(async () => {
  browser = await launchBrowser()
  project = await createWebProject({ 'main.ts': MAIN, 'scripts/mover.wat': MOVER })
  server = await serve(project.config)
  open = await openPage(browser, server.url)
  await open.page.waitForFunction(() => ((window as unknown as Partial<Game>).x?.() ?? 0) > 3)
})
afterAll(async () => {
  await browser.close()
  await server.close()
  await project.remove()
})

describe('a debugger and a page', () => {
  it('is refused by a page that does not allow it, by another server, and where nothing answers', async () => {
    const { editor, stop } = startCommand(project.folder)
    await editor.ask('initialize')
    await expect(editor.ask('attach', { url: server.url })).rejects.toThrow(/no page allows a debugger: open the game .* allowDebugger/)
    await expect(editor.ask('attach', { url: 'http://127.0.0.1:9' })).rejects.toThrow(
      /cannot be attached to: .*; start the development server/,
    )
    await expect(editor.ask('attach', { url: 'nowhere' })).rejects.toThrow("'nowhere' is no address")
    await expect(editor.ask('attach', {})).rejects.toThrow('attach: url is missing')
    stop()
    for (const headers of [{}, { 'x-bitscript-debug': '1', origin: 'http://localhost:1' }] as const)
      expect((await fetch(new URL('/@bitscript/debug', server.url), { method: 'POST', headers })).status).toBe(403)
  })

  it('attaches to one that does; the game runs on while it stands in the past', async () => {
    const { page } = open
    await page.evaluate(() => (window as unknown as Game).allow())
    const { editor, ended } = startCommand(project.folder)
    const path = `${project.folder}/scripts/mover.wat`
    const { lines } = await beginInCode(editor, {
      ...{ request: 'attach', configuration: { url: server.url } },
      breakpoints: { [path]: [{ line: 4, condition: 'Position.x > 20' }] },
    })
    expect(lines).toMatchObject([{ verified: true, line: 5 }])
    const stop = await stopInCode(editor)
    expect(stop).toMatchObject({ stopped: { reason: 'breakpoint' }, frames: [{ name: 'mover.update', line: 5, source: { path } }, {}] })
    const x = await page.evaluate(() => (window as unknown as Game).x())
    await page.waitForFunction((last) => (window as unknown as Game).x() > last + 5, x)

    const before = Number((await editor.ask<{ result: string }>('evaluate', { expression: 'Position.x', frameId: 1 })).result)
    await editor.ask('setBreakpoints', { source: { path }, breakpoints: [] })
    await editor.ask('setDataBreakpoints', { breakpoints: [{ dataId: 'Position.x[1]', accessType: 'write' }] })
    expect(await goInCode(editor, 'reverseContinue')).toMatchObject({
      stopped: { reason: 'data breakpoint', description: expect.stringContaining(`mover wrote Position.x[1]: ${before - 1} → ${before}`) },
    })
    // Nothing is hit: it waits.
    await editor.ask('setDataBreakpoints', { breakpoints: [] })
    await editor.ask('continue', { threadId: 1 })
    expect((await goInCode(editor, 'pause')).stopped).toMatchObject({ reason: 'pause' })
    expect(Number((await editor.ask<{ result: string }>('evaluate', { expression: 'Position.x[1]' })).result)).toBeGreaterThan(before + 5)

    await editor.ask('continue', { threadId: 1 })
    await page.evaluate(() => (window as unknown as Game).refuse())
    await editor.heard('terminated')
    await expect(editor.ask('stackTrace', { threadId: 1 })).rejects.toThrow(/the page of .* is gone/)
    await page.evaluate(() => (window as unknown as Game).allow())
    // A debugger that is killed leaves the server running.
    const killed = startCommand(project.folder)
    await killed.editor.ask('attach', { url: server.url })
    killed.stop()
    await killed.ended
    await editor.ask('attach', { url: server.url })
    const { httpServer } = server
    if (httpServer !== null && 'closeAllConnections' in httpServer) httpServer.closeAllConnections()
    await editor.heard('terminated')
    await editor.ask('attach', { url: server.url })
    await page.reload()
    await editor.heard('terminated')
    await editor.ask('disconnect', {}).catch(() => undefined)
    expect(await ended).toBe(0)
    expect(open.complaints).toEqual([])
  })
})
