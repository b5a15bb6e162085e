import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Worker } from 'node:worker_threads'
import { createWorld } from 'bitecs'
import {
  defineComponents,
  type LoadOptions,
  Recorder,
  Recording,
  Replay,
  type RuntimeOptions,
  type ScriptError,
  type ScriptId,
  Snapshot,
  WasmScriptRuntime,
} from 'bitscript'
import { afterEach, describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { errorOf } from '../../fixtures/game.ts'
import { HTTP_GET, HTTP_IMPORTS, plugin } from '../../fixtures/plugin.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)

interface Game {
  readonly runtime: WasmScriptRuntime
  readonly logs: string[]
  readonly faults: ScriptError[]
}

const runtimes: WasmScriptRuntime[] = []
const servers: Server[] = []
afterEach(() => {
  for (const runtime of runtimes.splice(0)) runtime.dispose()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function game(more: Partial<RuntimeOptions> = {}): Promise<Game> {
  const logs: string[] = []
  const faults: ScriptError[] = []
  const onLog: RuntimeOptions['onLog'] = ({ level, message }) => logs.push(`${level} ${message}`)
  const runtime = (await WasmScriptRuntime.create({
    world: createWorld(),
    components: defineComponents({ Position: { x: 'f32' } }),
    onLog,
    ...more,
  })) as WasmScriptRuntime
  runtime.on('error', (error) => faults.push(error))
  runtimes.push(runtime)
  return { runtime, logs, faults }
}

const load = (runtime: WasmScriptRuntime, wat: string, options: LoadOptions = {}): Promise<ScriptId> =>
  runtime.loadModule(wat, { name: 'plugin', worker: true, ...options })

/** Lets all calls end, and a tick apply their answers. */
async function settle(runtime: WasmScriptRuntime): Promise<void> {
  await runtime.settle()
  runtime.tick(1)
}

/** Resolves with the result of a call once a tick has applied its answer. */
async function answer<Result>(runtime: WasmScriptRuntime, call: () => unknown): Promise<Result> {
  const promise = call() as Promise<Result>
  await settle(runtime)
  return promise
}

const ECHO = `(func (export "echo") (result i32) (local $length i32)
  (local.set $length (call $input (i32.const 1024))) (call $output (i32.const 1024) (local.get $length)) (i32.const 0))`
const FAIL = '(func (export "fail") (result i32) (call $error_set (call $input_offset)) (i32.const 1))'
const SPIN = '(func (export "spin") (result i32) (loop (br 0)) (i32.const 0))'
const TRAP = '(func (export "trap") (result i32) unreachable)'
const KEEP = `(func (export "set") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $input_offset)) (i32.const 0))
  (func (export "get") (result i32) (local $block i64)
    (local.set $block (call $var_get (call $block (i32.const 0) (i32.const 1))))
    (call $output_set (local.get $block) (call $length (local.get $block))) (i32.const 0))
  (data (i32.const 0) "v")`
/** Counts its calls in memory, and gives the number as a byte. */
const COUNT = `(global $calls (mut i32) (i32.const 0))
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 8) (i32.add (i32.const 48) (global.get $calls))) (call $output (i32.const 8) (i32.const 1)) (i32.const 0))`

describe('an Extism plugin in a worker', () => {
  it('answers a call at the start of a later tick', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(ECHO))
    let answered: unknown
    const call = runtime.callJson<Promise<unknown>>(id, 'echo', { list: [1, 'two', null] }).then((value) => {
      answered = value
    })
    await runtime.settle()
    expect(answered).toBeUndefined()
    runtime.tick(1)
    await call
    expect(answered).toEqual({ list: [1, 'two', null] })
    expect(runtime.script(id).guest).toBe('extism')
    expect(runtime.script(id).link).toMatchObject({ path: 'host', why: 'it runs in a worker, which reaches no fields' })
  })

  it('takes and gives bytes, and a number for a call without', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(ECHO))
    expect(decode(await answer(runtime, () => runtime.callBytes(id, 'echo', encode('hello'))))).toBe('hello')
    expect(await answer(runtime, () => runtime.callBytes(id, 'echo'))).toBeUndefined()
    expect(await answer(runtime, () => runtime.call(id, 'echo'))).toBe(0)
  })

  it('answers with an error of its own, and goes on', async () => {
    const { runtime, faults } = await game()
    const id = await load(runtime, plugin(`${FAIL}${ECHO}(func (export "seven") (result i32) (i32.const 7))`))
    const fail = await errorOf(() => answer(runtime, () => runtime.callBytes(id, 'fail', encode('no such level'))))
    expect(fail).toMatchObject({ code: 'GuestError', detail: 'no such level', export: 'fail', script: 'plugin' })
    const seven = await errorOf(() => answer(runtime, () => runtime.call(id, 'seven')))
    expect(seven).toMatchObject({ code: 'GuestError', detail: "'seven' returned 7" })
    expect(faults).toEqual([])
    expect(runtime.script(id).status).toBe('active')
    expect(await answer(runtime, () => runtime.callJson(id, 'echo', 1))).toBe(1)
  })

  it('gives what is not JSON as InvalidJson, which is no fault', async () => {
    const { runtime, faults } = await game()
    const half = await load(
      runtime,
      plugin(`(func (export "half") (result i32) (call $output (i32.const 0) (i32.const 1)) (i32.const 0)) (data (i32.const 0) "{")`),
      { name: 'half' },
    )
    expect(await errorOf(() => answer(runtime, () => runtime.callJson(half, 'half')))).toMatchObject({
      code: 'InvalidJson',
      export: 'half',
    })
    expect(faults).toEqual([])
  })

  it('throws mistakes of the call at once', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(`${ECHO}(func (export "add") (param i32 i32) (result i32) (i32.const 0))`))
    expect(await errorOf(() => runtime.callJson(id, 'ecko'))).toMatchObject({ code: 'ExportNotFound' })
    expect(await errorOf(() => runtime.call(id, 'echo', 1))).toMatchObject({ code: 'SignatureMismatch' })
    expect((await errorOf(() => runtime.call(id, 'add', 1, 2))).detail).toBe(
      "'add' is (i32, i32) → i32, and in a worker only functions of the type () → i32 can be called",
    )
    expect(await errorOf(() => runtime.callBytes(id, 'echo', new Uint8Array(2_000_000)))).toMatchObject({ code: 'TooLarge' })
  })

  it.each([
    ['OutOfFuel', SPIN, 'spin'],
    ['Trap', TRAP, 'trap'],
    ['StackOverflow', '(func $deep (export "deep") (result i32) (call $deep))', 'deep'],
  ])('faults with %s, while the game ticks on, and begins anew', async (code, declaration, name) => {
    const { runtime, faults } = await game()
    const id = await load(runtime, plugin(declaration + COUNT))
    const count = async (): Promise<string | undefined> => decode(await answer(runtime, () => runtime.callBytes(id, 'count')))
    expect(await count()).toBe('1')
    const error = await errorOf(() => answer(runtime, () => runtime.call(id, name)))
    expect(error).toMatchObject({ code, export: name, script: 'plugin' })
    expect(error.trace?.at(0)?.function).toBe(name)
    expect(error.location?.file).toBe('plugin.wat')
    expect(faults).toEqual([error])
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', fault: error })
    expect(await count()).toBe('1')
  })

  it('has its fuel for each call', async () => {
    const { runtime } = await game()
    const work =
      '(func (export "work") (result i32) (local $i i32) (loop (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000)))) (i32.const 0))'
    const id = await load(runtime, plugin(work + ECHO), { limits: { fuel: 100_000 } })
    for (let call = 0; call < 5; call++) expect(await answer(runtime, () => runtime.call(id, 'work'))).toBe(0)
  })

  it.each([
    ['a start function', '(func $start (loop (br 0))) (start $start)'],
    ['_initialize', '(func (export "_initialize") (loop (br 0)))'],
    ['_start', '(func (export "_start") (loop (br 0)))'],
    ['hs_init', '(func (export "hs_init") (param i32 i32) (loop (br 0)))'],
  ])('is refused when %s spins', async (_, declaration) => {
    const { runtime } = await game()
    expect(await errorOf(() => load(runtime, plugin(ECHO + declaration), { limits: { fuel: 100_000 } }))).toMatchObject({
      code: 'OutOfFuel',
    })
    expect(runtime.scripts()).toEqual([])
  })

  it('may have a hundred calls in flight, which are answered in their order', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(ECHO))
    const order: number[] = []
    const calls = Array.from({ length: 120 }, (_, index) =>
      (runtime.callJson(id, 'echo', index) as Promise<number>).then((value) => order.push(value)),
    )
    await settle(runtime)
    await Promise.all(calls)
    expect(order).toEqual(Array.from({ length: 120 }, (_, index) => index))
  })
})

