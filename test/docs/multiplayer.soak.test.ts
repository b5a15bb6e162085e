import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from '@colyseus/sdk'
import { connectScripts } from 'bitscript/colyseus/client'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { VERSION_REFUSED } from '../../src/colyseus/sync/hello.ts'
import { launchBrowser, openPage } from '../fixtures/browser.ts'
import { createPackedProject, type PackedProject, snippetsOf } from './packed-project.ts'

const ROOMS = ['@colyseus/core', '@colyseus/schema', '@colyseus/ws-transport', '@colyseus/sdk']

let project: PackedProject
let server: ChildProcess
let url: string
let page: PreviewServer | undefined
beforeAll(async () => {
  project = await createPackedProject(['bitecs', ...ROOMS])
  const port = await freePort()
  url = `http://localhost:${port}`
  await project.write('package.json', '{ "type": "module" }')
  for (const { file, language, code } of await snippetsOf('docs/multiplayer.md'))
    if (file !== undefined && language === 'js') await project.write(file, code.replaceAll('localhost:2567', `localhost:${port}`))
  server = spawn(process.execPath, ['server.js'], {
    cwd: project.folder,
    env: { ...process.env, PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(server.stdout as NodeJS.ReadableStream, 'data')
  expect(String(line)).toContain('listening')
})
afterAll(async () => {
  await page?.close()
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
  await project.remove()
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

it('the server of the page runs, and refuses a client of another version', async () => {
  await expect(new Client(url).joinOrCreate('arena', { version: 'other' })).rejects.toMatchObject({
    code: VERSION_REFUSED,
    message: expect.stringContaining('other'),
  })
})

it('the client of the page plays in Chromium, and another one in Node sees it', async () => {
  await project.write('index.html', '<title>Arena</title><link rel="icon" href="data:,"><script type="module" src="client.js"></script>')
  await build({ root: project.folder, configFile: false, logLevel: 'error' })
  page = await preview({ root: project.folder, configFile: false, logLevel: 'error', preview: { port: 0 } })
  const browser = await launchBrowser()
  try {
    const opened = await openPage(browser, page.resolvedUrls?.local[0] as string)
    const positions: number[] = []
    opened.page.on('console', (message) => positions.push(Number(message.text().split(' ')[1])))
    // It draws, so it listens to keys.
    await expect.poll(() => positions.length).toBeGreaterThan(0)
    await opened.page.keyboard.down('ArrowRight')
    await expect.poll(() => Math.max(...positions)).toBeGreaterThan(5)

    const { game } = (await import(join(project.folder, 'game.js'))) as { readonly game: never }
    const other = await connectScripts(new Client(url), 'arena', { game, predict: ['player'] })
    other.send({ dx: -1 })
    await expect
      .poll(() => {
        other.update()
        return Math.min(...positions)
      })
      .toBeLessThan(0)
    const seen = [...other.ids].map((id) => Math.sign(other.value(id, 'Position.x') ?? 0))
    expect(seen.sort()).toEqual([-1, 1])
    other.dispose()
    expect(opened.complaints.filter((complaint) => !complaint.startsWith('elsewhere'))).toEqual([])
  } finally {
    await browser.close()
  }
})

it('a package that is not installed is named, with the command that installs it', async () => {
  const bare = await createPackedProject(['bitecs'])
  try {
    await bare.write('game.mjs', (await snippetsOf('docs/multiplayer.md')).find(({ file }) => file === 'game.js')?.code ?? '')
    await bare.write(
      'try.mjs',
      `import { connectScripts } from 'bitscript/colyseus/client'
      import { game } from './game.mjs'
      const tell = ({ code, message }) => console.log(code, message)
      await import('bitscript/colyseus').catch(tell)
      await connectScripts({}, 'arena', { game }).catch(tell)`,
    )
    expect((await bare.node('try.mjs')).trim().split('\n')).toEqual([
      expect.stringMatching(/^EngineUnavailable .*npm install @colyseus\/core@0\.18 @colyseus\/schema@5/),
      expect.stringMatching(/^EngineUnavailable .*npm install @colyseus\/sdk@0\.18/),
    ])
  } finally {
    await bare.remove()
  }
})
