import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeComplaints } from '../fixtures/axe.ts'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)
/** The soak alone runs this file: `npm run test:soak` installs what builds the site. */
const SITE = join(REPOSITORY, 'build/site')

let server: PreviewServer
let browser: Browser
let address: string
beforeAll(async () => {
  // It fails for a link to a page or a heading that the site does not have.
  // A larger young generation: without it, a sixth of the time is collecting garbage.
  const env = { ...process.env, NODE_OPTIONS: '--max-semi-space-size=64' }
  await run('npm', ['run', '--silent', 'build', '--', '--no-minify'], { cwd: SITE, env })
  server = await preview({
    configFile: false,
    root: SITE,
    logLevel: 'silent',
    appType: 'mpa',
    preview: { port: 0, host: '127.0.0.1' },
  })
  address = server.resolvedUrls?.local[0] as string
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

describe('the site of the docs', () => {
  it('has the reference of the API, with what functions throw, defaults and examples', async () => {
    const page = async (name: string): Promise<string> => readFile(join(SITE, 'dist/api/bitscript', name), 'utf8')
    expect(await page('classes/WasmScriptRuntime.html')).toMatch(/Throws[\s\S]*ScriptNotFound[\s\S]*Example/)
    expect(await page('interfaces/LoadOptions.html')).toMatch(/probation[\s\S]*Default/)
    expect(await page('node/functions/watchScripts.html')).toContain('Example')
  })

  it('finds a word in its pages', async () => {
    const { page, complaints, close } = await openPage(browser, address)
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.getByRole('searchbox').fill('StackOverflow')
    await page.locator('.results a').first().waitFor()
    expect(await page.locator('.results a').first().getAttribute('href')).toContain('errors.html#stackoverflow')
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['index.html', 'light'],
    ['errors.html', 'dark'],
    ['api/bitscript/classes/WasmScriptRuntime.html', 'dark'],
  ] as const)('%s has nothing that axe complains of, %s', async (file, colorScheme) => {
    const { page, complaints, close } = await openPage(browser, `${address}${file}`, { colorScheme })
    expect(await axeComplaints(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })
})
