import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptId } from 'bitscript'
import type { Browser, Page } from 'playwright-core'
import { build, type InlineConfig, preview } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { axeComplaints } from '../fixtures/axe.ts'
import { launchBrowser, type OpenPage, type PageOptions, Tab } from '../fixtures/browser.ts'
import { editSparks } from '../fixtures/component.ts'
import { MODS_HASH } from '../fixtures/demo-mods.ts'
import { editGuest } from '../fixtures/plugin.ts'
import { createProject } from '../fixtures/project.ts'
import { KEPT, serve } from '../fixtures/web-project.ts'
import { itIsPlayed } from './play/page-plays.ts'

const PACKAGES = ['bitecs', 'pixi.js', 'uplot', '@codemirror', '@lezer', 'style-mod', 'w3c-keyname', 'crelt', '@marijn', 'vite']
const FEW = '?seed=7&swarm=150'
/** Adds a section to a binary that means nothing: other bytes, and the same code. */
function withSection(binary: Uint8Array): Uint8Array {
  return Buffer.concat([binary, Uint8Array.of(0, 4, 1, 0x62, 1, 1)])
}
/** The hash in Node after 600 ticks of the recorded input: see simulation.test.ts. */
const HASH = '47e4ced5a3b21675'

let browser: Browser
let project: Awaited<ReturnType<typeof createProject>>
beforeAll(async () => {
  browser = await launchBrowser({ webgl: true })
  tab = new Tab(browser, USUAL)
  project = await createProject(PACKAGES)
  await rm(join(project.folder, 'demo/dist'), { recursive: true, force: true })
})
afterAll(async () => {
  await browser.close()
  for (const served of servers.values()) await (await served).close()
  await project.remove()
})

type Kind = 'development' | 'a build'
interface Served {
  readonly url: string
  close(): Promise<void>
}
/** The servers that run. Tests share them: each would build the page, or transform its modules, again. */
const servers = new Map<Kind, Promise<Served>>()
/** Returns the server of the page of the game: one for development, or one of a build. */
function serveDemo(kind: Kind): Promise<Served> {
  const served = servers.get(kind) ?? (kind === 'development' ? develop() : serveBuilt())
  servers.set(kind, served)
  return served
}
const config = (): InlineConfig => {
  const root = join(project.folder, 'demo')
  return { root, configFile: join(root, 'vite.config.ts'), logLevel: 'silent', clearScreen: false }
}
const develop = (): Promise<Served> => serve({ ...config(), cacheDir: join(project.folder, '.vite'), server: { fs: { strict: false } } })
async function serveBuilt(): Promise<Served> {
  await build(config())
  // The strictest policy for styles: the editor, the inspector and the game keep to it.
  const headers = { ...KEPT, 'Content-Security-Policy': "style-src 'self'" }
  const server = await preview({ ...config(), preview: { port: 0, host: '127.0.0.1', headers } })
  return { url: server.resolvedUrls?.local[0] as string, close: () => server.close() }
}

const USUAL: PageOptions = { viewport: { width: 900, height: 560 }, deviceScaleFactor: 0.25, isDrawnSeldom: true }
let tab: Tab
let open: OpenPage
/** Opens the page, and waits until the game runs. */
async function start(url: string, query: string = FEW, options?: PageOptions): Promise<Page> {
  open = await tab.open(url + query, options)
  await open.page
    .waitForFunction(() => document.documentElement.dataset.ready === 'true')
    .catch((error) => {
      throw new Error(`the page did not become ready: ${open.complaints.join('\n')}`, { cause: error })
    })
  return open.page
}
afterEach(() => open.close())

/** Returns the ticks of the running game. */
const tick = (page: Page): Promise<number> => page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
async function goesOn(page: Page): Promise<void> {
  const before = await tick(page)
  await page.waitForFunction((last) => window.swarm.session.game.runtime.snapshot().tick > last + 2, before)
}
const generation = (page: Page, name: string, wanted: number): Promise<unknown> =>
  page.waitForFunction(([script, number]) => window.swarm.session.game.runtime.find(script as string)?.generation === number, [
    name,
    wanted,
  ] as const)
