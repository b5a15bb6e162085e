import { addEntity } from 'bitecs'
import { type FetchFunction, type HttpOptions, Recorder, Replay, Snapshot, type WasmScriptRuntime } from 'bitscript'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_REQUESTS } from '../../../src/host/services/service-limits.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Makes the request whose JSON `ask` is passed, and logs each answer as "id status body". Ids and statuses have up to three digits. */
const ASKS = `(module
  (import "http" "request" (func $request (param i32 i32) (result i32))) (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "ask") (param i32 i32) (result i32) (call $request (local.get 0) (local.get 1)))
  (func $digits (param $at i32) (param $n i32)
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.div_u (local.get $n) (i32.const 100))))
    (i32.store8 offset=1 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $n) (i32.const 10)) (i32.const 10))))
    (i32.store8 offset=2 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (i32.store8 offset=3 (local.get $at) (i32.const 32)))
  (func (export "on_response") (param $id i32) (param $status i32) (param $body i32) (param $length i32)
    (call $digits (i32.const 100) (local.get $id)) (call $digits (i32.const 104) (local.get $status))
    (memory.copy (i32.const 108) (local.get $body) (local.get $length))
    (call $log (i32.const 100) (i32.add (i32.const 8) (local.get $length)))))`
const GRANT = { hosts: ['api.example.com', '*.games.example'], host: ['http', 'host'], emit: ['got'] }
const URL = 'https://api.example.com/news'

const answering =
  (body: string, status = 200): FetchFunction =>
  async () =>
    new Response(body, { status })
const never: FetchFunction = () => new Promise(() => undefined)

async function createAsking(http: boolean | HttpOptions, code = ASKS) {
  const game = await createGame({ http, probation: 0 })
  const id = await game.runtime.loadModule(code, { name: 'asks', grant: GRANT })
  const ask = (request: unknown) => game.runtime.callJson(id, 'ask', request) as number
  const said = () => game.logs.splice(0).map(({ message }) => message)
  return { ...game, id, ask, said }
}