const TICK = `(global $ticks (mut i32) (i32.const 0))
  (func (export "tick") (result i32) (local $length i32)
    (local.set $length (call $input (i32.const 1024)))
    (call $log_info (call $block (i32.const 1024) (local.get $length))) (i32.const 0))`

describe('what the runtime calls in a worker', () => {
  it('is init before all else, with the config', async () => {
    const { runtime, logs } = await game()
    const init = `(func (export "init") (result i32)
      (call $log_info (call $block (i32.const 1024) (call $input (i32.const 1024)))) (i32.const 0))`
    await load(runtime, plugin(init), { config: { level: 3 } })
    await settle(runtime)
    expect(logs).toEqual(['info {"level":3}'])
  })

  it('is an init that fails, which refuses the plugin', async () => {
    const { runtime } = await game()
    const init = `(func (export "init") (result i32) (call $error_set (call $block (i32.const 0) (i32.const 8))) (i32.const 1)) (data (i32.const 0) "no level")`
    expect(await errorOf(() => load(runtime, plugin(init)))).toMatchObject({
      code: 'InitFailed',
      detail: 'init failed: no level (GuestError)',
    })
  })

  it('is get_metadata', async () => {
    const { runtime } = await game()
    const text = '{"name":"pathfinder","version":"1.2.0"}'
    const metadata = `(func (export "get_metadata") (result i32) (call $output (i32.const 0) (i32.const ${text.length})) (i32.const 0))
      (data (i32.const 0) "${text.replaceAll('"', '\\"')}")`
    const id = await load(runtime, plugin(metadata))
    expect(runtime.script(id).metadata).toEqual({ name: 'pathfinder', version: '1.2.0' })
  })

  it('is tick, once its last call has answered', async () => {
    const { runtime, logs } = await game()
    await load(runtime, plugin(TICK))
    runtime.tick(0.5)
    runtime.tick(0.5)
    runtime.tick(0.5)
    await runtime.settle()
    runtime.tick(0.5)
    await runtime.settle()
    runtime.tick(0.5)
    expect(logs).toEqual(['info {"tick":0,"time":0,"dt":0.5}', 'info {"tick":3,"time":1.5,"dt":0.5}'])
  })

  it('is each event, in its order', async () => {
    const { runtime, logs } = await game()
    await load(runtime, plugin(TICK.replace('"tick"', '"on_hit"')))
    runtime.emit('hit', 1, 2n)
    runtime.emit('hit', 3)
    runtime.tick(1)
    await settle(runtime)
    expect(logs).toEqual(['info [1,2]', 'info [3]'])
  })

  it('is a fault where it answers with an error', async () => {
    const { runtime, faults } = await game()
    const id = await load(runtime, plugin(FAIL.replace('"fail"', '"tick"')))
    runtime.tick(1)
    expect(faults).toEqual([])
    await runtime.settle()
    expect(runtime.tick(1).faults).toBe(1)
    expect(faults).toMatchObject([{ code: 'GuestError', export: 'tick' }])
    expect(runtime.script(id).status).toBe('faulted')
  })

  it('stops with an error if it is called more often than it answers', async () => {
    const { runtime, faults } = await game()
    await load(runtime, plugin('(func (export "on_hit") (result i32) (i32.const 0))'))
    for (let hit = 0; hit < 1100; hit++) runtime.emit('hit')
    runtime.tick(1)
    expect(faults).toMatchObject([{ code: 'OutOfMemory', export: 'on_hit' }])
  })
})

