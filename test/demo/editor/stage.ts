import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { SCRIPTS } from '../../../demo/sim/index.ts'
import { type OpenPage, Tab } from '../../fixtures/browser.ts'
import { serveBuild } from '../../fixtures/web-project.ts'
import { TEXTS } from './texts.ts'
import { WORDS } from './words.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** A server with the page of the editor. */
export interface Stage {
  /** Opens the page, dark and 480 px wide. */
  open(options?: BrowserContextOptions): Promise<OpenPage>
  close(): Promise<void>
}

export async function createStage(browser: Browser): Promise<Stage> {
  const { url, close } = await serveBuild({
    root: path('page/'),
    define: {
      WORDS: JSON.stringify(WORDS),
      TEXTS: JSON.stringify([...TEXTS].filter(([name]) => SCRIPTS.some((script) => script === name))),
    },
    resolve: { alias: { bitscript: path('../../../src/errors.ts') } },
  })
  const usual: BrowserContextOptions = { viewport: { width: 480, height: 800 }, colorScheme: 'dark' }
  const tab = new Tab(browser, usual)
  return {
    async open(options) {
      const opened = await tab.open(url, options)
      await opened.page.getByRole('region', { name: 'Live editor' }).waitFor()
      return opened
    },
    close,
  }
}