async function settleAndTick(runtime: WasmScriptRuntime): Promise<void> {
  await runtime.settle()
  runtime.tick(1)
}

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('http.request', () => {
  it('is answered in a later tick, by on_response', async () => {
    const { runtime, ask, said } = await createAsking({ fetch: answering('hello', 201) })
    expect(ask({ url: URL })).toBe(1)
    runtime.tick(1)
    expect(said()).toEqual([])
    await settleAndTick(runtime)
    expect(said()).toEqual(['001 201 hello'])
    runtime.tick(1)
    expect(said()).toEqual([])
  })

  it('passes method, headers and body, and no cookies, and follows no redirect', async () => {
    const seen: unknown[] = []
    const { runtime, ask, said } = await createAsking({
      fetch: async (url, options) => {
        seen.push(url, { ...options, signal: undefined })
        return new Response(null, { status: 302, headers: { location: 'https://other.example' } })
      },
    })
    ask({ url: URL, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hi' })
    await settleAndTick(runtime)
    expect(seen).toEqual([
      URL,
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hi', redirect: 'manual', credentials: 'omit', signal: undefined },
    ])
    expect(said()).toEqual(['001 302 '])
  })

  it("uses the engine's fetch, whichever it is by then", async () => {
    const { runtime, ask, said } = await createAsking(true)
    vi.stubGlobal('fetch', answering('global'))
    ask({ url: URL })
    await settleAndTick(runtime)
    expect(said()).toEqual(['001 200 global'])
  })

  it('is denied unless the game has switched it on, and grants it', async () => {
    for (const http of [undefined, false]) {
      const { runtime } = await createGame({ ...(http !== undefined && { http }) })
      const { code, message } = await errorOf(runtime.loadModule(ASKS))
      expect([code, message]).toEqual(['GrantDenied', expect.stringContaining('with create({ http: true })')])
    }
    const { runtime } = await createGame({ http: true })
    expect(await codeOf(runtime.loadModule(ASKS, { grant: { host: ['host'], hosts: ['*'] } }))).toBe('GrantDenied')
    for (const http of [1, { fetch: 1 }, { timeoutMs: 0 }, { other: 1 }])
      expect(await codeOf(createGame({ http: http as HttpOptions }))).toBe('InvalidOptions')
  })

  it('reaches the hosts of grant.hosts alone: none without a grant', async () => {
    const fetch = vi.fn(answering('ok'))
    const { runtime, id, ask } = await createAsking({ fetch })
    expect(ask({ url: 'http://eu.games.example:8080/a' })).toBe(1)
    for (const url of ['https://example.com', 'https://games.example', 'ftp://api.example.com', 'https://api.example.com.evil.net']) {
      const { code, message } = await errorOf(() => ask({ url }))
      expect([code, message]).toEqual(['GrantDenied', expect.stringMatching(/not in grant.hosts|http: and https: alone/)])
      await runtime.reloadModule(id, ASKS)
    }
    await runtime.settle()
    expect(fetch).toHaveBeenCalledTimes(1)
    const free = await createGame({ http: { fetch } })
    const other = await free.runtime.loadModule(ASKS)
    expect(await codeOf(() => free.runtime.callJson(other, 'ask', { url: URL }))).toBe('GrantDenied')
  })

  it.each([
    [5, 'it is no object'],
    [{}, 'url must be an absolute URL'],
    [{ url: '/news' }, 'url must be an absolute URL'],
    [{ url: URL, verb: 'GET' }, "it has no 'verb'"],
    [{ url: URL, method: 'CONNECT' }, 'method must be one of GET'],
    [{ url: URL, headers: [] }, 'headers must be an object of texts'],
    [{ url: URL, headers: { a: 1 } }, "'a' is no header"],
    [{ url: URL, headers: { 'a b': 'x' } }, "'a b' is no header"],
    [{ url: URL, headers: { a: 'x\r\nb: y' } }, "'a' is no header"],
    [{ url: URL, headers: { Host: 'other.example' } }, "the header 'Host' is not the script's to set"],
    [{ url: URL, body: 'x' }, 'body must be a text, and not of a GET or HEAD'],
    [{ url: URL, method: 'POST', body: 1 }, 'body must be a text'],
    [{ url: 'https://me:secret@api.example.com' }, 'url must have no user and no password'],
  ])('refuses %j', async (request, why) => {
    const { ask } = await createAsking({ fetch: never })
    const { code, message } = await errorOf(() => ask(request))
    expect([code, message]).toEqual(['InvalidJson', expect.stringContaining(why)])
  })

  it('that fails is answered with the status 0 and a text that says why', async () => {
    const { runtime, ask, said } = await createAsking({
      fetch: (url) => {
        if (url.endsWith('a')) return Promise.reject(new TypeError('fetch failed', { cause: new Error('no such host') }))
        if (url.endsWith('b')) return Promise.resolve(new Response('x'.repeat(1_048_577)))
        return Promise.resolve({ type: 'opaqueredirect' } as Response)
      },
    })
    for (const name of ['a', 'b', 'c']) ask({ url: `https://api.example.com/${name}` })
    await settleAndTick(runtime)
    expect(said()).toEqual([
      '001 000 no such host',
      '002 000 it has more than 1048576 bytes (limits.jsonBytes)',
      '003 000 it redirects, which is not followed',
    ])
  })

  it('that takes too long is answered with the status 0, though nothing ends it', async () => {
    vi.useFakeTimers()
    const signals: (AbortSignal | null | undefined)[] = []
    const { runtime, ask, said } = await createAsking({
      timeoutMs: 500,
      fetch: (url, options) => {
        signals.push(options.signal)
        return never(url, options)
      },
    })
    ask({ url: URL })
    await vi.advanceTimersByTimeAsync(499)
    runtime.tick(1)
    expect(said()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    runtime.tick(1)
    expect(said()).toEqual(['001 000 there was no answer within 500 milliseconds'])
    expect(signals[0]?.aborted).toBe(true)
  })

  it(`returns 0 while ${MAX_REQUESTS} wait`, async () => {
    const { runtime, ask, said } = await createAsking({ fetch: answering('') })
    for (let count = 1; count <= MAX_REQUESTS; count++) expect(ask({ url: URL })).toBe(count)
    expect(ask({ url: URL })).toBe(0)
    await settleAndTick(runtime)
    expect(said()).toHaveLength(MAX_REQUESTS)
    expect(ask({ url: URL })).toBe(MAX_REQUESTS + 1)
  })

  it('is answered in the order of the requests, whichever answer came first', async () => {
    const waiting: ((response: Response) => void)[] = []
    const { runtime, ask, said } = await createAsking({ fetch: () => new Promise((resolve) => waiting.push(resolve)) })
    for (let count = 0; count < 2; count++) ask({ url: URL })
    waiting[1]?.(new Response('second'))
    waiting[0]?.(new Response('first'))
    await settleAndTick(runtime)
    expect(said()).toEqual(['001 200 first', '002 200 second'])
  })

  it('keeps answers for which the fuel of a tick is not enough', async () => {
    const { runtime, id, ask, said } = await createAsking({ fetch: answering('x') })
    for (let count = 0; count < 3; count++) ask({ url: URL })
    await runtime.settle()
    const { fuel } = runtime.script(id).limits
    expect(fuel).toBeGreaterThan(0)
    const greedy = ASKS.replace(
      '(call $digits (i32.const 100)',
      '(loop $l (br_if $l (global.get $spin))) (call $digits (i32.const 100)',
    ).replace('(memory ', '(global $spin (mut i32) (i32.const 1)) (func (export "stop") (global.set $spin (i32.const 0))) (memory ')
    await runtime.reloadModule(id, greedy)
    expect(runtime.tick(1).faults).toBe(1)
    await runtime.reloadModule(id, ASKS)
    runtime.tick(1)
    expect(said()).toEqual(['002 200 x', '003 200 x'])
  })

  it('of a run that was taken back is never sent', async () => {
    const fetch = vi.fn(answering('x'))
    const { runtime, ask, id, said } = await createAsking({ fetch })
    const json = JSON.stringify({ url: URL }).replaceAll('"', '\\"')
    const data = `(data (i32.const 2000) "${json}")`
    const call = `(call $request (i32.const 2000) (i32.const ${json.replaceAll('\\', '').length}))`
    const failing = ASKS.replace(/\)$/, `${data} (func (export "init") (drop ${call}) unreachable))`)
    expect(await codeOf(runtime.reloadModule(id, failing))).toBe('InitFailed')
    const asking = ASKS.replace(
      /\)$/,
      `${data} (func (export "get_state") (result i32 i32) (i32.store8 (i32.const 50) (i32.add (i32.const 48) ${call})) (i32.const 50) (i32.const 1)))`,
    )
    await runtime.reloadModule(id, asking)
    const sent = fetch.mock.calls.length
    expect(runtime.readState(id)).toBe(2)
    runtime.snapshot().toBytes()
    runtime.tick(1)
    expect(fetch).toHaveBeenCalledTimes(sent)
    await settleAndTick(runtime)
    said()
    expect(ask({ url: URL })).toBe(2)
    await settleAndTick(runtime)
    expect(said()).toEqual(['002 200 x'])
  })

  it('goes to each instance of a script with instances of entities', async () => {
    const { runtime, world, logs } = await createGame({ http: { fetch: answering('x') } })
    const id = await runtime.loadModule(ASKS, { instances: 'entity', grant: GRANT })
    for (let count = 0; count < 2; count++) runtime.attach(addEntity(world), id)
    runtime.tick(1)
    runtime.callJson(id, 'ask', { url: URL })
    await settleAndTick(runtime)
    expect(logs.map(({ message }) => message)).toEqual(['001 200 x', '001 200 x'])
  })

  it('is answered to an Extism plugin as JSON', async () => {
    const plugin = `(module (import "http" "request" (func $request (param i32 i32) (result i32)))
      (import "extism:host/env" "input_length" (func $length (result i64))) (import "emit" "got" (func $emit (param i64)))
      (memory (export "memory") 1)
      (func (export "ask") (param i32 i32) (result i32) (call $request (local.get 0) (local.get 1)))
      (func (export "on_response") (result i32) (call $emit (call $length)) (i32.const 0)))`
    const { runtime, ask } = await createAsking({ fetch: answering('hi') }, plugin)
    const heard: unknown[] = []
    runtime.on('event', ({ args }) => heard.push(...args))
    ask({ url: URL })
    await settleAndTick(runtime)
    expect(heard).toEqual([BigInt('{"id":1,"status":200,"body":"hi"}'.length)])
  })

  it('may be answered after a reload, and not after the script is gone', async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const { runtime, id, ask, said } = await createAsking({
      fetch: async (_, { signal }) => {
        signals.push(signal)
        return new Response('x')
      },
    })
    ask({ url: URL })
    await runtime.reloadModule(id, ASKS)
    await settleAndTick(runtime)
    expect(said()).toEqual(['001 200 x'])
    ask({ url: URL })
    runtime.unloadModule(id)
    expect(signals[1]?.aborted).toBe(true)
    await runtime.settle()
    runtime.tick(1)
  })

  it('has a handler of one type, which is no handler of an event', async () => {
    const { runtime } = await createGame({ http: true })
    expect(await codeOf(runtime.loadModule('(module (func (export "on_response") (param i32)))'))).toBe('SignatureMismatch')
    expect(await codeOf(runtime.loadModule('(module (func (export "on_response") (param i32 i32 i32 i32)))'))).toBe('MissingExport')
    runtime.emit('response', 1, 2, 3, 4)
    expect(runtime.tick(1).faults).toBe(0)
  })
})