/** Serves `body` at `/`, nothing ever at `/never`, and a redirect to `/` at `/moved`. */
async function serve(body = 'from the network'): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/never') return
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end()
    else response.end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('HTTP from a worker', () => {
  const get = (runtime: WasmScriptRuntime, id: ScriptId, url: string): Promise<string | undefined> =>
    answer<Uint8Array>(runtime, () => runtime.callBytes(id, 'get', encode(JSON.stringify({ url, method: 'GET' })))).then(decode)

  it.each([16, 300_000])('reaches a granted host, and takes %d bytes', async (size) => {
    const { runtime } = await game()
    const body = 'x'.repeat(size)
    const url = await serve(body)
    const id = await load(runtime, plugin(HTTP_GET, HTTP_IMPORTS), { grant: { hosts: ['127.0.0.1'] } })
    expect(await get(runtime, id, url)).toBe(body)
  })

  it.each<[string, LoadOptions]>([
    ['without a grant', {}],
    ['that is not granted', { grant: { hosts: ['example.com', '*.127.0.0.1'] } }],
  ])('refuses a host %s', async (_, options) => {
    const { runtime, faults } = await game()
    const url = await serve()
    const id = await load(runtime, plugin(HTTP_GET, HTTP_IMPORTS), options)
    const error = await errorOf(() => get(runtime, id, url))
    expect(error).toMatchObject({ code: 'GrantDenied', detail: `the plugin asked for ${url}, and '127.0.0.1' is not in grant.hosts` })
    expect(faults).toEqual([error])
  })

  it('does not follow redirects, which may lead anywhere', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(HTTP_GET, HTTP_IMPORTS), { grant: { hosts: ['*'] } })
    expect(await get(runtime, id, `${await serve()}/moved`)).toBe('3')
  })

  it('gives the status 0 where nobody answers, or with too much, and logs why', async () => {
    const { runtime, logs } = await game()
    const id = await load(runtime, plugin(HTTP_GET, HTTP_IMPORTS), { grant: { hosts: ['*'] }, limits: { jsonBytes: 1000 } })
    expect(await get(runtime, id, 'http://127.0.0.1:1')).toBe('0')
    expect(await get(runtime, id, await serve('x'.repeat(2000)))).toBe('0')
    expect(logs[0]).toMatch(/^warn HTTP from http:\/\/127.0.0.1:1 failed: /)
    expect(logs[1]).toMatch(/it has more than 1000 bytes \(limits.jsonBytes\)$/)
  })

  it('takes no other protocol', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(HTTP_GET, HTTP_IMPORTS), { grant: { hosts: ['*'] } })
    expect(await errorOf(() => get(runtime, id, 'data://host/,x'))).toMatchObject({ code: 'GrantDenied' })
    expect(await errorOf(() => get(runtime, id, 'no url'))).toMatchObject({ code: 'Trap' })
  })

  it('ends with Timeout where a host does not answer, and the game ticks on', async () => {
    const { runtime, faults } = await game()
    const url = await serve()
    const id = await load(runtime, plugin(HTTP_GET + ECHO, HTTP_IMPORTS), { grant: { hosts: ['*'] }, timeoutMs: 1000 })
    const call = get(runtime, id, `${url}/never`)
    runtime.tick(1)
    const error = await errorOf(() => call)
    expect(error).toMatchObject({ code: 'Timeout', export: 'get', detail: "'get' took more than 1000 milliseconds (timeoutMs)" })
    expect(faults).toEqual([error])
    expect(await answer(runtime, () => runtime.callJson(id, 'echo', 1))).toBe(1)
  })
})

