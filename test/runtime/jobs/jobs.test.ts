import { PRICES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { jobScript, SPENDS, spend, take, turn } from '../../fixtures/jobs.ts'
import { tickScript } from '../../fixtures/scripts.ts'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Ticks until a job has ended. */
async function finish(runtime: { tick(dt: number): unknown }, job: { readonly done: boolean }, ticks = 1000): Promise<number> {
  for (let count = 0; count < ticks; count++) {
    if (job.done) return count
    runtime.tick(1)
    await turn()
  }
  throw new Error(`the job has not ended in ${ticks} ticks`)
}

describe('a job', () => {
  it('passes values as arrays, and gives what each chunk returns and what the end returns', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const job = runtime.job(id, numbers(2500))
    const outputs = take(job)
    expect([job.done, job.progress]).toEqual([false, { chunks: 0, items: 0, fraction: 0 }])
    await finish(runtime, job)
    expect(await job.result).toBe(3)
    expect((await outputs).map((output) => (output as number[]).length)).toEqual([1000, 1000, 500])
    expect((await outputs).flat()).toEqual(numbers(2500))
    expect([job.done, job.progress]).toEqual([true, { chunks: 3, items: 2500, fraction: 1 }])
  })

  it('passes bytes as they come, and gives bytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript('(i32.store8 (local.get $at) (i32.const 7))'))
    const job = runtime.job(id, [new Uint8Array([1, 2]), new Uint8Array([3])])
    const outputs = take(job)
    await finish(runtime, job)
    expect(await outputs).toEqual([new Uint8Array([7, 2]), new Uint8Array([7])])
    expect(new TextDecoder().decode(await job.result)).toBe(' 2')
    expect(job.progress).toEqual({ chunks: 2, items: 2, fraction: 1 })
  })

  it.each([
    ['an array', () => [1, 2]],
    ['a set', () => new Set([1, 2])],
    [
      'a generator',
      function* () {
        yield* [1, 2]
      },
    ],
    [
      'an asynchronous generator',
      async function* () {
        await turn()
        yield* [1, 2]
      },
    ],
    [
      'a stream',
      () =>
        new ReadableStream({
          start(stream) {
            stream.enqueue(1)
            stream.enqueue(2)
            stream.close()
          },
        }),
    ],
  ])('takes %s', async (_, input: () => Iterable<number> | AsyncIterable<number>) => {
    const { runtime } = await createGame()
    const job = runtime.job(await runtime.loadModule(jobScript()), input())
    const outputs = take(job)
    await finish(runtime, job)
    expect((await outputs).flat()).toEqual([1, 2])
  })

  it('passes its config to job_init once, before the first chunk', async () => {
    const { runtime } = await createGame()
    const echo = `(global $length (mut i32) (i32.const 0))
      (func (export "job_init") (param $at i32) (param $size i32)
        (memory.copy (i32.const 100) (local.get $at) (local.get $size)) (global.set $length (local.get $size)))`
    const id = await runtime.loadModule(jobScript('(local.set $at (i32.const 100)) (local.set $length (global.get $length))', echo))
    const job = runtime.job(id, [1, 2], { config: { seed: 7 }, chunk: 1 })
    const outputs = take(job)
    await finish(runtime, job)
    expect(await outputs).toEqual([{ seed: 7 }, { seed: 7 }])
  })

  it('takes a job_init without parameters, and needs nothing but job_chunk', async () => {
    const { runtime } = await createGame()
    for (const more of ['(func (export "job_init"))', '']) {
      const id = await runtime.loadModule(`(module (memory (export "memory") 1) (func (export "job_chunk") (param i32 i32)) ${more})`)
      const job = runtime.job(id, [1, 2])
      const outputs = take(job)
      await finish(runtime, job)
      expect([await job.result, await outputs, job.progress.items]).toEqual([undefined, [], 2])
    }
  })

  it('has an instance of its own, and random numbers of its own', async () => {
    const counts = `(module (import "host" "random" (func $random (result f64)))
      (memory (export "memory") 1) (global $count (mut i32) (i32.const 0))
      (func (export "init") (global.set $count (i32.const 100)))
      (func (export "job_chunk") (param i32 i32) (drop (call $random)) (global.set $count (i32.add (global.get $count) (i32.const 1))))
      (func (export "job_finish") (result i32 i32) (i32.store8 (i32.const 0) (i32.add (i32.const 48) (global.get $count))) (i32.const 0) (i32.const 1))
      (func (export "count") (result i32) (global.get $count)) (func (export "random") (result f64) (call $random)))`
    const results = []
    for (const items of [[], [1, 2, 3]]) {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(counts, { name: 'counts' })
      const job = runtime.job(id, items, { chunk: 1 })
      await finish(runtime, job)
      results.push([await job.result, runtime.call(id, 'count'), runtime.call(id, 'random')])
    }
    expect(results[0]?.slice(0, 2)).toEqual([0, 100])
    expect(results[1]).toEqual([3, 100, results[0]?.[2]])
  })

  it('may write the world, within its grant', async () => {
    const { runtime, components } = await createGame()
    const writes = jobScript('(call $set (call $spawn) (f32.convert_i32_u (local.get $length)))', '').replace(
      '(module',
      '(module (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))',
    )
    const job = runtime.job(await runtime.loadModule(writes), [new Uint8Array(5), new Uint8Array(6)])
    const outputs = take(job)
    await finish(runtime, job)
    await outputs
    expect([...components.Position.x].filter((x) => x !== 0)).toEqual([5, 6])
  })

  it('gets bytes as they were when they came, whatever becomes of them', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const shared = Buffer.alloc(2)
    async function* reusing(): AsyncGenerator<Uint8Array> {
      for (let part = 1; part < 4; part++) {
        shared.fill(part)
        yield shared
      }
    }
    const job = runtime.job(id, reusing())
    const outputs = take(job)
    await finish(runtime, job)
    expect(await outputs).toEqual([1, 2, 3].map((part) => new Uint8Array([part, part])))
  })

  it('ends without a chunk for an input without items, which is JSON unless it is said to be bytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const [json, bytes] = [runtime.job(id, []), runtime.job(id, [] as Uint8Array[], { kind: 'bytes' })]
    await finish(runtime, bytes)
    expect([await json.result, await bytes.result]).toEqual([0, new Uint8Array([32, 48])])
    expect(json.progress).toEqual({ chunks: 0, items: 0, fraction: 1 })
  })

  it('takes any number beside each other, in the order in which they were started', async () => {
    const { runtime } = await createGame()
    const order: unknown[] = []
    const id = await runtime.loadModule(jobScript())
    const jobs = ['a', 'b', 'c'].map((item) => runtime.job(id, [item]))
    for (const job of jobs) void take(job).then((outputs) => order.push(...outputs.flat()))
    expect(jobs.map(({ script }) => script)).toEqual(['script-1', 'script-1', 'script-1'])
    runtime.tick(1)
    await turn()
    expect(order).toEqual(['a', 'b', 'c'])
  })
})

