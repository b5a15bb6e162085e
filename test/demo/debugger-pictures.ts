import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type DebuggerState, visitDebugger } from './debugger-states.ts'
import { showGame } from './shown-game.ts'

// Takes the pictures of docs/debugging.md.
const folder = resolve(process.argv[2] ?? 'docs/pictures')
/** So narrow that the editor is as wide as the page. */
const SIZE = { width: 760, height: 1240 }
/** What is seen in the picture of a state. */
const SEEN: Readonly<Record<DebuggerState, string>> = { heat: '.cm-editor', hit: '.cm-editor', steps: '#panel', why: '#panel' }

await mkdir(folder, { recursive: true })
const { url, browser, close } = await showGame()
const page = await browser.newPage({ viewport: SIZE, colorScheme: 'dark' })
page.setDefaultTimeout(300_000)
await page.goto(`${url}?seed=7&swarm=300`)
await page.waitForFunction(() => document.documentElement.dataset.ready === 'true')
await visitDebugger(page, async (state) => {
  if (SEEN[state] === '.cm-editor')
    await page.locator('.cm-activeLine').evaluate((line) => {
      line.scrollIntoView({ block: 'start' })
      // From two lines before the one with the breakpoint, and from their start.
      line.closest('.cm-scroller')?.scrollBy(-1000, -40)
    })
  await page.locator(SEEN[state]).screenshot({ path: join(folder, `debugging-${state}.png`) })
})
await close()
