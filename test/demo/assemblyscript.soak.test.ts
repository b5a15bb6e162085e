import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { axeComplaints } from '../fixtures/axe.ts'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { GUEST_PACKAGES } from '../fixtures/find-compilers.ts'
import { createProject } from '../fixtures/project.ts'
import { soakSize } from '../fixtures/soak-size.ts'

/** How the page is seen. Continuous integration looks at the first. */
const LOOKS = [
  ['wide', 'dark'],
  ['narrow', 'light'],
] as const
/** The hash in Node after 600 ticks of the recorded input: see simulation.test.ts. */
const HASH = '47e4ced5a3b21675'
const PACKAGES = ['bitecs', 'pixi.js', 'uplot', '@codemirror', '@lezer', 'style-mod', 'w3c-keyname', 'crelt', '@marijn', 'vite']

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

  it.each(LOOKS.slice(0, soakSize(1)))(
    'compiles a script when it is first run, marks mistakes, and shows a trap at its line, %s and %s',
    async (width, colorScheme) => {
      const isNarrow = width === 'narrow'
      const open = await openPage(browser, `${server.resolvedUrls?.local[0]}?seed=7&swarm=150`, {
        viewport: isNarrow ? { width: 360, height: 640 } : { width: 1100, height: 700 },
        colorScheme,
        isDrawnSeldom: true,
      })
      const { page } = open
      const ready = (): Promise<unknown> => page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
      await ready()
      const status = page.locator('[role=status].live-status-text')
      const code = page.locator('.cm-content')
      const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
      const says = (wanted: RegExp) => expect.poll(() => status.textContent()).toMatch(wanted)
      const hasNone = async (state: string): Promise<void> => expect(await axeComplaints(page), state).toEqual([])
      const generation = () => page.evaluate(() => window.swarm.session.game.runtime.find('hunter')?.generation)
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
      if (isNarrow) await page.getByRole('combobox', { name: 'Script' }).selectOption('hunter.ts')
      else await page.getByRole('option', { name: /^\W*hunter\.ts/ }).click()
      expect(page.workers()).toHaveLength(0)

      const worker = /worker-[\w-]+\.js$/
      await page.route(worker, (route) => route.abort())
      await press('Run')
      await says(/could not be loaded.*the game runs on/)
      await hasNone('no network')
      expect(open.complaints.splice(0)).not.toEqual([])
      await page.unroute(worker)
      let answer = (): void => undefined
      const answered = new Promise<void>((resolve) => {
        answer = resolve
      })
      await page.route(worker, async (route) => {
        await answered
        await route.continue()
      })
      await press('Try again')
      await page.getByRole('progressbar').waitFor()
      await says(/Loading the compiler of AssemblyScript, 2\.9 MB, once/)
      await hasNone('loading')
      answer()
      await says(/generation 2/)
      await page.unroute(worker)
      expect(await generation()).toBe(2)
      await hasNone('compiled')

      // The game pauses after a tick in which the line ran.
      await code.focus()
      await page.keyboard.press('Control+f')
      await page.keyboard.type('const dx\n')
      await page.keyboard.press('Escape')
      await page.keyboard.press('F9')
      await page.locator('.cm-step').waitFor()
      expect(await page.locator('.cm-step').textContent()).toContain('const dx = preyX - positionX(hunter)')
      expect(await page.evaluate(() => window.swarm.loop.pausedBy)).toBe('tool')
      expect((await page.locator('.cm-counts .cm-gutterElement').allTextContents()).join()).toMatch(/×\d/)
      await hasNone('breakpoint')
      await page.keyboard.press('F9')
      await page.evaluate(() => {
        window.swarm.loop.paused = false
      })
      const hash = await page.evaluate(() => {
        const [[, , module]] = JSON.parse(localStorage.getItem('bitscript-swarm-modules') as string) as [[string, string, string]]
        return window.swarm.hashAfter(600, 7, { hunter: Uint8Array.from(atob(module), (sign) => sign.charCodeAt(0)) })
      })
      expect(hash).toBe(HASH)

      await code.press('Control+End')
      await page.keyboard.type('\nfunction more(): void { pos')
      await page.getByRole('listbox', { name: 'Completions' }).waitFor()
      await page.locator('.cm-completionInfo').waitFor()
      await hasNone('completion')
      await page.keyboard.press('Escape')
      await replace(text.replace(/export function update.*\n/, (head) => `${head}  nonsense()\n  let one: Entity = 3.5\n`))
      await press('Run')
      await says(/hunter\.ts, line \d+: Cannot find name .nonsense/)
      await expect.poll(() => page.locator('.cm-lintRange-error').allTextContents()).toEqual(['nonsense', '3.5'])
      await hasNone('mistake')
      expect(await generation()).toBe(2)

      await replace(`${text}\nexport function on_hit(): void {\n  unreachable()\n}\n`)
      await press('Run')
      await expect.poll(generation).toBe(3)
      await page.evaluate(() => window.swarm.session.game.runtime.emit('hit', 0, 0, 0))
      // It is on probation, so the version before is back.
      await says(/hunter\.ts, line \d+: unreachable; taken back: generation 2/)
      await expect.poll(() => page.locator('.cm-lintRange-error').textContent()).toBe('unreachable')
      await hasNone('trap')
      // That is also what the next visit begins with.
      await page.reload()
      await ready()
      await page.evaluate(() => window.swarm.session.game.runtime.emit('hit', 0, 0, 0))
      const tick = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
      await page.waitForFunction((last) => window.swarm.session.game.runtime.snapshot().tick > last + 2, tick)
      expect(await page.evaluate(() => window.swarm.session.game.runtime.find('hunter')?.status)).toBe('active')
      expect(open.complaints).toEqual([])
      await page.context().close()
    },
  )
})
