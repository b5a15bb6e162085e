import { createServer, request as requestHttp, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ViteDevServer } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEBUG_PATH, relayDebuggers } from '../../src/vite/debug-relay.ts'

type Listener = (message: unknown, client: object) => void
type Handler = Parameters<typeof createServer>[1]

/** A page, and what a debugger asked it. */
interface Page {
  say(message: unknown): void
  readonly opened: Promise<string>
}

let server: Server
let page: Page
beforeEach(async () => {
  const listeners = new Map<string, Listener>()
  let handler: Handler
  let open: (id: string) => void
  const client = { send: () => undefined }
  page = {
    say: (message) => listeners.get('bitscript:debug')?.(message, client),
    opened: new Promise((resolve) => {
      open = resolve
    }),
  }
  const hot = {
    on: (event: string, listener: Listener) => void listeners.set(event, listener),
    send: (_: string, { id, kind }: { id: string; kind: string }) => kind === 'open' && open(id),
  }
  relayDebuggers({
    environments: { client: { hot } },
    middlewares: {
      use: (_: string, given: Handler) => {
        handler = given
      },
    },
    config: { root: '/game' },
  } as unknown as ViteDevServer)
  server = createServer((request, response) => handler?.(request, response as never)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterEach(() => server.close())

it('a message of a page that has not the form of one is ignored', () => {
  for (const message of [undefined, null, 3, 'opened', {}, { id: 3, kind: 'opened' }]) expect(() => page.say(message)).not.toThrow()
})

describe('a page whose game ends while a debugger asks', () => {
  it('may still answer: the debugger gets what came before, and the server goes on', async () => {
    const { port } = server.address() as AddressInfo
    const request = requestHttp({ port, path: DEBUG_PATH, method: 'POST', headers: { 'x-bitscript-debug': '1' } })
    request.write('{"kind":"open"}\n')
    const id = await page.opened
    page.say({ id, kind: 'opened' })
    page.say({ id, kind: 'close' })
    page.say({ id, kind: 'response', seq: 1 })
    const text = await new Promise<string>((resolve) =>
      request.once('response', (response) => {
        let got = ''
        response.setEncoding('utf8').on('data', (part) => {
          got += part
        })
        response.once('close', () => resolve(got))
      }),
    )
    request.end()
    expect(text).toBe(`${JSON.stringify({ id, kind: 'opened' })}\n`)
  })
})
