import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { createServer } from 'vite'
import { type OpenPage, openPage } from '../../fixtures/browser.ts'
import { TEXTS } from './texts.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The page with the editor, served. */
export interface Stage {
  /** Opens the page in a context of its own: a column of 480 px, dark. */
  open(options?: BrowserContextOptions): Promise<OpenPage>
  close(): Promise<void>
}

export async function createStage(browser: Browser): Promise<Stage> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'bitscript-editor-'))
  const server = await createServer({
    root: path('page/'),
    configFile: false,
    logLevel: 'error',
    clearScreen: false,
    // Two servers would fight over the project's.
    cacheDir,
    define: { TEXTS: JSON.stringify([...TEXTS]) },
    resolve: { alias: { bitscript: path('../../../src/errors.ts') } },
    server: { port: 0, host: '127.0.0.1', hmr: false, fs: { allow: [path('../../../')] } },
  })
  await server.listen()
  const url = server.resolvedUrls?.local[0] as string
  return {
    async open(options = {}) {
      const opened = await openPage(browser, url, { viewport: { width: 480, height: 800 }, colorScheme: 'dark', ...options })
      await opened.page.getByRole('region', { name: 'Live editor' }).waitFor()
      return opened
    },
    async close() {
      await server.close()
      await rm(cacheDir, { recursive: true, force: true })
    },
  }
}