describe('the variables of a plugin in a worker', () => {
  const set = (runtime: WasmScriptRuntime, id: ScriptId, value: string): Promise<unknown> =>
    answer(runtime, () => runtime.callBytes(id, 'set', encode(value)))
  const get = (runtime: WasmScriptRuntime, id: ScriptId): Promise<string | undefined> =>
    answer<Uint8Array>(runtime, () => runtime.callBytes(id, 'get')).then(decode)

  it('stay from call to call, and outlive a trap, which memory does not', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP + TRAP))
    expect(await get(runtime, id)).toBeUndefined()
    await set(runtime, id, 'kept')
    await errorOf(() => answer(runtime, () => runtime.call(id, 'trap')))
    expect(await get(runtime, id)).toBe('kept')
  })

  it('have a limit', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP), { limits: { jsonBytes: 100 } })
    expect(await errorOf(() => set(runtime, id, 'x'.repeat(100)))).toMatchObject({ code: 'OutOfMemory' })
  })

  it('are carried by a reload, to which calls that wait are lost', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP))
    await set(runtime, id, 'kept')
    const lost = runtime.callBytes<Promise<Uint8Array>>(id, 'get')
    const report = await runtime.reloadModule(id, plugin(KEEP + ECHO))
    expect(report).toMatchObject({ generation: 2, state: 'reset', carried: ['variable v'] })
    expect(await errorOf(() => lost)).toMatchObject({
      code: 'Disposed',
      detail: "the call of 'get' was dropped: the script was given another instance",
    })
    expect(await get(runtime, id)).toBe('kept')
  })

  it('are as the old code left them, where the new code fails to start', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP + COUNT))
    await set(runtime, id, 'kept')
    const broken = plugin(`${KEEP}(func (export "_initialize") unreachable)`)
    expect(await errorOf(() => runtime.reloadModule(id, broken))).toMatchObject({ code: 'Trap' })
    expect(runtime.script(id).generation).toBe(1)
    expect(await get(runtime, id)).toBe('kept')
  })

  it('are what a snapshot holds; a restore drops the calls in flight, and starts the worker anew', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP + COUNT))
    await set(runtime, id, 'before')
    expect(decode(await answer(runtime, () => runtime.callBytes(id, 'count')))).toBe('1')
    const saved = runtime.snapshot()
    await set(runtime, id, 'after')
    const flying = runtime.callBytes<Promise<Uint8Array>>(id, 'get')
    runtime.restore(saved)
    expect(await errorOf(() => flying)).toMatchObject({ code: 'Disposed', detail: "the call of 'get' was dropped: the game was restored" })
    expect(await get(runtime, id)).toBe('before')
    expect(decode(await answer(runtime, () => runtime.callBytes(id, 'count')))).toBe('1')
    const other = await game()
    const there = await load(other.runtime, plugin(KEEP + COUNT))
    other.runtime.restore(Snapshot.fromBytes(saved.toBytes()))
    expect(await get(other.runtime, there)).toBe('before')
  })

  it("do not fit a plugin on the game's thread, nor its memory a worker", async () => {
    const { runtime } = await game()
    await load(runtime, plugin(KEEP))
    const other = await game()
    await load(other.runtime, plugin(KEEP), { worker: false })
    const [inWorker, here] = [runtime, other.runtime].map((each) => Snapshot.fromBytes(each.snapshot().toBytes()))
    expect(await errorOf(() => runtime.restore(here as Snapshot))).toMatchObject({ code: 'StateRejected' })
    expect(await errorOf(() => other.runtime.restore(inWorker as Snapshot))).toMatchObject({ code: 'StateRejected' })
  })

  it('go back with the code when a new generation traps on probation', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(KEEP))
    await set(runtime, id, 'before')
    await runtime.reloadModule(id, plugin(`${KEEP}${TRAP.replace('"trap"', '"tick"')}`))
    await set(runtime, id, 'after')
    await settle(runtime)
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
    expect(await get(runtime, id)).toBe('before')
  })
})

