import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { ticks, visitDebugger } from './debugger-states.ts'
import { showGame } from './shown-game.ts'

// Visits the game and saves a picture of each step in a folder. If the argument is a file, saves only the picture
// for the README: a mistake at its line, and the running game.
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
const TABLET: BrowserContextOptions = { ...PHONE, viewport: { width: 820, height: 1180 } }
/** Milliseconds that a step may take: a game without a graphics card is slow. */
const PAGE_TIMEOUT = 300_000

const { url, browser, close } = await showGame()

async function open(options: BrowserContextOptions, swarm = 900): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(PAGE_TIMEOUT)
  page.on('console', (message) => console.log(`${message.type()}: ${message.text()}`))
  await page.goto(`${url}?seed=7&swarm=${swarm}`)
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
  return page
}

/** Closes a page: each that is open draws its game, which takes most of a core. */
const leave = (page: Page): Promise<void> => page.context().close()

let steps = 0
async function picture(page: Page, name: string): Promise<void> {
  steps++
  if (only !== undefined && only !== name) return
  const path = only === undefined ? join(target, `${String(steps).padStart(2, '0')}-${name}.png`) : target
  if (only === undefined) await mkdir(target, { recursive: true })
  await page.screenshot({ path })
}

/** Takes pictures of the debugger. */
async function debugStates(options: BrowserContextOptions, name: string): Promise<void> {
  const page = await open(options)
  await visitDebugger(page, (state) => picture(page, `debug-${state}-${name}`))
  await leave(page)
}

const page = await open(WIDE)
await ticks(page, 150)
await picture(page, 'open')
await page.click('text=Play')
await page.click('#edit')
await page.click('text=hunter')
await page.focus('#game')
await page.keyboard.down('ArrowLeft')
await ticks(page, 200)
await picture(page, 'play')
await page.click('text=Make the swarm flee')
await ticks(page, 150)
await picture(page, 'edit')
await page.click('text=Break it on purpose')
await page.waitForSelector('.cm-lintRange-error')
await page.evaluate(() => {
  // Somebody plays meanwhile.
  for (let tick = 0; tick < 90; tick++) window.swarm.session.step({ x: tick < 45 ? 1 : 0, y: -1, fire: true })
})
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
  await leave(page)
  const boss = await open(WIDE, 150)
  await boss.click('text=Play')
  // Another game begins.
  await boss.waitForSelector('.card', { state: 'hidden' })
  await boss.evaluate(() => {
    const { loop, match, session } = window.swarm
    const { game } = session
    loop.paused = true
    // Round in a circle, with as many lives as it takes.
    for (let tick = 0, after = 0; after < 240; tick++) {
      if (match.wave >= 3) after++
      if (tick % 10 === 0) game.runtime.write(game.player, { Health: { points: 3 }, Lives: { left: 3 } })
      const angle = tick / 60
      session.step({ x: Math.round(Math.cos(angle)) as 0 | 1 | -1, y: Math.round(Math.sin(angle)) as 0 | 1 | -1, fire: true })
    }
    loop.paused = false
  })
  await ticks(boss, 30)
  await picture(boss, 'boss')
  await boss.evaluate(() => {
    const { match, session } = window.swarm
    session.game.runtime.write(session.game.player, { Health: { points: 1 }, Lives: { left: 1 } })
    while (match.lives > 0) session.step({ x: 0, y: 0, fire: false })
  })
  await boss.waitForSelector('.card:has-text("The swarm got you")')
  await ticks(boss, 2)
  await picture(boss, 'over')
  await leave(boss)
  await debugStates(WIDE, 'dark')
  await debugStates({ ...WIDE, colorScheme: 'light' }, 'light')
  await debugStates(PHONE, 'phone')
  await debugStates(TABLET, 'tablet')
  const light = await open({ ...WIDE, colorScheme: 'light' })
  await light.click('#edit')
  await light.waitForSelector('.cm-content')
  await ticks(light, 60)
  await picture(light, 'light')
  await light.click('#edit')
  await light.click('text=Inspector')
  for (const name of ['Scripts', 'Logs', 'Faults', 'Reloads', 'Entities', 'Debug', 'Time']) {
    await light.getByRole('tab', { name }).click()
    await ticks(light, 30)
    await picture(light, `light-${name.toLowerCase()}`)
  }
  await leave(light)
  const phone = await open(PHONE)
  await ticks(phone, 60)
  await picture(phone, 'phone')
  await phone.tap('#edit')
  await phone.waitForSelector('.cm-content')
  await ticks(phone, 30)
  await picture(phone, 'phone-scripts')
}
await close()