/** Returns the average distance of the hunters from the player. */
const distance = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { game } = window.swarm.session
    const { Position, Look } = game.components
    const at = (entity: number): number =>
      Math.hypot(
        (Position.x[entity] as number) - (Position.x[game.player] as number),
        (Position.y[entity] as number) - (Position.y[game.player] as number),
      )
    const hunters = Array.from(Look.shape.keys()).filter((entity) => Look.shape[entity] === 1)
    return hunters.reduce((sum, entity) => sum + at(entity), 0) / hunters.length
  })
/** Opens the text of a script, in the list of the narrow editor. */
const choose = (page: Page, script: string): Promise<unknown> => page.locator('.live-select').selectOption(script)
const score = (page: Page): Promise<number> => page.evaluate(() => window.swarm.match.score)

/** `npm test` takes the page of a build, the soak that of a development server. */
const kind = process.env.PAGE === 'development' ? 'development' : 'a build'
/** The soak runs these, once. */
const inSoak = kind === 'development'
describe(`the game, in ${kind}`, () => {
  let served: Served
  beforeAll(async () => {
    served = await serveDemo(kind)
  })

  it('starts, runs without input, and reports no errors', async () => {
    const page = await start(served.url, FEW, { isDrawnSeldom: false })
    const before = await page.evaluate(() => [...window.swarm.session.game.components.Position.x.slice(0, 300)])
    await goesOn(page)
    const after = await page.evaluate(() => [...window.swarm.session.game.components.Position.x.slice(0, 300)])
    expect(after.filter((x, entity) => x !== before[entity]).length).toBeGreaterThan(50)
    await expect.poll(() => page.textContent('#wave')).toBe('1')
    expect([open.complaints, open.loads()]).toEqual([[], 1])
  })

  it('has the same world as Node after 600 recorded ticks', async () => {
    const page = await start(served.url)
    expect(await page.evaluate(() => window.swarm.hashAfter(600, 7))).toBe(HASH)
  })

  it('reloads a script edited in the page, and keeps the score', async () => {
    const page = await start(served.url)
    await page.waitForFunction(() => window.swarm.match.score > 0)
    await page.click('#edit')
    await page.click('text=Make the swarm flee')
    await generation(page, 'hunter', 2)
    const [kept, near] = [await score(page), await distance(page)]
    expect(kept).toBeGreaterThan(0)
    await page.waitForFunction((ticks) => window.swarm.session.game.runtime.snapshot().tick > ticks + 90, await tick(page))
    expect(await distance(page)).toBeGreaterThan(near)
    expect(await score(page)).toBeGreaterThanOrEqual(kept)
    expect([open.complaints, open.loads()]).toEqual([[], 1])
  })
})

