import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { OpenPage, PageOptions } from '../../fixtures/browser.ts'

/** What the tests need of the file that calls them. */
export interface PlayedPage {
  /** Opens the page with a query, and waits until the game runs. */
  start(query?: string, options?: PageOptions): Promise<Page>
  opened(): OpenPage
}

const x = (page: Page): Promise<number> =>
  page.evaluate(() => window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number)
/** Runs ticks at once, without input, until all lives are lost. */
const lose = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { loop, session } = window.swarm
    loop.paused = true
    for (let tick = 0; tick < 20_000 && window.swarm.match.lives > 0; tick++) session.step({ x: 0, y: 0, fire: true })
    loop.paused = false
  })

/** Declares the tests of what a game is played with, of its scores and its links. */
export function itIsPlayed({ start, opened }: PlayedPage): void {
  it('is played with a gamepad alone, from the first card to a pause', async () => {
    const page = await start(undefined, { colorScheme: 'dark' })
    /** Sets the sticks and the buttons of the only gamepad. */
    const set = (axes: number[], held: number[]): Promise<void> =>
      page.evaluate(
        ([sticks, buttons]) => {
          const pad = { connected: true, mapping: 'standard', axes: sticks }
          const all = Array.from({ length: 17 }, (_, index) => ({ pressed: buttons.includes(index) }))
          navigator.getGamepads = () => [{ ...pad, buttons: all } as unknown as Gamepad]
        },
        [axes, held] as const,
      )
    await set([0, 0, 0, 0], [0])
    await page.waitForSelector('.card', { state: 'hidden' })
    const before = await x(page)
    await set([1, 0, 0, -1], [])
    await page.waitForFunction(
      (first) => (window.swarm.session.game.components.Position.x[window.swarm.session.game.player] as number) > first + 15,
      before,
    )
    const { aimX, aimY } = await page.evaluate(() => {
      const { components, player } = window.swarm.session.game
      return { aimX: components.Input.aimX[player], aimY: components.Input.aimY[player] }
    })
    expect([aimX, aimY]).toEqual([0, -127])
    await set([0, 0, 0, 0], [9])
    await page.waitForSelector('.card:has-text("The left stick moves")')
    expect(opened().complaints).toEqual([])
  })

  it('has a stick under a finger; a second finger dashes', async () => {
    const page = await start(undefined, { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true })
    expect(await page.textContent('#card-text')).toContain('Drag a finger')
    await page.tap('text=Play')
    const touch = await page.context().newCDPSession(page)
    const fingers = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number; id: number }[]) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints })
    // Until then, fingers are not for the game.
    await page.waitForSelector('.card', { state: 'hidden' })
    const first = { x: 120, y: 400, id: 1 }
    await fingers('touchStart', first)
    await fingers('touchMove', { ...first, x: 180 })
    await page.waitForSelector('.stick', { state: 'visible' })
    await fingers('touchStart', { ...first, x: 180 }, { x: 300, y: 500, id: 2 })
    await expect
      .poll(() => page.evaluate(() => window.swarm.session.game.components.Dash.rest[window.swarm.session.game.player] as number))
      .toBeGreaterThan(0)
    await fingers('touchEnd')
    await page.waitForSelector('.stick', { state: 'hidden' })
    expect(opened().complaints).toEqual([])
  })

  it('has no sound before a gesture, and keeps whether it is on', async () => {
    const page = await start()
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(request.url()))
    await page.evaluate(() => {
      const Original = AudioContext
      Object.assign(window, { contexts: 0 })
      window.AudioContext = class extends Original {
        constructor() {
          super()
          ;(window as unknown as { contexts: number }).contexts++
        }
      }
    })
    const contexts = (): Promise<number> => page.evaluate(() => (window as unknown as { contexts: number }).contexts)
    await page.click('text=Play')
    expect([await contexts(), loaded.filter((url) => url.includes('synthesizer'))]).toEqual([0, []])
    await page.click('#sound')
    await expect.poll(contexts).toBe(1)
    expect(loaded.some((url) => url.includes('synthesizer'))).toBe(true)
    // Whoever clicked plays on with the keys.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('game')
    await page.reload()
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
    expect(await page.getAttribute('#sound', 'aria-pressed')).toBe('true')
    expect(opened().complaints).toEqual([])
  })

  it('keeps the best scores, without those of the autopilot, and copies a link to the same game', async () => {
    const page = await start('?swarm=150')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click('text=Play')
    await page.waitForSelector('.card', { state: 'hidden' })
    await lose(page)
    // A screen reader says the result together with the button that gets the focus.
    await page.getByRole('dialog', { name: 'The swarm got you' }).waitFor()
    expect(await page.textContent('#card-text')).toContain('That is your best')
    await expect.poll(() => page.textContent('#speech')).toMatch(/^Score \d+, wave \d, \d (life|lives), health \d$/)
    await page.click('text=Copy its link')
    const link = await page.evaluate(() => navigator.clipboard.readText())
    const [best] = await page.evaluate(() => JSON.parse(localStorage.getItem('bitscript-swarm-scores') ?? '[]'))
    expect(best).toEqual({ score: expect.any(Number), wave: expect.any(Number), seed: Number(new URL(link).searchParams.get('seed')) })
    await page.click('text=The same game')
    await page.waitForSelector('.card', { state: 'hidden' })
    await page.evaluate(() => {
      const { loop, session } = window.swarm
      loop.paused = true
      for (let tick = 0; tick < 600; tick++) session.step({ x: 0, y: 0, fire: false })
    })
    const { score, earned, isIdle } = await page.evaluate(() => {
      const { match } = window.swarm
      return { score: match.score, earned: match.earned, isIdle: match.isIdle }
    })
    expect(isIdle).toBe(true)
    expect(earned).toBeLessThan(score)
    expect(opened().complaints).toEqual([])
  })
}
