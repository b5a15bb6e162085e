import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { build, preview } from 'vite'
import { findBrowser } from '../fixtures/find-browser.ts'

// Visits the game and saves a picture of each step in a folder. If the argument is a file, saves only the picture
// for the README: a mistake at its line, and the running game.
const DEMO = fileURLToPath(new URL('../../demo', import.meta.url))
const target = resolve(process.argv[2] ?? 'tour')
const only = target.endsWith('.png') ? 'break' : undefined
const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 760 }, colorScheme: 'dark' }
const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 640 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  colorScheme: 'light',
}

const config = { root: DEMO, configFile: join(DEMO, 'vite.config.ts'), logLevel: 'error', clearScreen: false } as const
await build(config)
const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
const executablePath = await findBrowser()
if (executablePath === undefined) throw new Error('the tour needs Chromium or Chrome, and found none')
const browser = await chromium.launch({
  executablePath,
  chromiumSandbox: false,
  args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})

async function open(options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.on('console', (message) => console.log(`${message.type()}: ${message.text()}`))
  await page.goto(`${server.resolvedUrls?.local[0]}?seed=7&swarm=900`)
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
  return page
}

let steps = 0
async function picture(page: Page, name: string): Promise<void> {
  steps++
  if (only !== undefined && only !== name) return
  const path = only === undefined ? join(target, `${String(steps).padStart(2, '0')}-${name}.png`) : target
  if (only === undefined) await mkdir(target, { recursive: true })
  await page.screenshot({ path })
}

/** Waits for a number of ticks. */
async function ticks(page: Page, count: number): Promise<void> {
  const from = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
  await page.waitForFunction((until) => window.swarm.session.game.runtime.snapshot().tick >= until, from + count)
}

const page = await open(WIDE)
await ticks(page, 150)
await picture(page, 'open')
await page.click('text=Play')
await page.click('#edit')
await page.click('text=hunter')
await page.keyboard.down('ArrowLeft')
await ticks(page, 200)
await picture(page, 'play')
await page.click('text=Make the swarm flee')
await ticks(page, 150)
await picture(page, 'edit')
await page.click('text=Break it on purpose')
await page.waitForSelector('.cm-lintRange-error')
await ticks(page, 30)
await picture(page, 'break')
if (only === undefined) {
  await page.click('text=Mend what is broken')
  await ticks(page, 30)
  await picture(page, 'mend')
  await page.click('text=Trap on purpose')
  await ticks(page, 60)
  await picture(page, 'trap')
  await page.click('#edit')
  await page.click('text=Inspector')
  await ticks(page, 90)
  await picture(page, 'inspect')
  await page.click('role=tab[name="Time"]')
  await page.check('role=switch[name=/Keep the last 10 seconds/]')
  await ticks(page, 120)
  await page.locator('input[type=range]').fill(String(await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick - 80)))
  await picture(page, 'rewind')
  await page.keyboard.press('Escape')
  // The inspector paused the game; the first click continues it, and the second one pauses it for the player.
  await page.click('#pause')
  await page.click('#pause')
  await picture(page, 'paused')
  const light = await open({ ...WIDE, colorScheme: 'light' })
  await light.click('#edit')
  await light.waitForSelector('.cm-content')
  await ticks(light, 60)
  await picture(light, 'light')
  const phone = await open(PHONE)
  await ticks(phone, 60)
  await picture(phone, 'phone')
  await phone.tap('#edit')
  await phone.waitForSelector('.cm-content')
  await ticks(phone, 30)
  await picture(phone, 'phone-scripts')
}
await browser.close()
await server.close()
