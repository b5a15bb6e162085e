import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareComponent } from '../../src/guest/component/prepare/prepare.ts'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { componentOf } from '../fixtures/component.ts'
import { REPOSITORY } from '../fixtures/project.ts'
import { createWebProject, serveBuild, type WebProject } from '../fixtures/web-project.ts'
import { describeGuest } from './conformance.ts'
import { testedGuests } from './tested-guests.ts'

const MAIN = `import { conform, framesOfTrap } from '${REPOSITORY}test/guest/conformance-page.ts'
  window.conform = conform
  window.framesOfTrap = framesOfTrap`

let browser: Browser
let project: WebProject
let results: Record<string, string>
let frames: readonly string[]
let complaints: readonly string[]
beforeAll(async () => {
  browser = await launchBrowser()
  project = await createWebProject({ 'main.ts': MAIN })
  const server = await serveBuild({
    ...project.config,
    // The plugin would leave the assembler out.
    plugins: [],
    resolve: { alias: { bitscript: join(REPOSITORY, 'dist/index.js') } },
    define: { 'process.env.LINK': JSON.stringify(process.env.LINK ?? 'inline') },
  })
  const opened = await openPage(browser, server.url)
  await opened.page.exposeFunction('prepareComponent', async (wat: string, wit: string) =>
    Buffer.from(await prepareComponent(await componentOf(wat, wit))).toString('base64'),
  )
  results = await opened.page.evaluate(() => (window as unknown as { conform: () => Promise<Record<string, string>> }).conform())
  frames = await opened.page.evaluate(
    (module) => (window as unknown as { framesOfTrap: (module: string) => Promise<readonly string[]> }).framesOfTrap(module),
    await readFile(new URL('../fixtures/wasm/compiled/traps-c.wasm', import.meta.url), 'base64'),
  )
  complaints = opened.complaints
  await server.close()
})
afterAll(async () => {
  await browser.close()
  await project.remove()
})

describe('in a page', () => {
  let title = ''
  const runner = {
    describe: (name: string, body: () => void) =>
      describe(name, () => {
        title = name
        body()
      }),
    it(name: string) {
      const key = `${title} > ${name}`
      it(name, () => expect(results[key]).toBe(''))
    },
    expect,
  }
  for (const guest of testedGuests(componentOf)) describeGuest(guest, runner)

  it('a trap has the lines of its source in C', () => {
    expect(frames).toEqual(['share /game/traps.c:8:17', 'update /game/traps.c:18:12'])
  })

  it('nothing is logged as an error or a warning', () => {
    expect(complaints).toEqual([])
  })
})
