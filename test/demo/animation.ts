import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { encodeGif, type Frame } from './gif.ts'
import { showGame } from './shown-game.ts'

// Plays the game in half a minute: edits a script, breaks it, mends it, goes back in time, and asks why. Saves what is to be seen as an animation.
const target = resolve(process.argv[2] ?? 'animation.gif')
const SIZE = { width: 1160, height: 640 }
/** The picture is this many times smaller than the page. */
const SCALE = 0.62
/** Ticks and milliseconds between two frames. */
const TICKS = 12
const DELAY = 200

const { url, browser, close } = await showGame()
const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: SCALE, colorScheme: 'dark' })
const page = await context.newPage()
page.setDefaultTimeout(60_000)
await page.goto(`${url}?seed=7&swarm=300`)
await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')

const frames: Frame[] = []
/** Shows the page for so many milliseconds as it is. */
const show = async (delay: number): Promise<void> => void frames.push({ png: await page.screenshot(), delay })
/** Shows the running game in so many frames. */
async function run(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame++) {
    await ticks(TICKS)
    await show(DELAY)
  }
}

async function ticks(count: number): Promise<void> {
  const from = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
  await page.waitForFunction((until) => window.swarm.session.game.runtime.snapshot().tick >= until, from + count)
}

/** Says what is done, above the game. */
async function say(text: string): Promise<void> {
  await page.evaluate((what) => {
    let caption = document.querySelector<HTMLElement>('#caption')
    if (caption === null) {
      caption = document.createElement('div')
      caption.id = 'caption'
      document.body.append(caption)
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(
        '#caption { position: fixed; top: 8px; left: 50%; transform: translateX(-50%); z-index: 99; padding: 2px 14px; border-radius: 6px; background: #ffd45e; color: #111; font: 600 24px system-ui, sans-serif }',
      )
      document.adoptedStyleSheets.push(sheet)
    }
    caption.textContent = what
  }, text)
}

await page.click('text=Play')
await page.click('#edit')
await page.waitForSelector('.cm-content')
await page.click('text=hunter')
await say('play')
await run(12)
await say('edit')
await page.click('text=Make the swarm flee')
await run(14)
await say('break')
await page.click('text=Break it on purpose')
await page.waitForSelector('.cm-lintRange-error')
await run(14)
await say('mend')
await page.click('text=Mend what is broken')
await run(8)
await page.click('text=Inspector')
await page.click('role=tab[name="Debug"]')
await page.click('text=Keep the past')
await run(24)
await say('go back')
const tick = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
const slider = page.getByRole('slider', { name: 'Tick', exact: true })
for (let back = 1; back <= 8; back++) {
  await slider.fill(String(tick - 25 * back))
  await page.locator('.step').first().waitFor()
  await show(250)
}
for (let step = 0; step < 10; step++) {
  await page.getByRole('button', { name: 'Step forward' }).click()
  await show(300)
}
await say('ask why')
await page.getByRole('button', { name: 'Live' }).click()
await page.getByRole('tab', { name: 'Entities' }).click()
await page.getByRole('searchbox').fill('Hunter')
await page.locator('.list button', { hasText: 'Hunter' }).first().click()
await show(1000)
await page.getByRole('button', { name: 'Why Velocity.x?' }).click()
await page.locator('.writers').first().waitFor()
await show(4500)
await close()
await writeFile(target, encodeGif(frames))
