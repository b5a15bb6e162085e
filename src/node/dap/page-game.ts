import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { createInterface } from 'node:readline'
import type { Debuggee, SendEvent } from './debuggee.ts'

/** A message of `src/debug/session/page-messages.ts`. */
interface Message {
  readonly kind: string
  readonly name?: string
  readonly body?: object
  readonly seq?: number
  readonly error?: string
}

const DEBUG_PATH = '/@bitscript/debug'

/** Attaches to the game of a page, through the development server that serves it. */
export async function attachPage(url: string, send: SendEvent): Promise<Debuggee> {
  if (!URL.canParse(url)) throw new Error(`'${url}' is no address: give url, such as http://localhost:5173`)
  const { request, response } = await connect(new URL(DEBUG_PATH, url))
  const waiting = new Map<number, { resolve(body: object): void; reject(error: Error): void }>()
  let next = 1
  let isGone = false
  const say = (message: object): void => void request.write(`${JSON.stringify(message)}\n`)
  const opened = new Promise<void>((resolve, reject) => {
    const lost = new Error(`the page of ${url} is gone`)
    createInterface({ input: response })
      .on('line', (line) => {
        const message = JSON.parse(line) as Message
        const answered = message.seq === undefined ? undefined : waiting.get(message.seq)
        if (message.kind === 'opened') resolve()
        if (message.kind === 'refused') reject(new Error(message.name ?? 'the page refuses a debugger'))
        if (message.kind === 'event') send(message.name ?? '', message.body ?? {})
        if (message.kind !== 'response') return
        waiting.delete(message.seq ?? 0)
        if (message.error === undefined) answered?.resolve(message.body ?? {})
        else answered?.reject(new Error(message.error))
      })
      // A server that was stopped; the response closes, too.
      .on('error', () => undefined)
    response.on('close', () => {
      isGone = true
      reject(lost)
      for (const { reject: refuse } of waiting.values()) refuse(lost)
      waiting.clear()
      send('terminated', {})
    })
  })
  say({ kind: 'open' })
  await opened
  return {
    handle: (name, body) =>
      new Promise((resolve, reject) => {
        if (isGone) return reject(new Error(`the page of ${url} is gone`))
        const seq = next++
        waiting.set(seq, { resolve, reject })
        say({ kind: 'request', name, body, seq })
      }),
    close() {
      request.end()
      response.destroy()
    },
  }
}

function connect(url: URL): Promise<{ readonly request: ClientRequest; readonly response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => reject(new Error(`${url.origin} cannot be attached to: ${why}`, { cause }))
    const options = { method: 'POST', headers: { 'x-bitscript-debug': '1', 'content-type': 'application/x-ndjson' } }
    // A development server signs its own certificate.
    const request = url.protocol === 'https:' ? requestHttps(url, { ...options, rejectUnauthorized: false }) : requestHttp(url, options)
    request.on('error', (error) => fail(`${error.message || 'nothing answers'}; start the development server`, error))
    request.on('response', (response) => {
      if (response.statusCode === 200 && response.headers['content-type'] === 'application/x-ndjson') resolve({ request, response })
      else {
        request.destroy()
        fail('it is no development server of Vite with the plugin bitscript()')
      }
    })
    request.flushHeaders()
  })
}