describe('a recording of a plugin in a worker', () => {
  const PLUGIN = plugin(`${KEEP}${FAIL}${TRAP}${TICK}`)

  /** Plays a recording in a new game, and looks that no worker starts meanwhile. */
  async function replay(recording: Recording, prepare: (runtime: WasmScriptRuntime) => Promise<unknown>): Promise<Game> {
    const other = await game()
    await prepare(other.runtime)
    let workers = 0
    const count = (): void => void workers++
    process.on('worker', count)
    const played = await Replay.begin(other.runtime, Recording.fromBytes(recording.toBytes()), { load: true })
    await played.run()
    expect(played.report().matches).toBe(true)
    played.end()
    process.off('worker', count)
    expect(workers).toBe(0)
    return other
  }

  it('holds the answers: a replay needs no worker', async () => {
    const { runtime } = await game()
    const id = await load(runtime, PLUGIN)
    runtime.tick(1)
    const recorder = new Recorder(runtime)
    void runtime.callBytes(id, 'set', encode('recorded'))
    await settle(runtime)
    void runtime.callBytes(id, 'fail', encode('an answer'))
    await settle(runtime)
    void runtime.call(id, 'trap')
    runtime.tick(1)
    await settle(runtime)
    const recording = recorder.stop()
    const answers = recording.content.inputs.flatMap((input) => (input.kind === 'answer' ? [input] : []))
    expect(answers.map(({ error, isFault }) => [error?.[0], isFault])).toContainEqual(['GuestError', false])
    expect(answers.map(({ error, isFault }) => [error?.[0], isFault])).toContainEqual(['Trap', true])
    const other = await replay(recording, (there) => load(there, PLUGIN))
    expect(other.faults.map(({ code, detail, export: name }) => [code, detail, name])).toEqual([['Trap', 'unreachable', 'trap']])
    expect(other.logs).toEqual([])
    expect(other.runtime.find('plugin')?.status).toBe('faulted')
    const there = other.runtime.find('plugin')?.id as ScriptId
    expect(decode(await answer(other.runtime, () => other.runtime.callBytes(there, 'get')))).toBe('recorded')
  })

  it('may begin while calls wait, and holds loads, reloads, restores and unloads of the plugin', async () => {
    const { runtime } = await game()
    const first = await load(runtime, PLUGIN)
    void runtime.callBytes(first, 'set', encode('flying'))
    const recorder = new Recorder(runtime)
    await settle(runtime)
    const second = await load(runtime, PLUGIN, { name: 'second', config: { level: 1 } })
    void runtime.callBytes(second, 'set', encode('second'))
    await settle(runtime)
    const saved = runtime.snapshot()
    void runtime.callBytes(second, 'set', encode('undone'))
    await settle(runtime)
    runtime.restore(saved)
    await runtime.reloadModule(second, plugin(`${KEEP}${TICK}`))
    void runtime.callBytes(first, 'get')
    await settle(runtime)
    const other = await replay(recorder.stop(), (there) => load(there, PLUGIN))
    for (const [name, value] of [
      ['plugin', 'flying'],
      ['second', 'second'],
    ] as const) {
      const there = other.runtime.find(name)?.id as ScriptId
      expect(decode(await answer(other.runtime, () => other.runtime.callBytes(there, 'get')))).toBe(value)
    }
  })

  it('refuses calls of the game while it is played, and drops at its end what it does not answer', async () => {
    const { runtime } = await game()
    const id = await load(runtime, PLUGIN)
    const recorder = new Recorder(runtime)
    void runtime.callBytes(id, 'get')
    runtime.tick(1)
    const recording = recorder.stop()
    const other = await game()
    const there = await load(other.runtime, PLUGIN)
    const played = await Replay.begin(other.runtime, recording)
    expect(await errorOf(() => other.runtime.callBytes(there, 'set'))).toMatchObject({ code: 'HostError' })
    await played.run()
    await other.runtime.settle()
    played.end()
    expect(await answer(other.runtime, () => other.runtime.callBytes(there, 'get'))).toBeUndefined()
  })
})

