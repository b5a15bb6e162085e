import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Connection } from '../../demo/rooms/connection.ts'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const PORT = 25_670
/** A network over which a page must predict. */
const NETWORK = { latency: '100', loss: '5' }

/** A server of the demo. */
interface Demo {
  readonly url: string
  /** What it printed so far. */
  readonly said: () => string
  readonly stop: () => Promise<void>
}

let scripts: string
let browser: Browser
let demo: Demo

beforeAll(async () => {
  scripts = await mkdtemp(join(tmpdir(), 'bitscript-arena-'))
  await cp(join(REPOSITORY, 'demo/rooms/scripts'), scripts, { recursive: true })
  ;[browser, demo] = await Promise.all([launchBrowser(), startDemo()])
})
afterAll(async () => {
  await Promise.all([browser.close(), demo.stop()])
  await rm(scripts, { recursive: true })
})

it('two pages play in one arena over a bad network, while a script of it is edited', async () => {
  const [one, other] = await Promise.all([enter(), enter()])
  await fetch(new URL('/network', demo.url), { method: 'POST', body: new URLSearchParams(NETWORK) })
  await one.keyboard.down('ArrowRight')
  const id = await one.evaluate(() => globalThis.connection?.own ?? 0)
  for (const page of [one, other]) await expect.poll(() => read(page, 'Position.x', id)).toBeGreaterThan(1500)

  const file = join(scripts, 'ship.wat')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('$thrust f32 (f32.const 900)', '$thrust f32 (f32.const -900)'))
  for (const page of [one, other]) await expect.poll(() => generation(page)).toBe(2)
  for (const page of [one, other]) await expect.poll(() => read(page, 'Position.x', id)).toBeLessThan(100)

  // It traps: no room keeps it.
  await writeFile(file, text.replace('(local $x f32)', '(local $x f32) unreachable'))
  await expect.poll(demo.said).toMatch(/ship: vetoed/)
  expect(await one.evaluate(() => globalThis.connection?.state)).toBe('joined')
})

/** Starts the demo. Resolves when its page is served. */
async function startDemo(): Promise<Demo> {
  const command = ['--tsconfig', 'test/bench/tsconfig.json', 'demo/rooms/serve.ts', '--port', `${PORT}`, '--scripts', scripts]
  const server: ChildProcess = spawn(join(REPOSITORY, 'node_modules/.bin/tsx'), command, {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const url = await new Promise<string>((resolve) => {
    server.stdout?.on('data', (text) => {
      said += String(text)
      const [found] = /http:\/\/localhost:\d+\//.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return {
    url,
    said: () => said,
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    },
  }
}

async function enter(): Promise<Page> {
  const { page } = await openPage(browser, demo.url, { viewport: { width: 400, height: 300 }, isDrawnSeldom: true })
  await page.waitForFunction(() => globalThis.connection !== undefined)
  return page
}

/** Returns the number of the code of ships that a page runs. */
function generation(page: Page): Promise<number | undefined> {
  return page.evaluate(() => globalThis.connection?.runtime.find('ship')?.generation)
}

/** Returns the value of a field of a ship in a page. */
function read(page: Page, field: string, id: number): Promise<number> {
  return page.evaluate(
    ([name, given]) => {
      const connection = globalThis.connection as Connection
      if (connection.state === 'left') throw new Error(`the page left: ${document.getElementById('news')?.textContent}`)
      return connection.value(given, name) ?? Number.NaN
    },
    [field, id] as const,
  )
}
