import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { PlantedPage } from '../debug/page/main.ts'
import { PLANTED_BUGS, PLANTED_TICKS } from '../debug/planted-bugs.ts'
import { axeComplaints } from '../fixtures/axe.ts'
import { launchBrowser, type OpenPage, openPage } from '../fixtures/browser.ts'
import { serve, serveBuild } from '../fixtures/web-project.ts'
import { startCommand } from '../node/dap/editor.ts'
import { beginInCode, stopInCode } from '../node/dap/vscode.ts'

/** In the page of the planted mistakes. */
declare const planted: PlantedPage

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser({ webgl: true })
})
afterAll(() => browser?.close())

/** Returns the accessible name, roughly, of what has the focus, also in a shadow tree. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement != null) at = at.shadowRoot.activeElement
    return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? ''
  })

/** Returns the values of lines that cover code, or are out of sight at its end. Runs in the page. */
function coveringValues(values: readonly Element[]): readonly (string | null)[] {
  const isWrong = (value: Element): boolean => {
    const { left, right, top, bottom } = value.getBoundingClientRect()
    const covers = [...(value.closest('.cm-content')?.querySelectorAll('.cm-line span:not(.cm-values)') ?? [])].some((code) => {
      const at = code.getBoundingClientRect()
      return at.left < right - 1 && at.right > left + 1 && at.top < bottom - 1 && at.bottom > top + 1
    })
    const shown = value.closest('.cm-scroller')?.getBoundingClientRect()
    return covers || shown === undefined || right > shown.right
  }
  return values.filter(isWrong).map(({ textContent }) => textContent)
}

/** Presses Tab until what is named has the focus. */
async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key)
    if (name.test(await focused(page))) return
  }
  throw new Error(`Tab does not reach ${name}, but ${await focused(page)}`)
}

const isPaused = (page: Page): Promise<boolean> => page.evaluate(() => window.swarm.loop.paused)
const ticks = (page: Page, count: number): Promise<unknown> =>
  page.evaluate((more) => {
    const { tick } = window.swarm.session.game.runtime.snapshot()
    return new Promise<void>((resolve) => {
      const off = window.swarm.session.game.runtime.on('tick', (report) => {
        if (report.tick < tick + more) return
        off()
        resolve()
      })
    })
  }, count)