describe('the fuel of a job', () => {
  it('is its own: as many chunks run in a tick as it allows, and the script has all of its own', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(spend(9000), SPENDS), { limits: { fuel: 1_000_000 } })
    const job = runtime.job(id, numbers(20), { chunk: 1, fuelPerTick: 60_000 })
    void take(job)
    const chunks: number[] = []
    while (!job.done) {
      expect(runtime.tick(1).fuel).toBeLessThan(70_000)
      chunks.push(job.progress.chunks)
      await turn()
    }
    // The first tick also made the instance.
    expect(chunks).toEqual([3, 10, 17, 20])
    expect(await job.result).toBe(20)
  })

  it('is a twentieth of limits.fuel if nothing is said, and none of it is saved up', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(spend(900), SPENDS), { limits: { fuel: 2_000_000 } })
    let feed: ((value: undefined) => void) | undefined
    async function* late(): AsyncGenerator<number> {
      await new Promise((resolve) => (feed = resolve))
      yield* numbers(500)
    }
    const job = runtime.job(id, late(), { chunk: 1 })
    void take(job)
    for (let tick = 0; tick < 10; tick++) {
      runtime.tick(1)
      await turn()
    }
    feed?.(undefined)
    await turn()
    expect(runtime.tick(1).fuel).toBeLessThan(105_000)
    // At least 900 units each.
    expect(job.progress.chunks).toBeLessThan(112)
    expect(job.progress.chunks).toBeGreaterThan(50)
  })

  it('of later ticks pays for a call that needs more than is left', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(spend(50_000), SPENDS), { limits: { fuel: 1_000_000 } })
    const job = runtime.job(id, numbers(30), { chunk: 1, fuelPerTick: 60_000 })
    void take(job)
    let fuel = 0
    let ticks = 0
    while (!job.done) {
      fuel += runtime.tick(1).fuel
      ticks++
      await turn()
    }
    expect(await job.result).toBe(30)
    expect([fuel / ticks < 66_000, ticks > 22]).toEqual([true, true])
  })

  it('ends the job if one call needs more than that of a tick, and says what to do', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(jobScript(spend(20_000), SPENDS))
    const job = runtime.job(id, [1], { fuelPerTick: 10_000 })
    await finish(runtime, job)
    const error = await errorOf(job.result)
    expect([error.code, error.export]).toEqual(['OutOfFuel', 'job_chunk'])
    expect(error.detail).toBe('it spent more than the fuel of a tick, 10000: pass less in a chunk, or raise fuelPerTick')
    expect(errors).toEqual([error])
  })

  it('pays for the making of its instance', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    runtime.job(id, [])
    expect(runtime.tick(1).fuel).toBeGreaterThan(PRICES.instance + PRICES.instanceMemory)
    expect(runtime.script(id).stats.fuel).toBeGreaterThan(0)
  })
})