describe('a restore', () => {
  it('drops what waits, and answers what the snapshot waited for with the status 0', async () => {
    const fetch = vi.fn(never)
    const { runtime, ask, said } = await createAsking({ fetch })
    ask({ url: URL })
    const saved = runtime.snapshot()
    ask({ url: URL })
    runtime.restore(saved)
    expect(fetch.mock.calls.map(([, { signal }]) => signal?.aborted)).toEqual([true, true])
    await settleAndTick(runtime)
    expect(said()).toEqual(['001 000 the game was restored'])
    expect(ask({ url: URL })).toBe(2)
  })

  it('of bytes has the answers that were on the way to the script', async () => {
    const { runtime, ask } = await createAsking({ fetch: answering('x') })
    ask({ url: URL })
    runtime.restore(runtime.snapshot())
    const saved = runtime.snapshot().toBytes()
    const other = await createAsking({ fetch: never })
    other.runtime.restore(Snapshot.fromBytes(saved))
    other.runtime.tick(1)
    expect(other.said()).toEqual(['001 000 the game was restored'])
  })
})

describe('a replay', () => {
  it('has the answers of the recording, and asks no server', async () => {
    const { runtime, ask, said } = await createAsking({ fetch: answering('hello') })
    ask({ url: URL })
    // This one waits as the recording begins.
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    await settleAndTick(runtime)
    ask({ url: URL })
    await settleAndTick(runtime)
    ask({ url: URL })
    runtime.tick(1)
    const recording = recorder.stop()
    const first = said()
    expect(first).toEqual(['001 200 hello', '002 200 hello'])

    const fetch = vi.fn(never)
    const other = await createAsking({ fetch })
    const replay = await Replay.begin(other.runtime, recording)
    await replay.run()
    await other.runtime.settle()
    expect([other.said(), fetch.mock.calls]).toEqual([first, []])
    replay.end()
    other.runtime.tick(1)
    expect(other.said()).toEqual(['003 000 the replay ended before there was an answer'])
    expect(fetch).not.toHaveBeenCalled()
  })

  it('restores as the recorded game did', async () => {
    const { runtime, ask, said } = await createAsking({ fetch: never })
    const recorder = new Recorder(runtime)
    ask({ url: URL })
    runtime.restore(runtime.snapshot())
    runtime.tick(1)
    const recording = recorder.stop()
    const first = said()
    const other = await createAsking({ fetch: never })
    const replay = await Replay.begin(other.runtime, recording)
    await replay.run()
    expect(other.said()).toEqual(first)
    expect(first).toEqual(['001 000 the game was restored'])
  })
})