describe.runIf(inSoak)('the page', () => {
  let served: Served
  beforeAll(async () => {
    served = await serveDemo('a build')
  })

  const status = (page: Page) => page.locator('[role=status].live-status-text')
  /** Replaces the text of a script in the editor. */
  async function edit(page: Page, script: string, change: (text: string) => string): Promise<void> {
    const text = await readFile(join(project.folder, `scripts-wat/${script}.wat`), 'utf8')
    expect(change(text)).not.toBe(text)
    await choose(page, script)
    await page.locator('.cm-content').focus()
    await page.keyboard.press('Control+a')
    await page.locator('.cm-content').evaluate((content, pasted) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', pasted)
      content.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, change(text))
  }
  const isPaused = (page: Page): Promise<boolean> => page.evaluate(() => window.swarm.loop.paused)

  it('is the same with guests in the place of scripts, which the editor says cannot be edited', async () => {
    const page = await start(served.url, `${FEW}&guests`)
    const kinds = await page.evaluate(() => ['score', 'spark', 'hunter'].map((name) => window.swarm.session.game.runtime.find(name)?.guest))
    expect(kinds).toEqual(['extism', 'component', 'script'])
    expect(await page.evaluate(() => window.swarm.hashAfter(600, 7))).toBe(HASH)
    await page.click('#edit')
    await page.waitForSelector('.cm-content')
    await choose(page, 'score')
    const why = 'score is a binary module, made of another language, and has no text to edit'
    const status = page.locator('[role=status].live-status-text')
    await expect.poll(() => status.textContent()).toContain(why)
    await page.locator('.cm-content').focus()
    await page.keyboard.type('(module)')
    expect(await page.locator('.cm-content').textContent()).toMatch(/^;; score is a binary module[^()]*$/)
    for (const button of ['Run', 'Format', 'Revert', 'Share']) await page.click(`role=button[name="${button}"]`)
    expect(await status.textContent()).toContain(why)
    expect(await page.evaluate(() => window.swarm.session.game.runtime.find('score')?.generation)).toBe(1)
    await goesOn(page)
    expect(open.complaints).toEqual([])
  })

  it('plays mods, which the inspector shows and switches, in the same world as Node', async () => {
    const page = await start(served.url, `${FEW}&mods`)
    expect(await page.evaluate(() => window.swarm.session.mods?.list().map(({ name, status }) => `${name} ${status}`))).toEqual(
      ['bounty', 'medic', 'pulse', 'terrain', 'wind'].map((name) => `${name} enabled`),
    )
    expect(await page.evaluate(() => window.swarm.hashAfter(600, 7))).toBe(MODS_HASH)
    await page.getByRole('button', { name: 'Inspector', exact: true }).click()
    await page.getByRole('tab', { name: 'Mods' }).click()
    const row = page.getByRole('row', { name: 'pulse' })
    await row.click()
    await page.getByRole('button', { name: 'Disable' }).click()
    await expect.poll(() => row.locator('td').last().textContent()).toBe('disabled')
    await goesOn(page)
    await page.getByRole('button', { name: 'Enable' }).click()
    await expect.poll(() => row.locator('td').last().textContent()).toBe('enabled')
    await goesOn(page)
    expect(open.complaints).toEqual([])
  })

  itIsPlayed({ start: (query, options) => start(served.url, query, options), opened: () => open })

  it('can be played by keys, paused, and restarted', async () => {
    const page = await start(served.url)
    await page.click('text=Play')
    await page.waitForSelector('.card', { state: 'hidden' })
    const x = (): Promise<number> =>
      page.evaluate(() => window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number)
    const from = await x()
    await page.keyboard.down('ArrowRight')
    await page.waitForFunction(
      (first) => (window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number) > first + 20,
      from,
    )
    await page.keyboard.up('ArrowRight')
    await page.keyboard.press('p')
    await page.waitForSelector('.card:has-text("Paused")')
    const paused = await tick(page)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    expect(await tick(page)).toBe(paused)
    await page.click('text=Go on')
    await goesOn(page)
    await page.click('#restart')
    await page.waitForFunction((last) => window.swarm.session.game.runtime.snapshot().tick < last, paused)
    expect(open.complaints).toEqual([])
  })

  it('shows a mistake at its line, and continues; a trap is rolled back', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await page.click('text=Break it on purpose')
    await page.waitForSelector('.cm-lintRange-error, .cm-lint-marker-error')
    expect(await page.textContent('[role=status].live-status-text')).toMatch(/line \d+|\d+:\d+|unexpected/)
    await goesOn(page)
    await page.click('text=Mend')
    await page.waitForSelector('.cm-lintRange-error', { state: 'detached' })
    await page.click('text=Trap on purpose')
    await expect.poll(() => page.textContent('[role=status].live-status-text')).toContain('divide by zero')
    await goesOn(page)
    expect(await page.evaluate(() => window.swarm.session.game.runtime.find('hunter')?.status)).toBe('active')
    expect(open.complaints).toEqual([])
  })

  it('completes and explains with the words of the running game', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await page.waitForSelector('.cm-content')
    await choose(page, 'hunter')
    await page.locator('.cm-content').press('Control+End')
    await page.keyboard.type('(import "ecs.get" "Look.hu')
    await page.locator('.cm-tooltip-autocomplete [role=option]', { hasText: 'Look.hue' }).waitFor()
    await page.locator('.cm-completionInfo', { hasText: 'the field is f32' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Home')
    await page
      .locator('.cm-line span', { hasText: /^\$spawn$/ })
      .first()
      .click()
    await page.keyboard.press('F1')
    await page.locator('[role=tooltip]', { hasText: 'ecs spawn: ' }).waitFor()
    expect(open.complaints).toEqual([])
  })

  it('says what it lacks to run AssemblyScript, which this build has no compiler for', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await page.waitForSelector('.cm-content')
    await choose(page, 'hunter.ts')
    await page.click('role=button[name="Run"]')
    const status = page.locator('[role=status].live-status-text')
    await expect.poll(() => status.textContent()).toContain('this page was built without the compiler of AssemblyScript')
    await choose(page, 'hunter')
    await expect.poll(() => page.workers().length).toBe(0)
    expect(open.complaints).toEqual([])
  })

  it('goes back in time, and continues from there', async () => {
    const page = await start(served.url)
    await page.click('text=Inspector')
    await page.click('role=tab[name="Time"]')
    await page.check('role=switch[name=/Keep the last 10 seconds/]')
    await page.waitForFunction((first) => window.swarm.session.game.runtime.snapshot().tick > first + 40, await tick(page))
    const slider = page.locator('input[type=range]')
    const last = await tick(page)
    await slider.fill(String(last - 30))
    // On a slow machine the slider may lag behind the game, and end before that moment.
    await page.waitForFunction((wanted) => window.swarm.session.game.runtime.snapshot().tick <= wanted, last - 30)
    expect(await page.evaluate(() => window.swarm.loop.paused)).toBe(true)
    await page.click('role=button[name=/go on from here/i]')
    await goesOn(page)
    expect(open.complaints).toEqual([])
  })

  it('asks before it runs a script from a link, with limits', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await page.click('text=Double the fire rate')
    await generation(page, 'player', 2)
    expect(await page.locator('.cm-content').textContent()).toContain('seconds_between_shots')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click('role=button[name="Share"]')
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('#scripts=')
    const shared = await page.evaluate(() => navigator.clipboard.readText())
    const other = await start(served.url, FEW + new URL(shared).hash)
    await other.waitForSelector('.card:has-text("Someone else")')
    await other.click('text=Play with it')
    await goesOn(other)
    const text = await other.evaluate(() => window.swarm.session.game.runtime.find('player')?.status)
    expect(text).toBe('active')
    expect(open.complaints).toEqual([])
  })

  it('fits a small dark phone, can be played by touch, and is silent until sound is switched on', async () => {
    const page = await start(served.url, FEW, {
      viewport: { width: 360, height: 640 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.tap('text=Play')
    const x = await page.evaluate(() => window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number)
    const touch = await page.context().newCDPSession(page)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 150, y: 300 }] })
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: 60, y: 300 }] })
    await page.waitForFunction(
      (first) => (window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number) < first - 15,
      x,
    )
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    expect(await page.getAttribute('#sound', 'aria-pressed')).toBe('false')
    await page.tap('#sound')
    expect(await page.getAttribute('#sound', 'aria-pressed')).toBe('true')
    expect(open.complaints).toEqual([])
  })

  it('stops while it is hidden, and does not catch up', async () => {
    const page = await start(served.url)
    await page.click('text=Play')
    await page.waitForSelector('.card', { state: 'hidden' })
    const set = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await set(true)
    const before = await tick(page)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    expect(await tick(page)).toBe(before)
    await set(false)
    await page.waitForSelector('.card:has-text("Paused")')
    await page.click('text=Go on')
    await goesOn(page)
  })

  it('says why a restart failed, and starts without the edits', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await edit(page, 'waves', (text) => text.replace('(func (export "init") (param $text i32) (param $length i32)', '$& unreachable'))
    await page.click('role=button[name="Run"]')
    await generation(page, 'waves', 2)
    await page.click('#restart')
    await page.waitForSelector('.card:has-text("The game did not start")')
    expect(await page.textContent('#card-text')).toMatch(/waves, line \d+: .*unreachable.*Correct the script, or start without your edits/)
    await page.click('text=Correct it')
    await expect.poll(() => status(page).textContent()).toMatch(/^waves, line \d+/)
    await goesOn(page)
    const before = await tick(page)
    await page.click('#restart')
    await page.click('text=Start without edits')
    await page.waitForFunction((last) => window.swarm.session.game.runtime.snapshot().tick < last, before)
    expect(await page.locator('.cm-content').textContent()).toContain('unreachable')
    await page.click('role=button[name="Run"]')
    await generation(page, 'waves', 2)
    await page.reload()
    await page.waitForSelector('.card:has-text("The game did not start")')
    await page.click('text=Correct it')
    await page.waitForSelector('.cm-content')
    await page.click('role=button[name="Revert"]')
    await page.waitForSelector('.card:has-text("Arrow keys")')
    await goesOn(page)
    expect(open.complaints).toEqual([])
  })

  it('restarts without a connection, and says what needs one', async () => {
    // In a context of its own, so that nothing of it is in a cache.
    const page = await start(served.url, FEW, { offline: false })
    await page.waitForFunction((first) => window.swarm.session.game.runtime.snapshot().tick > first + 30, await tick(page))
    await page.context().setOffline(true)
    const before = await tick(page)
    await page.click('#restart')
    await page.waitForFunction((last) => window.swarm.session.game.runtime.snapshot().tick < last, before)
    await page.click('#edit')
    await page.waitForSelector('[role=alert]:has-text("Check the connection, then try again")')
    await page.context().setOffline(false)
    await page.click('text=Try again')
    await page.waitForSelector('.cm-content')
    expect(open.complaints.filter((each) => each.startsWith('uncaught'))).toEqual([])
  })

  it('is paused and continued by P and Escape; a tool that pauses it keeps the focus and covers nothing', async () => {
    const page = await start(served.url)
    await page.click('text=Play')
    await page.waitForSelector('.card', { state: 'hidden' })
    for (const key of ['p', 'Escape']) {
      await page.keyboard.press(key)
      await page.waitForSelector('.card:has-text("Paused")')
      await page.keyboard.press(key)
      await page.waitForSelector('.card', { state: 'hidden' })
      expect(await isPaused(page)).toBe(false)
    }
    await page.click('text=Inspector')
    await page.click('role=tab[name="Time"]')
    await page.check('role=switch[name=/Keep the last 10 seconds/]')
    await page.waitForFunction((first) => window.swarm.session.game.runtime.snapshot().tick > first + 40, await tick(page))
    const slider = page.locator('input[type=range]')
    await slider.focus()
    for (let steps = 0; steps < 3; steps++) await page.keyboard.press('ArrowLeft')
    expect(await isPaused(page)).toBe(true)
    expect(await slider.evaluate((node) => node.matches(':focus'))).toBe(true)
    expect(await page.isVisible('.card')).toBe(false)
    expect(await page.getAttribute('#pause', 'aria-pressed')).toBe('true')
    await page.click('#pause')
    expect(await isPaused(page)).toBe(false)
    await goesOn(page)
    expect(open.complaints).toEqual([])
  })

  it('keeps edits over a reload of the page, and takes a link that is pasted into it', async () => {
    const page = await start(served.url)
    await page.click('#edit')
    await page.click('text=Make the swarm flee')
    await generation(page, 'hunter', 2)
    await edit(page, 'gun', (text) => `;; not run\n${text}`)
    const ready = (): Promise<unknown> => page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
    await page.reload()
    await ready()
    await page.waitForFunction(() => window.swarm.session.game.runtime.snapshot().tick > 30)
    const near = await distance(page)
    await page.waitForFunction((ticks) => window.swarm.session.game.runtime.snapshot().tick > ticks + 60, await tick(page))
    expect(await distance(page)).toBeGreaterThan(near)
    await page.click('#edit')
    await expect.poll(() => status(page).textContent()).toMatch(/^Your texts of hunter, gun are back/)
    await choose(page, 'gun')
    expect(await page.locator('.cm-content').textContent()).toMatch(/^;; not run/)
    const fragment = await page.evaluate(async () => {
      const text = '(module (func (export "tick") (param f32)))'
      const texts = JSON.stringify(['stars', 'gun'].map((script) => [script, text]))
      const stream = new Blob([texts]).stream().pipeThrough(new CompressionStream('deflate-raw'))
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
      return `#scripts=${btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '')}`
    })
    await page.evaluate((hash) => {
      location.hash = hash
    }, fragment)
    await page.waitForSelector('.card:has-text("This link brings 2 other scripts: stars, gun")')
    expect(await page.textContent('#card-text')).toContain('They take the place of your text of gun: Undo in the editor brings yours back.')
    await page.click('text=Play with it')
    await page.waitForSelector('.card', { state: 'hidden' })
    expect(await page.locator('.cm-content').textContent()).toBe('(module (func (export "tick") (param f32)))')
    await choose(page, 'gun')
    await page.click('role=button[name="Undo"]')
    expect(await page.locator('.cm-content').textContent()).toMatch(/^;; not run/)
    await page.evaluate(() => {
      location.hash = '#scripts=!'
    })
    await page.waitForSelector('text=The link is damaged')
    // A text of somebody else stays one after a reload.
    await page.reload()
    await ready()
    expect(await page.evaluate(() => JSON.parse(localStorage.getItem('bitscript-swarm-drafts') ?? '[]').at(-1)[1].isForeign)).toBe(true)
    expect(open.complaints).toEqual([])
  })

  it('has nothing that axe complains of', async () => {
    const page = await start(served.url)
    const violations = () => axeComplaints(page)
    expect(await violations()).toEqual([])
    await page.click('#edit')
    await page.waitForSelector('.cm-content')
    await choose(page, 'hunter')
    await page.click('text=Inspector')
    for (const name of ['Scripts', 'Entities', 'Time']) {
      await page.click(`role=tab[name="${name}"]`)
      if (name === 'Entities') await page.locator('.list button').first().click()
      expect(await violations(), name).toEqual([])
    }
  })
})