describe('what no worker can do', () => {
  it.each([
    [
      'an import that acts on the game',
      plugin(ECHO, '(import "ecs.get" "Position.x" (func (param i32) (result f32)))'),
      /^it imports ecs\.get::Position\.x, and a plugin in a worker has the functions of the PDK/,
    ],
    [
      'a function of the game',
      plugin(ECHO, '(import "extism:host/user" "shout" (func (param i64) (result i64)))'),
      /^it imports extism:host\/user::shout/,
    ],
    ['update', plugin(`${ECHO}(func (export "update") (param i32 f32))`), /^it exports 'update', which is called within a tick/],
    ['on_attach', plugin(`${ECHO}(func (export "on_attach") (param i32))`), /^it exports 'on_attach'/],
    [
      'tick as that of a script',
      plugin(`${ECHO}(func (export "tick") (param f32))`),
      /^it exports 'tick'.* or give it the type \(\) → i32/,
    ],
    [
      'a block of state',
      plugin(`${ECHO}(global (export "state") i32 (i32.const 0)) (global (export "state_size") i32 (i32.const 4))`),
      /^it exports 'state'/,
    ],
  ])('%s is refused', async (_, wat, detail) => {
    const { runtime } = await game({ host: { 'extism:host/user': { shout: () => 0n } } })
    const error = await errorOf(() => load(runtime, wat))
    expect(error.code).toBe('InvalidOptions')
    expect(error.detail).toMatch(detail)
    expect(error.detail).toContain('Load it without worker: true')
  })

  it.each<[string, LoadOptions, string]>([
    ['an instance for each entity', { instances: 'entity' }, "instances cannot be 'entity' for a guest of the kind 'extism' in a worker"],
    [
      'a time without a worker',
      { worker: false, timeoutMs: 10 },
      'timeoutMs has no effect without worker: true: fuel bounds the time of a script',
    ],
    ['an actor', { actor: { query: 'Position' } }, 'an actor cannot run in a worker: its result is applied in the tick that calls it'],
    ['no time', { timeoutMs: 0 }, 'timeoutMs must be a whole number, 1 or more, not 0'],
    ['another worker', { worker: 'yes' as unknown as boolean }, 'worker must be true or false, not "yes"'],
    [
      'a URL as a host',
      { grant: { hosts: ['https://example.com'] } },
      "grant.hosts must be a list of host names without protocol and port, such as 'api.example.com' or '*.example.com', not Array",
    ],
  ])('%s is refused', async (_, options, detail) => {
    const { runtime } = await game()
    expect(await errorOf(() => load(runtime, plugin(ECHO), options))).toMatchObject({ code: 'InvalidOptions', detail })
  })

  it('a script is no plugin', async () => {
    const { runtime } = await game()
    const error = await errorOf(() => load(runtime, '(module (func (export "tick") (param f32)))'))
    expect(error).toMatchObject({
      code: 'InvalidOptions',
      detail: "worker: true is for Extism plugins, and this is a guest of the kind 'script'",
    })
  })

  it('get_state and set_state are not called, and a warning says so', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(ECHO.replace('"echo"', '"get_state"')))
    expect(runtime.script(id).warnings).toEqual(["export 'get_state' is not called in a worker: its result would come too late"])
  })

  it('a segment outside of memory is a trap of the load, and not the end of the process', async () => {
    const { runtime } = await game()
    expect(await errorOf(() => load(runtime, plugin(`${ECHO}(data (i32.const 65535) "too long")`)))).toMatchObject({ code: 'Trap' })
  })

  it('is checked without a worker', async () => {
    const { runtime } = await game()
    const { exports } = await runtime.checkModule(plugin(ECHO), { worker: true })
    expect(exports.map(({ name }) => name)).toContain('echo')
  })
})

