import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import type { ViteDevServer } from 'vite'
import { type HotClient, listen } from './hot-payloads.ts'

/** The path at which `bitscript dap` asks for a page. */
export const DEBUG_PATH = '/@bitscript/debug'
/** A header that a page of another site cannot send without being asked for permission first. */
const DEBUG_HEADER = 'x-bitscript-debug'
/** The event by which pages get what a debugger says. `src/debug/session/page-messages.ts` has the same name. */
const DEBUG_EVENT = 'bitscript:debug'
/** Milliseconds for a page to answer. */
const ANSWER_WITHIN = 3000

/** The form of a message of `src/debug/session/page-messages.ts`. */
const debugMessage = v.looseObject({ id: v.string(), kind: v.string() })

/** A debugger, and the page that answered it first. */
interface Link {
  readonly response: ServerResponse
  page: HotClient | undefined
}

/**
 * Passes on what a debugger and a page say to each other: a debugger sends lines of JSON in the body of a request, and gets those of the page in the body of
 * the response; pages have the connection of the development server.
 */
export function relayDebuggers(server: ViteDevServer): void {
  const links = new Map<string, Link>()
  const { hot } = server.environments.client
  listen(hot, DEBUG_EVENT, debugMessage, (message, client) => {
    const link = links.get(message.id)
    if (link === undefined) return
    if (message.kind === 'opened' && link.page === undefined) link.page = client
    if (message.kind === 'close' && link.page === client) link.response.end()
    else if (link.page === undefined || link.page === client) write(link.response, message)
    // Another tab has the game, too.
    else if (message.kind === 'opened') client.send(DEBUG_EVENT, { id: message.id, kind: 'close' })
  })
  hot.on('vite:client:disconnect', (_: unknown, client: HotClient) => {
    for (const link of links.values()) if (link.page === client) link.response.end()
  })
  server.middlewares.use(DEBUG_PATH, (request: IncomingMessage, response: ServerResponse) => {
    // A debugger is no page: what has an origin is one.
    if (request.method !== 'POST' || request.headers[DEBUG_HEADER] === undefined || request.headers.origin !== undefined) {
      response.writeHead(403).end('this address is for bitscript dap')
      return
    }
    const id = randomUUID()
    const link: Link = { response, page: undefined }
    links.set(id, link)
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
    response.flushHeaders()
    const late = setTimeout(() => {
      if (link.page !== undefined) return
      write(response, { id, kind: 'refused', name: NO_PAGE })
      response.end()
    }, ANSWER_WITHIN)
    createInterface({ input: request })
      .on('line', (line) => {
        const to = link.page ?? hot
        const message = parse(line)
        if (message !== undefined) to.send(DEBUG_EVENT, { ...message, id, root: server.config.root })
      })
      // A debugger that was killed; the response closes, too.
      .on('error', () => undefined)
    response.on('close', () => {
      clearTimeout(late)
      links.delete(id)
      link.page?.send(DEBUG_EVENT, { id, kind: 'close' })
    })
  })
}

const NO_PAGE =
  "no page allows a debugger: open the game in a browser, and let it call allowDebugger(runtime, import.meta.hot) of 'bitscript/debug'"

/** Sends a message to a debugger. A page may say something more after the response has ended, which would end the server. */
function write(response: ServerResponse, message: object): void {
  if (!response.writableEnded) response.write(`${JSON.stringify(message)}\n`)
}

function parse(line: string): object | undefined {
  try {
    const message: unknown = JSON.parse(line)
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}
