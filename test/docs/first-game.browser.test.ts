import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type OpenPage, openPage } from '../fixtures/browser.ts'
import { createEmptyFolder, type EmptyFolder, stop } from '../fixtures/new-game.ts'
import type { Running } from '../fixtures/project.ts'
import { type Snippet, snippetsOf } from './packed-project.ts'

const steps = await snippetsOf('docs/first-game.md')

let empty: EmptyFolder
let browser: Browser
beforeAll(async () => {
  ;[empty, browser] = await Promise.all([createEmptyFolder(), launchBrowser()])
})
afterAll(() => Promise.all([browser.close(), empty.remove()]))

/** Does what a block of lines that are added, removed and kept says. */
function change({ file, code }: Snippet): Promise<void> {
  const lines = code.trimEnd().split('\n')
  const side = (other: string): string =>
    lines
      .filter((line) => !line.startsWith(other))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  return empty.edit(`night/${file}`, side('+'), side('-'))
}

/** Waits until each line was printed, in this order, but for spaces. */
async function printed(running: Running, { code }: Snippet): Promise<void> {
  for (const line of code.trim().split('\n')) {
    const words = line.trim().split(/\s+/)
    await running.printed(new RegExp(words.map((word) => word.replace(/\W/g, '\\$&')).join('\\s+')))
  }
}

/** The blocks of a language, in the order of the page. */
const blocks = (language: string): Snippet[] => steps.filter((step) => step.language === language)

it('each step of docs/first-game.md does what it says, in a game that the package made', async () => {
  const [reach, reachBack, flee, callFlee, mistake, correction, state, test] = blocks('diff') as [Snippet, ...Snippet[]] & { 7: Snippet }
  const [reloaded, message, warning, passed] = blocks('text') as [Snippet, Snippet, Snippet, Snippet]
  const [[make, , install, run], [runTests], [build]] = blocks('sh').map(({ code }) => code.trim().split('\n')) as [
    string[],
    string[],
    string[],
  ]
  await empty.type(make as string)
  await empty.type(install as string, 'night')
  const dev = empty.start(`${run} -- --port 0`, 'night')
  let open: OpenPage | undefined
  try {
    open = await openPage(browser, await dev.printed(/http:\/\/localhost:\d+\//))
    const { page } = open
    const score = async (): Promise<number> => Number(await page.textContent('output'))
    const overlay = (): Promise<string | undefined> =>
      page.evaluate(() => document.querySelector('vite-error-overlay')?.shadowRoot?.querySelector('.window')?.textContent ?? undefined)
    const scoreGrows = async (): Promise<void> => {
      const before = await score()
      await expect.poll(score).toBeGreaterThan(before)
    }
    await scoreGrows()
    for (const step of [reach, reachBack, flee, callFlee] as Snippet[]) {
      const before = await score()
      await change(step)
      await printed(dev, reloaded)
      expect(await score()).toBeGreaterThanOrEqual(before)
    }
    await scoreGrows()

    await change(mistake as Snippet)
    await printed(dev, message)
    await expect.poll(overlay).toMatch(/Cannot find name 'twelve'[\s\S]*scripts\/fireflies\.ts:69:50/)
    await scoreGrows()
    await change(correction as Snippet)
    await expect.poll(overlay).toBeUndefined()

    const last = await score()
    await change(state as Snippet)
    await printed(dev, warning)
    await expect.poll(score).toBeLessThan(last)
    expect(open.loads()).toBe(1)
  } finally {
    await open?.close()
    await stop(dev)
  }
  await change(test)
  const words = passed.code.trim().split(/\s+/).join('\\s+').replace(/[()]/g, '\\$&')
  expect(await empty.type(runTests as string, 'night')).toMatch(new RegExp(words))
  expect(await empty.type(build as string, 'night')).toMatch(/dist\/assets\/fireflies-.*\.wasm/)
})