describe('plugins of compilers and manifests in a worker', () => {
  it.each(['count.c.wasm', 'count.as.wasm'])('run unchanged: %s', async (file) => {
    const { runtime } = await game()
    const bytes = new Uint8Array(await readFile(new URL(`../../fixtures/plugins/${file}`, import.meta.url)))
    const id = await runtime.loadModule(bytes, { worker: true, name: 'count' })
    expect(decode(await answer(runtime, () => runtime.callBytes(id, 'count', encode('hello world'))))).toBe('{"count":3,"total":3}')
    expect(await errorOf(() => answer(runtime, () => runtime.callBytes(id, 'count')))).toMatchObject({ detail: 'there is no text' })
  })

  it('are linked with others, which spend the same fuel, whatever their names', async () => {
    const { runtime } = await game()
    const library = await assembleWat(
      `(module (func (export "spin") (loop (br 0))) (func (export "seven") (result i32) (i32.const 7)) (func (export "_start") unreachable))`,
      'library.wat',
    )
    const main = await assembleWat(
      plugin(
        `(func (export "call") (result i32) (call $seven)) (func (export "hang") (result i32) (call $spin) (i32.const 0))`,
        '(import "bitscript" "seven" (func $seven (result i32))) (import "bitscript" "spin" (func $spin)) (import "extism:host/env" "input_length" (func (result i64)))',
      ),
      'main.wat',
    )
    const id = await runtime.loadModule({ wasm: [{ name: 'bitscript', data: library }, { data: main }] }, { worker: true, name: 'linked' })
    expect(await errorOf(() => answer(runtime, () => runtime.call(id, 'call')))).toMatchObject({ detail: "'call' returned 7" })
    expect(await errorOf(() => answer(runtime, () => runtime.call(id, 'hang')))).toMatchObject({ code: 'OutOfFuel' })
  })

  it('have the time that their manifest says, if that is less', async () => {
    const { runtime } = await game()
    const data = await assembleWat(plugin(HTTP_GET, HTTP_IMPORTS), 'main.wat')
    const id = await runtime.loadModule({ wasm: [{ data }], timeout_ms: 700 }, { worker: true, name: 'slow', grant: { hosts: ['*'] } })
    const url = `${await serve()}/never`
    const error = await errorOf(() => answer(runtime, () => runtime.callJson(id, 'get', { url })))
    expect(error).toMatchObject({ code: 'Timeout', detail: "'get' took more than 700 milliseconds (timeoutMs)" })
  })

  it('have WASI of the SDK, whose exit ends the call', async () => {
    const { runtime } = await game()
    const wasi = `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))`
    const id = await load(
      runtime,
      plugin(
        `${COUNT}(func (export "exit") (result i32) (call $exit (i32.const 3)) (i32.const 0))
      (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 8)))`,
        wasi,
      ),
    )
    expect(await answer(runtime, () => runtime.call(id, 'random'))).toBe(0)
    expect(await errorOf(() => answer(runtime, () => runtime.call(id, 'exit')))).toMatchObject({
      code: 'GuestError',
      detail: "'exit' exited",
    })
    expect(decode(await answer(runtime, () => runtime.callBytes(id, 'count')))).toBe('1')
  })

  it('cannot allocate more than a few blocks of the greatest size', async () => {
    const { runtime } = await game()
    const hog = `(func (export "hog") (result i32) (local $blocks i32)
      (block $full (loop $next (br_if $full (i64.eqz (call $alloc (i64.const 1000))))
        (local.set $blocks (i32.add (local.get $blocks) (i32.const 1))) (br $next)))
      (local.get $blocks))`
    const id = await load(runtime, plugin(hog), { limits: { jsonBytes: 1000 } })
    expect((await errorOf(() => answer(runtime, () => runtime.call(id, 'hog')))).detail).toBe("'hog' returned 4")
  })
})