describe.runIf(inSoak)('the game, as it is edited', () => {
  it('reloads a script and guests on save, and keeps their state', async () => {
    const served = await serveDemo('development')
    const page = await start(served.url, `${FEW}&guests`)
    await page.waitForFunction(() => window.swarm.match.score > 0)
    await page.click('#edit')
    await choose(page, 'gun')
    const file = join(project.folder, 'scripts-wat/gun.wat')
    const text = await readFile(file, 'utf8')
    const before = await score(page)
    await writeFile(file, text.replace('(global $bullets_a_shot i32 (i32.const 3))', '(global $bullets_a_shot i32 (i32.const 9))'))
    await generation(page, 'gun', 2)
    await page.waitForFunction(() =>
      document
        .querySelector('.live-code')
        ?.shadowRoot?.querySelector('.cm-content')
        ?.textContent?.includes('$bullets_a_shot i32 (i32.const 9)'),
    )
    expect(await score(page)).toBeGreaterThanOrEqual(before)
    await writeFile(file, text.replace('(func $fire', '(func $fir'))
    await page.waitForSelector('vite-error-overlay')
    await goesOn(page)
    await writeFile(file, text)
    await page.waitForSelector('vite-error-overlay', { state: 'detached' })
    await generation(page, 'gun', 3)
    const guest = join(project.folder, 'demo/guests/score.wasm')
    await writeFile(guest, editGuest(await readFile(guest)))
    await generation(page, 'score', 2)
    const counted = await page.evaluate(() => {
      const { runtime } = window.swarm.session.game
      return runtime.readState(runtime.scripts().find(({ name }) => name === 'score')?.id as ScriptId) as { score: number }
    })
    expect(counted.score).toBeGreaterThanOrEqual(before)
    const component = join(project.folder, 'demo/guests/components/spark.wasm')
    const bursts = (): Promise<number> =>
      page.evaluate(() => {
        const { runtime } = window.swarm.session.game
        return runtime.call(runtime.find('spark')?.id as ScriptId, 'burst-count') as number
      })
    const burst = await bursts()
    expect(burst).toBeGreaterThan(0)
    await writeFile(component, editSparks(await readFile(component)))
    await generation(page, 'spark', 2)
    expect(await bursts()).toBeGreaterThanOrEqual(burst)
    expect(await score(page)).toBeGreaterThanOrEqual(before)
    await goesOn(page)
    expect([open.loads(), open.complaints]).toEqual([1, []])
  })

  it('reloads each mod on save, disables and enables one, and unloads one', async () => {
    const served = await serveDemo('development')
    const page = await start(served.url, `${FEW}&mods`)
    const files = { bounty: 'bounty.wat', medic: 'medic.wasm', pulse: 'pulse.wasm', terrain: 'terrain.wat', wind: 'wind.wasm' }
    for (const [name, file] of Object.entries(files)) {
      const path = join(project.folder, 'demo/mods', file)
      const content = await readFile(path)
      const isText = file.endsWith('.wat')
      await writeFile(path, isText ? content.toString().trimEnd().replace(/\)$/, '(global i32 (i32.const 1)))') : withSection(content))
      await generation(page, name, 2)
    }
    await goesOn(page)
    const statuses = (): Promise<string[] | undefined> =>
      page.evaluate(() => window.swarm.session.mods?.list().map(({ name, status }) => `${name} ${status}`))
    await page.evaluate(() => window.swarm.session.mods?.disable('medic'))
    await goesOn(page)
    expect(await statuses()).toContain('medic disabled')
    await page.evaluate(() => window.swarm.session.mods?.enable('medic'))
    await page.evaluate(() => window.swarm.session.mods?.unload('wind'))
    await goesOn(page)
    expect(await statuses()).toEqual(['bounty enabled', 'medic enabled', 'pulse enabled', 'terrain enabled'])
    expect([open.complaints, open.loads()]).toEqual([[], 1])
  })
})
