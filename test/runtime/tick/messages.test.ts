import { listMessages, Recorder, Replay, type ScriptId, Snapshot, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Logs each message that it gets and replies with the same JSON. */
const ECHO = `(module
  (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
  (func (export "handle_message") (param i32 i32) (result i32 i32) (call $log (local.get 0) (local.get 1)) (local.get 0) (local.get 1)))`
const TRAPS = '(module (memory (export "memory") 1) (func (export "handle_message") (param i32 i32) unreachable))'

/** Returns what becomes of a request after some ticks. */
async function outcomeAfter(runtime: WasmScriptRuntime, ticks: number, request: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'waits'
  request.then(
    (reply) => (outcome = reply),
    (error) => (outcome = error.code),
  )
  for (let tick = 0; tick < ticks; tick++) runtime.tick(1)
  await new Promise((resolve) => setImmediate(resolve))
  return outcome
}

describe('a message', () => {
  it('is handled in the next tick, in the order in which messages were sent', async () => {
    const { runtime, logs } = await createGame()
    const id = await runtime.loadModule(ECHO, { name: 'echo' })
    runtime.send('echo', 'first', { a: [1] })
    runtime.send(id, 'second')
    expect(logs).toEqual([])
    runtime.tick(1)
    expect(logs.map(({ message }) => JSON.parse(message))).toEqual([
      { from: null, topic: 'first', data: { a: [1] } },
      { from: null, topic: 'second', data: null },
    ])
    runtime.tick(1)
    expect(logs).toHaveLength(2)
  })

  it('is refused if nobody can handle it, and if too many wait', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(ECHO, { name: 'echo', limits: { messages: 2 } })
    await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'deaf' })
    expect(await codeOf(() => runtime.send('nobody', 'hello'))).toBe('ScriptNotFound')
    expect(await codeOf(() => runtime.send('deaf', 'hello'))).toBe('ExportNotFound')
    expect(await codeOf(() => runtime.send('echo', ''))).toBe('InvalidOptions')
    expect(await codeOf(() => runtime.send('echo', 'hello', 1n))).toBe('InvalidOptions')
    runtime.send('echo', 'one')
    runtime.send('echo', 'two')
    const { code, message } = await errorOf(() => runtime.send('echo', 'three'))
    expect([code, message]).toEqual(['QueueFull', expect.stringContaining('2 messages wait for it already (limits.messages)')])
    runtime.tick(1)
    runtime.send('echo', 'three')
  })

  it('is refused if the messages that wait would have more than half of limits.jsonBytes together', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(ECHO, { name: 'echo', limits: { jsonBytes: 1000 } })
    runtime.send('echo', 'long', 'x'.repeat(300))
    for (const size of [300, 500]) {
      const { code, message } = await errorOf(() => runtime.send('echo', 'long', 'x'.repeat(size)))
      expect([code, message]).toEqual(['QueueFull', expect.stringContaining('500 bytes as JSON together, half of limits.jsonBytes')])
    }
    expect(runtime.tick(1).faults).toBe(0)
    runtime.send('echo', 'long', 'x'.repeat(300))
    expect(runtime.tick(1).faults).toBe(0)
  })

  it('faults its script alone', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(TRAPS, { name: 'traps' })
    runtime.send('traps', 'hello')
    expect(runtime.tick(1).faults).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'Trap', script: 'traps', export: 'handle_message' })
  })

  it('must be taken as JSON', async () => {
    const { runtime } = await createGame()
    expect(await codeOf(runtime.loadModule('(module (func (export "handle_message") (param f32)))'))).toBe('SignatureMismatch')
    expect(await codeOf(runtime.loadModule('(module (func (export "handle_message") (param i32 i32)))'))).toBe('MissingExport')
  })

  it('reaches an Extism plugin as its input', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(
      `(module (import "extism:host/env" "input_length" (func $length (result i64))) (import "emit" "length" (func $emit (param i64)))
        (func (export "handle_message") (result i32) (call $emit (call $length)) (i32.const 0)))`,
      { name: 'plugin' },
    )
    const heard: unknown[] = []
    runtime.on('event', ({ args }) => heard.push(...args))
    runtime.send('plugin', 'hi', 1)
    runtime.tick(1)
    expect(heard).toEqual([BigInt('{"from":null,"topic":"hi","data":1}'.length)])
  })
})