describe('the memory of a job', () => {
  it('counts with that of its script, and is given back', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(), { limits: { totalMemoryPages: 2 } })
    const [first, second] = [runtime.job(id, [1]), runtime.job(id, [1])]
    const third = runtime.job(
      id,
      (async function* () {
        await new Promise(() => undefined)
      })(),
    )
    runtime.tick(1)
    expect([await first.result, await second.result]).toEqual([1, 1])
    expect(third.done).toBe(false)
    const fourth = runtime.job(id, [1])
    runtime.tick(1)
    expect(await codeOf(fourth.result)).toBe('OutOfMemory')
    third.cancel()
    const fifth = runtime.job(id, [1])
    runtime.tick(1)
    expect(await fifth.result).toBe(1)
  })

  it('makes chunks smaller as it gets scarce', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript('(drop (memory.grow (i32.const 2)))'), { limits: { memoryPages: 16 } })
    const job = runtime.job(id, numbers(160), { chunk: 16 })
    const outputs = take(job)
    await finish(runtime, job)
    expect((await outputs).map((output) => (output as number[]).length).slice(0, 10)).toEqual([16, 16, 16, 16, 8, 8, 4, 1, 1, 1])
  })

  it('gets bytes in pieces of at most limits.jsonBytes, and fewer values than a chunk if their text is longer', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(), { limits: { jsonBytes: 1000 } })
    const bytes = runtime.job(id, [new Uint8Array(2500), new Uint8Array(10)])
    const pieces = take(bytes)
    const values = runtime.job(
      id,
      Array.from({ length: 6 }, () => 'é'.repeat(200)),
    )
    const parts = take(values)
    await finish(runtime, values)
    expect((await pieces).map(({ length }) => length)).toEqual([1000, 1000, 500, 10])
    expect(bytes.progress.items).toBe(2)
    expect((await parts).map((part) => (part as string[]).length)).toEqual([2, 2, 2])
  })

  it('has no room for a value longer than limits.jsonBytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript(), { limits: { jsonBytes: 1000 } })
    const job = runtime.job(id, ['a'.repeat(2000)])
    runtime.tick(1)
    expect(await codeOf(job.result)).toBe('InvalidJson')
  })
})

