import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { GUEST_PACKAGES } from '../fixtures/find-compilers.ts'
import { createProject } from '../fixtures/project.ts'

const PACKAGES = ['bitecs', 'pixi.js', 'uplot', '@codemirror', '@lezer', 'style-mod', 'w3c-keyname', 'crelt', '@marijn', 'vite']

/** Returns what axe complains of. */
async function complaints(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    return (await axe.run()).violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))
  })
}

describe.runIf(inject('compilers').includes('as'))('the page of the game, with the compiler of AssemblyScript', () => {
  let browser: Browser
  let server: PreviewServer
  let project: Awaited<ReturnType<typeof createProject>>
  beforeAll(async () => {
    browser = await launchBrowser({ webgl: true })
    project = await createProject(PACKAGES)
    await mkdir(join(project.folder, 'build/guests'), { recursive: true })
    await symlink(GUEST_PACKAGES, join(project.folder, 'build/guests/node_modules'))
    const root = join(project.folder, 'demo')
    const config = { root, configFile: join(root, 'vite.config.ts'), logLevel: 'silent' } as const
    await build(config)
    const headers = { 'Content-Security-Policy': "style-src 'self'" }
    server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1', headers } })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await project?.remove()
  })

  it('compiles a script when it is first run, marks a mistake at its line, and shows a trap at its line', async () => {
    const open = await openPage(browser, `${server.resolvedUrls?.local[0]}?seed=7&swarm=150`, { viewport: { width: 1100, height: 700 } })
    const { page } = open
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
    const status = page.locator('[role=status].live-status-text')
    const code = page.locator('.cm-content')
    const run = (): Promise<void> => page.click('role=button[name="Run"]')
    const text = await readFile(join(project.folder, 'demo/languages/hunter.ts'), 'utf8')
    const replace = async (now: string): Promise<void> => {
      await code.focus()
      await page.keyboard.press('Control+a')
      await code.evaluate((content, pasted) => {
        const clipboardData = new DataTransfer()
        clipboardData.setData('text/plain', pasted)
        content.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
      }, now)
    }
    await page.click('#edit')
    await code.waitFor()
    const list = page.getByRole('option', { name: /^\W*hunter\.ts/ })
    await list.click()
    expect(page.workers()).toHaveLength(0)
    await run()
    await expect.poll(() => status.textContent()).toMatch(/generation 2/)
    await page.waitForFunction(() => window.swarm.session.game.runtime.find('hunter')?.generation === 2)
    expect(await complaints(page)).toEqual([])

    await replace(`nonsense()\n${text}`)
    await run()
    await expect.poll(() => status.textContent()).toMatch(/hunter\.ts, line 1: Cannot find name .nonsense/)
    await page.locator('.cm-lint-marker-error').first().waitFor()
    expect(await complaints(page)).toEqual([])
    expect(await page.evaluate(() => window.swarm.session.game.runtime.find('hunter')?.generation)).toBe(2)

    await replace(`${text}\nexport function on_hit(): void {\n  unreachable()\n}\n`)
    await run()
    await page.waitForFunction(() => window.swarm.session.game.runtime.find('hunter')?.generation === 3)
    await page.evaluate(() => window.swarm.session.game.runtime.emit('hit', 0, 0, 0))
    // It is on probation, so the version before is back.
    await expect.poll(() => status.textContent()).toMatch(/hunter, line \d+: unreachable; taken back: generation 2/)
    expect(await page.locator('.cm-lint-marker-error').count()).toBeGreaterThan(0)
    expect(open.complaints).toEqual([])
  })
})
