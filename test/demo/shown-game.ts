import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { findBrowser } from '../fixtures/find-browser.ts'

const DEMO = fileURLToPath(new URL('../../demo', import.meta.url))

/** A build of the game on a server, and a browser that can draw it. */
export interface ShownGame {
  readonly url: string
  readonly browser: Browser
  close(): Promise<void>
}

/** Builds the game and serves it, for programs that take pictures of it. */
export async function showGame(): Promise<ShownGame> {
  const executablePath = await findBrowser()
  if (executablePath === undefined) throw new Error('pictures need Chromium or Chrome, and none was found')
  const config = { root: DEMO, configFile: join(DEMO, 'vite.config.ts'), logLevel: 'error', clearScreen: false } as const
  await build(config)
  const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
  const browser = await chromium.launch({
    executablePath,
    chromiumSandbox: false,
    args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  })
  return {
    url: server.resolvedUrls?.local[0] as string,
    browser,
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
