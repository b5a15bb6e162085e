import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import type { Connection } from '../../../demo/rooms/connection.ts'
import { findBrowser } from '../../fixtures/find-browser.ts'
import { REPOSITORY } from '../../fixtures/project.ts'
import type { SuiteContext } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'

const PORT = 25_870
const NETWORK = { latency: 100, loss: 5 }
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']
/** Runs in a page, and counts its pictures. As text: a compiler puts names into functions, which a page does not know. */
const COUNT_PICTURES = `globalThis.pictures = 0; requestAnimationFrame(function next() { pictures++; requestAnimationFrame(next) })`
/** A new direction so often, in milliseconds: as often as a player who does not sit still. */
const TURN = 400

/** What a page counted. */
export interface PageReport {
  readonly frames: number
  readonly corrected: number
  readonly missed: number
  readonly lead: number
  /** Pictures a second. */
  readonly pictures: number
}

/** Plays the arena in two pages of Chromium over a bad network. */
export async function measurePages({ scale, progress }: SuiteContext): Promise<readonly PageReport[]> {
  const executablePath = await findBrowser()
  if (executablePath === undefined) throw new Error('this suite needs Chromium or Chrome, and found none')
  const command = ['--tsconfig', 'test/bench/tsconfig.json', 'demo/rooms/serve.ts', '--port', `${PORT}`]
  const server = spawn(join(REPOSITORY, 'node_modules/.bin/tsx'), command, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit')
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: false,
    args: ['--disable-quic', '--disable-background-networking', '--disable-gpu'],
  })
  try {
    progress('two pages play')
    const url = await urlOf(server.stdout)
    await fetch(new URL('/network', url), {
      method: 'POST',
      body: new URLSearchParams({ latency: `${NETWORK.latency}`, loss: `${NETWORK.loss}` }),
    })
    const pages: Page[] = []
    for (let count = 0; count < 2; count++) {
      // Small, since there is no graphics card.
      const page = await (await browser.newContext({ viewport: { width: 320, height: 200 } })).newPage()
      await page.addInitScript(COUNT_PICTURES)
      await page.goto(url)
      await page.waitForFunction(() => globalThis.connection !== undefined, undefined, { timeout: 300_000 })
      pages.push(page)
    }
    const seconds = scale.quick ? 10 : 60
    // The lead settles first.
    await play(pages, 5)
    const before = await Promise.all(pages.map(count))
    await play(pages, seconds)
    const after = await Promise.all(pages.map(count))
    return after.map(({ frames, corrected, missed, lead, pictures }, index) => ({
      frames: frames - (before[index]?.frames ?? 0),
      corrected: corrected - (before[index]?.corrected ?? 0),
      missed: missed - (before[index]?.missed ?? 0),
      lead,
      pictures: (pictures - (before[index]?.pictures ?? 0)) / seconds,
    }))
  } finally {
    await browser.close()
    server.kill()
    await ended
  }
}

async function play(pages: readonly Page[], seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    for (const page of pages) {
      for (const key of KEYS) await page.keyboard.up(key)
      await page.keyboard.down(KEYS[Math.floor(Math.random() * KEYS.length)] as string)
    }
    await wait(TURN)
  }
}

/** Returns what a page counted so far. */
function count(page: Page): Promise<PageReport> {
  return page.evaluate(() => {
    const { frames, corrected, missed, lead } = (globalThis.connection as Connection).stats
    return { frames, corrected, missed, lead, pictures: (globalThis as { pictures?: number }).pictures ?? 0 }
  })
}

function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    output.on('data', (text) => {
      said += String(text)
      const [found] = /http:\/\/localhost:\d+\//.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
    output.on('end', () => reject(new Error(`the demo did not start: ${said}`)))
  })
}

export function tableOfPages(pages: readonly PageReport[]): Table {
  return {
    title: `rooms-pages: two pages of Chromium in the arena, ${NETWORK.latency} ms there and back, ${NETWORK.loss} % of packets lost`,
    columns: ['page', 'frames', 'corrected', 'share', 'inputs too late', 'ticks ahead', 'pictures a second'],
    rows: pages.map(({ frames, corrected, missed, lead, pictures }, index) => [
      `${index + 1}`,
      `${frames}`,
      `${corrected}`,
      `${formatNumber((100 * corrected) / frames)} %`,
      `${missed}`,
      `${lead}`,
      formatNumber(pictures),
    ]),
  }
}