describe('what a job refuses', () => {
  it.each([
    ['a text', 'text', 'the input of a job must be a list of items, such as [text], not a text'],
    [
      'an array of bytes',
      new Uint8Array(3),
      'the input of a job must be a list of Uint8Arrays, such as [bytes], not a single array of bytes',
    ],
    ['a number', 7, 'the input of a job must be an iterable or an async iterable, such as an array or a stream'],
    ['nothing', null, 'the input of a job must be an iterable or an async iterable, such as an array or a stream'],
  ])('%s as its input', async (_, input, detail) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const error = await errorOf(() => runtime.job(id, input as never))
    expect([error.code, error.detail]).toEqual(['InvalidOptions', detail])
  })

  it.each([
    [{ chunk: 0 }, 'chunk must be a whole number, 1 or more, not 0'],
    [{ fuelPerTick: 0 }, 'fuelPerTick must be a whole number, 1 or more, not 0'],
    [{ fuelPerTick: 60_000_000 }, 'fuelPerTick must be at most 50000000, the limits.fuel of the script, not 60000000'],
    [{ kind: 'text' }, "kind must be 'json' or 'bytes', not \"text\""],
    [{ config: 1n }, /^config must be a value that JSON can write/],
    [{ fuel: 1 }, "job has no option 'fuel'; allowed are config, fuelPerTick, chunk, kind"],
  ])('the options %o', async (options, detail) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const error = await errorOf(() => runtime.job(id, [1], options as never))
    expect([error.code, error.detail]).toEqual(['InvalidOptions', typeof detail === 'string' ? detail : expect.stringMatching(detail)])
  })

  it('a script without job_chunk, one that is not loaded, and one that is loading', async () => {
    const { runtime } = await createGame()
    const other = await runtime.loadModule(tickScript('nop'))
    expect(await errorOf(() => runtime.job(other, []))).toMatchObject({
      code: 'ExportNotFound',
      detail: "it exports no 'job_chunk'",
    })
    expect(await codeOf(() => runtime.job(99 as typeof other, []))).toBe('ScriptNotFound')
    const loading = runtime.loadModule(jobScript(), { name: 'jobs' })
    expect(await codeOf(() => runtime.job(runtime.find('jobs')?.id as typeof other, []))).toBe('ScriptNotFound')
    await loading
  })

  it('exports of other types, at load', async () => {
    const { runtime } = await createGame()
    for (const [name, type] of [
      ['job_init', '(param i32)'],
      ['job_chunk', '(param i32 i32) (result f32)'],
      ['job_finish', '(param i32)'],
      ['job_cleanup', '(param i32)'],
    ]) {
      const script = `(module (memory (export "memory") 1) (func (export "${name}") ${type} unreachable))`
      expect(await codeOf(runtime.loadModule(script)), name).toBe('SignatureMismatch')
    }
    expect(await codeOf(runtime.loadModule('(module (func (export "job_chunk") (param i32 i32)))'))).toBe('MissingExport')
  })

  it.each([
    ['bytes after values', [1, new Uint8Array(1)], 'item 1 of the input must be a value of JSON, since those of the job are'],
    ['values after bytes', [new Uint8Array(1), 1], 'item 1 of the input must be a Uint8Array, since those of the job are'],
    ['an array of other numbers', [new Float32Array(1)], 'item 0 of the input must be a Uint8Array to be passed as bytes'],
    ['a value that JSON cannot hold', [1n], 'item 0 of the input cannot be written as JSON'],
  ])('%s in its input: the job ends once it comes to it', async (_, input: unknown[], detail) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const job = runtime.job(id, input)
    void take(job)
    runtime.tick(1)
    expect(await errorOf(job.result)).toMatchObject({ detail })
    expect(job.progress.items).toBe(input.length - 1)
  })
})