describe('the page of the game', () => {
  let served: Awaited<ReturnType<typeof serve>>
  let cacheDir: string
  let open: OpenPage
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'bitscript-demo-'))
    const root = path('../../demo')
    served = await serve({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'silent', clearScreen: false, cacheDir })
    open = await openPage(browser, `${served.url}?seed=7&swarm=150`, {
      viewport: { width: 1000, height: 700 },
      deviceScaleFactor: 0.25,
      colorScheme: 'dark',
      // A colour that changes slowly has little contrast meanwhile.
      reducedMotion: 'reduce',
      isDrawnSeldom: true,
    })
    await open.page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
  })
  afterAll(async () => {
    await open.close()
    await served.close()
    await rm(cacheDir, { recursive: true, force: true })
  })

  it('answers why a field is what it is, from the start of the page, by the keyboard alone', async () => {
    const { page } = open
    const { keyboard } = page
    await tabTo(page, /^Inspector$/)
    await keyboard.press('Enter')
    await tabTo(page, /^Scripts/)
    for (let moves = 0; moves < 10 && !(await focused(page)).startsWith('Debug'); moves++) await keyboard.press('ArrowRight')
    await tabTo(page, /^Keep the past/)
    await keyboard.press('Enter')
    await page.getByRole('slider', { name: 'Tick', exact: true }).waitFor()
    await ticks(page, 20)
    await tabTo(page, /^Debug/, 'Shift+Tab')
    await keyboard.press('ArrowLeft')
    await tabTo(page, /^(?:Find|Filter) entities/i)
    await keyboard.type('Hunter')
    await page.locator('.list button').first().waitFor()
    await tabTo(page, /Hunter/)
    await keyboard.press('ArrowDown')
    await tabTo(page, /^Why Velocity\.x\?/)
    await keyboard.press('Enter')
    await expect.poll(() => focused(page)).toMatch(/^Why Velocity\.x of \d+/)
    expect(await page.locator('.writers').first().textContent()).toMatch(/tick \d+.*\w+:\d+.* → .*Velocity\.x of \d+ was/)
    expect(await axeComplaints(page)).toEqual([])
    await tabTo(page, /^Velocity\.x of/)
    await keyboard.press('Enter')
    await page.locator('.reads .writers').waitFor()
    await tabTo(page, /^Show tick/)
    await keyboard.press('Enter')
    await page.locator('.step.write[aria-selected=true]', { hasText: 'Velocity.x' }).waitFor()
    expect(await isPaused(page)).toBe(true)
    await tabTo(page, /^Open \w+:\d+/)
    await keyboard.press('Enter')
    await page.locator('.cm-step').waitFor()
    expect(await focused(page)).toMatch(/\.wat$/)
    expect(open.complaints).toEqual([])
  })

  it('moves through ticks and steps by arrow keys, Home and End, and goes on live', async () => {
    const { page } = open
    const [tick, steps] = [
      page.getByRole('slider', { name: 'Tick', exact: true }),
      page.getByRole('listbox', { name: 'Steps of the tick' }),
    ]
    await tick.press('Home')
    await expect.poll(() => tick.getAttribute('aria-valuetext')).toBe(`tick ${await tick.getAttribute('min')}`)
    // What is drawn is not what is looked at.
    const now = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
    const drawn = page.getByText(/^The game is drawn as it is now, at tick/)
    expect((await drawn.textContent())?.replace(/\D/g, '')).toBe(String(now))
    await tick.press('ArrowRight')
    await expect.poll(() => tick.getAttribute('aria-valuetext')).toBe(`tick ${Number(await tick.getAttribute('min')) + 1}`)
    await steps.press('Home')
    await expect.poll(() => steps.locator('[aria-selected=true]').getAttribute('aria-posinset')).toBe('1')
    await steps.press('ArrowDown')
    await expect.poll(() => steps.locator('[aria-selected=true]').getAttribute('aria-posinset')).toBe('2')
    await steps.press('End')
    const last = await steps.locator('[role=option]').last().getAttribute('aria-setsize')
    await expect.poll(() => steps.locator('[aria-selected=true]').getAttribute('aria-posinset')).toBe(last)
    await page.getByRole('button', { name: 'Live' }).press('Enter')
    expect(await isPaused(page)).toBe(false)
    expect(await drawn.count()).toBe(0)
    await ticks(page, 2)
    expect(open.complaints).toEqual([])
  })

  it('pauses after a tick that ran a line with a breakpoint, and shows values, counts and heat beside the lines', async () => {
    const { page } = open
    // Which script wrote last, and so is open, differs.
    await page.getByRole('listbox', { name: 'Scripts' }).getByRole('option', { name: 'hunter', exact: true }).click()
    await page.getByRole('button', { name: 'Heat' }).click()
    const text = page.locator('.cm-content')
    await text.focus()
    await page.keyboard.press('Control+f')
    await page.keyboard.type('local.set $dx\n')
    await page.keyboard.press('Escape')
    await text.focus()
    await page.keyboard.press('F9')
    await page.locator('.cm-step').waitFor()
    expect(await isPaused(page)).toBe(true)
    await expect.poll(() => page.locator('.cm-values').allTextContents()).toContainEqual(expect.stringMatching(/dx=/))
    expect(await page.locator('.cm-values').evaluateAll(coveringValues)).toEqual([])
    expect((await page.locator('.cm-counts .cm-gutterElement').allTextContents()).join()).toMatch(/×\d/)
    expect(await page.locator('.cm-heat').count()).toBeGreaterThan(1)
    expect(await axeComplaints(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await axeComplaints(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 640 })
    expect(await axeComplaints(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.keyboard.press('F9')
    await page.getByRole('button', { name: 'Live' }).press('Enter')
    await ticks(page, 2)
    expect(open.complaints).toEqual([])
  })

  it('lets an editor attach by bitscript dap, also while the inspector keeps the past, until another game starts', async () => {
    const { page } = open
    const [root, hunter] = [path('../..'), path('../../scripts-wat/hunter.wat')]
    const { editor, ended, stop } = startCommand(root)
    onTestFinished(stop)
    const line = (await readFile(hunter, 'utf8')).split('\n').findIndex((text) => text.includes('local.set $dx')) + 1
    const { lines } = await beginInCode(editor, {
      ...{ request: 'attach', configuration: { url: served.url } },
      breakpoints: { [hunter]: [{ line }] },
    })
    expect(lines).toMatchObject([{ verified: true, line }])
    expect(await stopInCode(editor)).toMatchObject({
      stopped: { reason: 'breakpoint' },
      frames: [{ name: 'hunter.update', line, source: { path: hunter } }, {}],
    })
    expect(await isPaused(page)).toBe(false)
    await page.click('#restart')
    await editor.heard('terminated')
    await editor.ask('disconnect', {})
    expect(await ended).toBe(0)
    expect(open.complaints).toEqual([])
  })
})

describe('Why?', () => {
  let served: Awaited<ReturnType<typeof serveBuild>>
  let open: OpenPage
  beforeAll(async () => {
    served = await serveBuild({
      root: path('../debug/page'),
      resolve: { alias: { bitscript: path('../../src/index.ts'), '#read-file': path('../../src/runtime/load/no-files.ts') } },
    })
    open = await openPage(browser, served.url)
    await open.page.waitForFunction(() => 'planted' in globalThis)
  })
  afterAll(async () => {
    await open.close()
    await served.close()
  })

  it.each(PLANTED_BUGS)('finds $name', async ({ name, field, entity, answer }) => {
    const { page, complaints } = open
    await page.evaluate(([game, count]) => planted.play(game as string, count as number), [name, PLANTED_TICKS])
    await page.getByRole('tab', { name: 'Entities' }).click()
    await page.locator('.list button').first().waitFor()
    await page
      .locator('.list button', { hasText: new RegExp(`^${entity}(?!\\d)`) })
      .first()
      .click()
    await page.getByRole('button', { name: `Why ${field}?` }).click()
    const write = page.locator('.writers > li').first()
    await write.waitFor()
    const text = await write.textContent()
    for (const part of [`tick ${answer.tick}`, `${answer.old} → ${answer.value}`]) expect(text).toContain(part)
    if (answer.line === undefined) expect(text).toContain('the game, by write')
    else {
      await write
        .getByRole('button', { name: /^Open / })
        .first()
        .click()
      expect(await page.evaluate(() => planted.opened.at(-1))).toMatchObject({ script: answer.by, location: { line: answer.line } })
    }
    await write
      .getByRole('button', { name: /^Show tick/ })
      .first()
      .click()
    await expect.poll(() => page.getByRole('slider', { name: 'Tick', exact: true }).inputValue()).toBe(String(answer.tick))
    expect(complaints).toEqual([])
  })
})