describe('a request', () => {
  it('resolves with the reply', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(ECHO, { name: 'echo' })
    expect(await outcomeAfter(runtime, 1, runtime.request('echo', 'hello', [2]))).toEqual({ from: null, topic: 'hello', data: [2], id: 1 })
  })

  it('rejects if it is late, if the script faults, is unloaded or has no handler, and with the runtime', async () => {
    const { runtime } = await createGame()
    const traps = await runtime.loadModule(TRAPS, { name: 'traps' })
    const echo = await runtime.loadModule(ECHO, { name: 'echo' })
    expect(await outcomeAfter(runtime, 1, runtime.request('traps', 'hello'))).toBe('Trap')
    expect(await outcomeAfter(runtime, 1, runtime.request(traps, 'hello'))).toBe('ScriptNotFound')
    const gone = runtime.request(echo, 'hello')
    runtime.unloadModule(echo)
    expect(await outcomeAfter(runtime, 1, gone)).toBe('ScriptNotFound')
    expect(await codeOf(runtime.request('traps', 'hello', null, { ticks: 0 }))).toBe('InvalidOptions')
    const last = runtime.request('traps', 'hello')
    runtime.dispose()
    expect(await codeOf(last)).toBe('Disposed')
  })

  it('ends with Timeout after its ticks, if the script is still loading', async () => {
    const { runtime } = await createGame()
    const body = new TransformStream<Uint8Array, Uint8Array>()
    const loading = runtime.loadModule(new Response(body.readable), { name: 'late' })
    const request = runtime.request('late', 'hello', null, { ticks: 3 })
    const { message } = await errorOf(outcomeAfter(runtime, 4, request).then(() => request))
    expect(message).toBe(
      'late: it did not reply in time (ticks of the request). Make it answer sooner; if the message names an option, you can raise that instead. [Timeout]',
    )
    const writer = body.writable.getWriter()
    await writer.write(new TextEncoder().encode(ECHO))
    await writer.close()
    await loading
  })

  it('ends with Timeout when the game is restored', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(ECHO, { name: 'echo' })
    const saved = runtime.snapshot()
    const request = runtime.request('echo', 'hello')
    runtime.restore(saved)
    expect(await errorOf(request)).toMatchObject({
      code: 'Timeout',
      script: 'echo',
      detail: 'the game was restored before the script replied',
    })
  })
})

describe('messages that wait', () => {
  it('are listed for each script, as copies', async () => {
    const { runtime } = await createGame()
    const echo = await runtime.loadModule(ECHO, { name: 'echo' })
    const other = await runtime.loadModule(ECHO, { name: 'other' })
    runtime.send('echo', 'hello', { a: [1] })
    runtime.request('echo', 'again', 2).catch(() => undefined)
    const expected = [
      { from: null, topic: 'hello', data: { a: [1] } },
      { from: null, topic: 'again', data: 2, id: 1 },
    ]
    const [first] = listMessages(runtime, echo)
    ;(first as { data: { a: number[] } }).data.a.push(2)
    expect(listMessages(runtime, echo)).toEqual(expected)
    expect(listMessages(runtime, other)).toEqual([])
    runtime.tick(1)
    expect(listMessages(runtime, echo)).toEqual([])
    expect(await codeOf(() => listMessages(runtime, 99 as ScriptId))).toBe('ScriptNotFound')
    expect(await codeOf(() => listMessages({}, echo))).toBe('InvalidOptions')
  })

  it('are part of snapshots, in place and as bytes', async () => {
    const { runtime, logs } = await createGame()
    await runtime.loadModule(ECHO, { name: 'echo' })
    runtime.send('echo', 'hello', { a: 1 })
    const saved = runtime.snapshot()
    const bytes = saved.toBytes()
    for (const snapshot of [saved, Snapshot.fromBytes(bytes)]) {
      runtime.tick(1)
      runtime.restore(snapshot)
      logs.length = 0
      runtime.tick(1)
      expect(logs.map(({ message }) => JSON.parse(message))).toEqual([{ from: null, topic: 'hello', data: { a: 1 } }])
    }
  })

  it('are recorded and played', async () => {
    const { runtime } = await createGame({ seed: 1 })
    await runtime.loadModule(ECHO, { name: 'echo' })
    const recorder = new Recorder(runtime)
    runtime.send('echo', 'hello', 1)
    const request = runtime.request('echo', 'ask')
    runtime.tick(1)
    await request
    const recording = recorder.stop()
    const other = await createGame({ seed: 1 })
    await other.runtime.loadModule(ECHO, { name: 'echo' })
    const replay = await Replay.begin(other.runtime, recording)
    other.logs.length = 0
    expect(await replay.run()).toMatchObject({ matches: true })
    expect(other.logs.map(({ message }) => JSON.parse(message).topic)).toEqual(['hello', 'ask'])
  })
})
