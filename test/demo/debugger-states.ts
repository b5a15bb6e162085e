import type { Page } from 'playwright-core'

/** Waits for a number of ticks. */
export async function ticks(page: Page, count: number): Promise<void> {
  const from = await page.evaluate(() => window.swarm.session.game.runtime.snapshot().tick)
  await page.waitForFunction((until) => window.swarm.session.game.runtime.snapshot().tick >= until, from + count)
}

/** What the debugger can show. */
export type DebuggerState = 'heat' | 'hit' | 'steps' | 'why'

/** Visits each state of the debugger: heat, a hit of a breakpoint with the values of lines, the timeline with its steps, and why a field is what it is. */
export async function visitDebugger(page: Page, visit: (state: DebuggerState) => Promise<void>): Promise<void> {
  const inspector = page.getByRole('button', { name: 'Inspector', exact: true })
  await inspector.click()
  await page.getByRole('tab', { name: 'Debug' }).click()
  await page.getByRole('button', { name: 'Keep the past' }).click()
  await ticks(page, 120)
  await inspector.click()
  await page.click('#edit')
  await page.waitForSelector('.cm-content')
  const narrow = page.locator('.live-select')
  if (await narrow.isVisible()) await narrow.selectOption('hunter')
  else await page.click('.live-list >> text=hunter')
  const heat = page.getByRole('button', { name: 'Heat' })
  await heat.click()
  await ticks(page, 60)
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('local.set $dx\n')
  await page.keyboard.press('Escape')
  await page.waitForSelector('.cm-heat')
  await visit('heat')
  await heat.click()
  await page.locator('.cm-content').focus()
  await page.keyboard.press('F9')
  await page.waitForSelector('.cm-values')
  await visit('hit')
  await page.keyboard.press('F9')
  await page.click('#edit')
  await inspector.click()
  const tick = page.getByRole('slider', { name: 'Tick', exact: true })
  const shown = (await tick.getAttribute('aria-valuetext')) ?? ''
  await tick.press('PageDown')
  await page.waitForFunction(([slider, before]) => slider?.getAttribute('aria-valuetext') !== before, [
    await tick.elementHandle(),
    shown,
  ] as const)
  await page.getByRole('combobox', { name: 'Steps of script' }).selectOption('hunter')
  await page.locator('.step.write').first().click()
  await page.locator('.step.write[aria-selected=true]').waitFor()
  await visit('steps')
  await page.getByRole('button', { name: 'Live' }).click()
  await ticks(page, 30)
  // The hunter must live until its field is asked for.
  await page.evaluate(() => {
    window.swarm.loop.paused = true
  })
  await page.getByRole('tab', { name: 'Entities' }).click()
  await page.getByRole('searchbox').fill('Hunter')
  await page.locator('.list button', { hasText: 'Hunter' }).first().click()
  await page.getByRole('button', { name: 'Why Velocity.x?' }).click()
  // What was read before the last write, and who wrote that.
  await page
    .locator('.reads')
    .first()
    .getByRole('button', { name: /^Position\.x of/ })
    .first()
    .click()
  await page.locator('.reads .writers').first().waitFor()
  await page.getByRole('heading', { name: 'Why Velocity.x' }).evaluate((heading) => heading.scrollIntoView())
  await visit('why')
}
