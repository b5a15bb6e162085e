import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describeModule, ScriptError } from 'bitscript'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type FileCompiler, fileCompiler, setFileCompiler } from '../../../src/runtime/load/file-compiler.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

const MIB = 2 ** 20
const SEVEN = '(module (func (export "seven") (result i32) (i32.const 7)))'

const servers: Server[] = []
const folders: string[] = []

async function serve(answer: RequestListener): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`)
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'bitscript-read-'))
  folders.push(made)
  return made
}

afterEach(async () => {
  vi.useRealTimers()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  for (const made of folders.splice(0)) await rm(made, { recursive: true })
})

/** A body that gives pieces for ever, and how many were asked for. */
function endless(piece: Uint8Array): { readonly response: Response; pulls: number; isCancelled: boolean } {
  const body = { pulls: 0, isCancelled: false, response: new Response() }
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      body.pulls++
      controller.enqueue(piece)
    },
    cancel() {
      body.isCancelled = true
    },
  })
  body.response = new Response(stream)
  return body
}

describe('a source with more bytes than limits.moduleBytes', () => {
  it('is not read further: a body that never ends', async () => {
    const { runtime } = await createGame({ limits: { moduleBytes: 10_000 } })
    const body = endless(new Uint8Array(1000))
    const error = await errorOf(runtime.loadModule(body.response, { name: 'endless' }))
    expect([error.code, error.detail]).toEqual(['TooLarge', 'the response has more than 10000 bytes, the limit (limits.moduleBytes)'])
    expect(body.pulls).toBeLessThanOrEqual(12)
    expect(body.isCancelled).toBe(true)
  })

  it('is not read further: a server that sends for ever', async () => {
    let sent = 0
    let isClosed = false
    const url = await serve((_, response) => {
      const piece = Buffer.alloc(MIB, ' ')
      const send = (): void => {
        while (!response.destroyed && sent < 600) {
          sent++
          if (!response.write(piece)) return void response.once('drain', send)
        }
        response.end()
      }
      response.on('close', () => {
        isClosed = true
      })
      send()
    })
    expect(await codeOf(describeModule(url))).toBe('TooLarge')
    await vi.waitUntil(() => isClosed)
    expect(sent).toBeLessThan(100)
  })

  it('is counted decompressed', async () => {
    const content = gzipSync(Buffer.alloc(40 * MIB))
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(content)
    })
    expect(content.length).toBeLessThan(100_000)
    expect(await codeOf(describeModule(url))).toBe('TooLarge')
  })

  it('is refused by the length that it announces, without its body', async () => {
    const body = endless(new Uint8Array(1000))
    const announced = new Response(body.response.body, { headers: { 'content-length': '4194305' } })
    const error = await errorOf(describeModule(announced))
    expect([error.code, error.detail]).toEqual(['TooLarge', 'the response has 4194305 bytes, the limit is 4194304 (limits.moduleBytes)'])
    expect([body.pulls <= 1, body.isCancelled]).toEqual([true, true])
  })

  it('may be a file', async () => {
    const path = join(await folder(), 'large.wasm')
    const file = await open(path, 'w')
    await file.truncate(8 * 2 ** 30)
    await file.close()
    expect(await codeOf(describeModule(pathToFileURL(path)))).toBe('TooLarge')
  })

  it.each([
    ['a text', 'x'.repeat(4 * MIB + 1)],
    ['a text of fewer characters', 'ü'.repeat(3 * MIB)],
    ['bytes', new Uint8Array(4 * MIB + 1)],
    ['a buffer', new ArrayBuffer(4 * MIB + 1)],
    ['the content of a file', { url: new URL('file:///a.wat'), content: new Uint8Array(4 * MIB + 1) }],
    ['an asset', { name: 'a', url: 'http://a/', bytes: new Uint8Array(4 * MIB + 1) }],
  ])('may be %s', async (_, source) => {
    expect(await codeOf(describeModule(source))).toBe('TooLarge')
  })
})

describe('a source', () => {
  it('may arrive in any pieces', async () => {
    const bytes = new TextEncoder().encode(SEVEN + ' '.repeat(200_000))
    for (const size of [1, 999, 65_536, 300_000]) {
      let at = 0
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(bytes.subarray(at, at + size))
          at += size
          if (at >= bytes.length) controller.close()
        },
      })
      expect((await describeModule(new Response(stream))).functions).toBe(1)
    }
  })

  it.each(['a body that was read', 'a body that breaks off', 'a body of text pieces'])('may be unreadable: %s', async (kind) => {
    const used = new Response(SEVEN)
    await used.text()
    const responses: Readonly<Record<string, Response>> = {
      'a body that was read': used,
      'a body that breaks off': new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })),
      'a body of text pieces': new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue('(module)')
            controller.close()
          },
        }),
      ),
    }
    const error = await errorOf(describeModule(responses[kind] as Response))
    expect(error).toBeInstanceOf(ScriptError)
    expect(error.code).toBe('LoadFailed')
  })

  it.skipIf(process.platform === 'win32')('may not be a device, a pipe or a folder, which have no end', async () => {
    const parent = await folder()
    const pipe = join(parent, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const [path, why] of [
      ['/dev/zero', 'is not an ordinary file'],
      [pipe, 'is not an ordinary file'],
      [parent, 'is a folder'],
    ] as const) {
      const error = await errorOf(describeModule(pathToFileURL(path)))
      expect([error.code, error.detail]).toEqual(['LoadFailed', `${pathToFileURL(path).href} ${why}`])
    }
  })
})

describe('limits.loadMs', () => {
  it('ends a body that stalls', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { runtime } = await createGame({ limits: { loadMs: 5000 } })
    const body = { isCancelled: false }
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel() {
        body.isCancelled = true
      },
    })
    const failure = errorOf(runtime.loadModule(new Response(stream), { name: 'slow' }))
    let isOver = false
    void failure.then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(4999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    const { code, detail } = await failure
    expect([code, detail]).toEqual(['LoadFailed', 'the response was not read within 5000 milliseconds (limits.loadMs)'])
    expect(body.isCancelled).toBe(true)
    expect(runtime.find('slow')).toBeUndefined()
    await runtime.loadModule(new Response(SEVEN))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends a request that is not answered', async () => {
    const url = await serve(() => undefined)
    const { runtime } = await createGame({ limits: { loadMs: 50 } })
    const { code, detail } = await errorOf(runtime.loadModule(url))
    expect([code, detail]).toEqual(['LoadFailed', `${url.href} was not read within 50 milliseconds (limits.loadMs)`])
  })

  it('does not bound a compiler, which has a limit of its own', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const before = fileCompiler()
    onTestFinished(() => setFileCompiler(before as FileCompiler))
    setFileCompiler({
      handles: (file) => file.endsWith('/slow.c'),
      compileUrl: () => new Promise((resolve) => setTimeout(() => resolve(new TextEncoder().encode(SEVEN)), 60_000)),
    })
    const { runtime } = await createGame({ limits: { loadMs: 5000 } })
    const loaded = runtime.loadModule(new URL('file:///game/slow.c'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(runtime.call(await loaded, 'seven')).toBe(7)
  })
})
