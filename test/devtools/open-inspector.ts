import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Inspector, InspectorOptions } from '../../src/devtools/index.ts'
import { launchBrowser, type OpenPage, Tab } from '../fixtures/browser.ts'
import { serveBuild } from '../fixtures/web-project.ts'
import type { TestPage } from './page/main.ts'

/** In the page. */
declare const game: TestPage
declare let inspector: Inspector

export const TABS = ['Scripts', 'Mods', 'Logs', 'Faults', 'Reloads', 'Entities', 'Debug', 'Time'] as const
const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What an inspector in the page of a game is mounted with. */
export interface MountOptions {
  readonly open?: boolean
  readonly history?: boolean
  readonly controls?: boolean
  /** Load mods, and show them. */
  readonly mods?: boolean
  /** Let the page tell what was asked to be opened, picked, marked and covered. */
  readonly hooks?: boolean
}

/** A server of the page of a game, and a browser. */
export interface InspectedGame {
  readonly browser: Browser
  /** Opens the page. */
  open(context?: BrowserContextOptions): Promise<OpenPage>
  close(): Promise<void>
}

export async function serveInspectedGame(): Promise<InspectedGame> {
  const served = await serveBuild({
    root: path('page'),
    resolve: { alias: { bitscript: path('../../src/index.ts'), '#read-file': path('../../src/runtime/load/no-files.ts') } },
  })
  const browser = await launchBrowser()
  const viewport = { width: 1000, height: 700 }
  const tab = new Tab(browser, { viewport })
  return {
    browser,
    async open(context) {
      const opened = await tab.open(served.url, context)
      await opened.page.waitForFunction(() => 'game' in globalThis)
      return opened
    },
    async close() {
      await browser.close()
      await served.close()
    },
  }
}

/** Mounts an inspector, in the place of the one before. */
export function mount(page: Page, options: MountOptions = {}): Promise<void> {
  return page.evaluate(async ({ open = true, history = false, controls = true, mods = false, hooks = false }) => {
    const { bitscript, devtools, runtime } = game
    if ('inspector' in globalThis) inspector.dispose()
    const given: InspectorOptions = {
      open,
      ...(history && { history: new bitscript.History(runtime) }),
      ...(controls && { controls: game.controls }),
      ...(mods && { mods: await game.loadMods() }),
      ...(hooks && game.hooks),
    }
    Object.assign(globalThis, { inspector: devtools.mountInspector(runtime, given) })
  }, options)
}

export const tab = (page: Page, name: (typeof TABS)[number]): Promise<void> => page.getByRole('tab', { name }).click()
/** Waits until the visible panel contains a text. */
export const shows = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('.panels').getByText(text).filter({ visible: true }).first().waitFor()