describe('the end of a plugin in a worker', () => {
  it('is an unload, which drops its calls', async () => {
    const { runtime } = await game()
    const id = await load(runtime, plugin(ECHO))
    const call = runtime.callJson<Promise<unknown>>(id, 'echo', 1)
    runtime.unloadModule(id)
    expect(await errorOf(() => call)).toMatchObject({ code: 'Disposed' })
    await runtime.settle()
  })

  it.each<[string, (worker: Worker) => unknown, string]>([
    ['that is terminated', (worker) => worker.terminate(), 'the worker of the plugin ended'],
    ['that runs out of memory', (worker) => worker.emit('error', new Error('no memory')), 'the worker of the plugin ended: no memory'],
  ])('is a Trap for a worker %s, and the next call begins another', async (_, end, detail) => {
    const { runtime, faults } = await game()
    let worker: Worker | undefined
    process.once('worker', (made) => {
      worker = made
    })
    const id = await load(runtime, plugin(HTTP_GET + ECHO, HTTP_IMPORTS), { grant: { hosts: ['*'] } })
    const call = runtime.callJson<Promise<unknown>>(id, 'get', { url: `${await serve()}/never` })
    await end(worker as Worker)
    await settle(runtime)
    expect(await errorOf(() => call)).toMatchObject({ code: 'Trap', detail, export: 'get' })
    expect(faults).toHaveLength(1)
    expect(await answer(runtime, () => runtime.callJson(id, 'echo', 1))).toBe(1)
  })

  it('may come while nobody calls it', async () => {
    const { runtime, faults } = await game()
    let worker: Worker | undefined
    process.once('worker', (made) => {
      worker = made
    })
    const id = await load(runtime, plugin(ECHO))
    await worker?.terminate()
    expect(await answer(runtime, () => runtime.callJson(id, 'echo', 1))).toBe(1)
    expect(faults).toEqual([])
  })

  it('may go unnoticed: nobody has to handle a call', async () => {
    const { runtime, faults } = await game()
    const id = await load(runtime, plugin(TRAP))
    void runtime.call(id, 'trap')
    await settle(runtime)
    expect(faults).toMatchObject([{ code: 'Trap' }])
    expect(
      await errorOf(() =>
        runtime
          .settle()
          .then(() => runtime.dispose())
          .then(() => runtime.settle()),
      ),
    ).toMatchObject({ code: 'Disposed' })
  })
})
