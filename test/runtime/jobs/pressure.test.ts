import { Mods, type ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { jobScript, take, turn } from '../../fixtures/jobs.ts'

/** Gives the numbers from 0 on, without an end. Counts what was asked for. */
function counting(): AsyncIterable<number> & { asked: number } {
  const input = {
    asked: 0,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        await undefined
        yield input.asked++
      }
    },
  }
  return input
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** A script that takes all of its input, and returns nothing but how many bytes there were. */
const IMPORTER = `(module (memory (export "memory") 1) (global $sum (mut i64) (i64.const 0))
  (func (export "job_chunk") (param $at i32) (param $length i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (global.set $sum (i64.add (global.get $sum) (i64.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))))
  (func (export "job_finish") (result i32 i32) (i64.store (i32.const 0) (global.get $sum)) (i32.const 0) (i32.const 8)))`

describe('the input of a job', () => {
  it('is asked for a few chunks, and then for what the job took', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (memory (export "memory") 1) (func (export "job_chunk") (param i32 i32)))')
    const input = counting()
    const job = runtime.job(id, input)
    expect(input.asked).toBe(0)
    await turn()
    expect(input.asked).toBe(4000)
    await turn()
    expect(input.asked).toBe(4000)
    runtime.tick(1)
    await turn()
    expect([job.progress.items, input.asked]).toEqual([4000, 8000])
    job.cancel()
  })

  it('holds two chunks of more values than that', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const input = counting()
    runtime.job(id, input, { chunk: 3000 })
    await turn()
    expect(input.asked).toBe(6000)
  })

  it('is asked for nothing in the tick, nor as the job is started in one', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    let isInTick = false
    const places: boolean[] = []
    const input: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          places.push(isInTick)
          return { done: places.length > 9, value: 1 }
        },
      }),
    }
    const job = runtime.job(id, input, { chunk: 1 })
    void take(job)
    while (!job.done) {
      isInTick = true
      runtime.tick(1)
      isInTick = false
      await turn()
    }
    expect(places).toEqual(Array.from({ length: 10 }, () => false))
  })

  it('of 20 MB is imported with never more than 2 MB of it in memory', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(IMPORTER)
    const [part, parts] = [64 * 1024, 320]
    let given = 0
    let most = 0
    async function* file(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < parts; index++) {
        await undefined
        given += part
        yield new Uint8Array(part).fill(index % 200)
        most = Math.max(most, given - job.progress.items * part)
      }
    }
    const job = runtime.job(id, file())
    let ticks = 0
    while (!job.done) {
      runtime.tick(1 / 60)
      await runtime.settle()
      ticks++
    }
    const sum = Array.from({ length: parts }, (_, index) => (index % 200) * part).reduce((one, other) => one + other)
    expect(new DataView((await job.result)?.buffer as ArrayBuffer).getBigInt64(0, true)).toBe(BigInt(sum))
    expect(given).toBe(20 * 1024 * 1024)
    expect(most).toBeLessThanOrEqual(2_000_000)
    expect(most).toBeGreaterThan(500_000)
    expect(ticks).toBeGreaterThan(20)
  })

  it('gives all that it can between two ticks of a run that settles, so that the run does not depend on how fast it is', async () => {
    const slices: unknown[] = []
    for (const delay of [0, 3]) {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(jobScript())
      async function* slow(): AsyncGenerator<number> {
        for (let item = 0; item < 50; item++) {
          for (let wait = 0; wait < delay; wait++) await turn()
          yield item
        }
      }
      const job = runtime.job(id, slow(), { chunk: 7 })
      const outputs = take(job)
      while (!job.done) {
        await runtime.settle()
        runtime.tick(1)
      }
      slices.push(await outputs)
    }
    expect(slices[0]).toEqual(slices[1])
  })

  it('that another job is gives its outputs', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const first = runtime.job(id, [1, 2, 3], { chunk: 1 })
    const second = runtime.job(id, first, { chunk: 10 })
    const outputs = take(second)
    while (!second.done) {
      runtime.tick(1)
      await turn()
    }
    expect((await outputs).flat(2)).toEqual([1, 2, 3])
    expect(first.done).toBe(true)
  })

  it('that another job is cancels it, as the second is cancelled', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const first = runtime.job(id, counting())
    const second = runtime.job(id, first)
    await turn()
    runtime.tick(1)
    await turn()
    second.cancel()
    await turn()
    expect([first.done, second.done]).toEqual([true, true])
  })
})

describe('the outputs of a job', () => {
  it('stop it once 64 wait, until they are taken', async () => {
    const { runtime, logs } = await createGame()
    const id = await runtime.loadModule(jobScript(), { name: 'worker' })
    const job = runtime.job(id, counting(), { chunk: 1 })
    for (let tick = 0; tick < 3; tick++) {
      await turn()
      runtime.tick(1)
    }
    expect(job.progress.chunks).toBe(64)
    // It is said once.
    expect(logs.map(({ script, level, message }) => [script, level, message])).toEqual([
      ['worker', 'warn', 'its job waits, because nobody takes its outputs: iterate the job, or return nothing from job_chunk'],
    ])
    const outputs = job[Symbol.asyncIterator]()
    for (let count = 0; count < 10; count++) await outputs.next()
    runtime.tick(1)
    expect(job.progress.chunks).toBe(74)
    job.cancel()
  })

  it('that wait do not keep it from its end', async () => {
    const { runtime } = await createGame()
    const job = runtime.job(await runtime.loadModule(jobScript()), numbers(64), { chunk: 1 })
    runtime.tick(1)
    expect(await job.result).toBe(64)
    expect((await take(job)).length).toBe(64)
  })

  it('stop it once 1 MiB of bytes wait', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const job = runtime.job(
      id,
      Array.from({ length: 20 }, () => new Uint8Array(300 * 1024)),
    )
    runtime.tick(1)
    runtime.tick(1)
    expect(job.progress.chunks).toBe(4)
    void take(job)
    while (!job.done) {
      await turn()
      runtime.tick(1)
    }
    expect(await job.result).toBeDefined()
  })

  it('go to whoever asked first, each to one, and end all iterations', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const job = runtime.job(id, [1, 2, 3], { chunk: 1 })
    const [one, other] = [job[Symbol.asyncIterator](), job[Symbol.asyncIterator]()]
    const results = Promise.all([one.next(), other.next(), one.next(), other.next(), one.next()])
    runtime.tick(1)
    expect((await results).map(({ value }) => value)).toEqual([[1], [2], [3], undefined, undefined])
  })

  it('that are null, or no bytes, are none', async () => {
    const { runtime } = await createGame()
    const nothing = `(module (memory (export "memory") 1) (data (i32.const 0) "null")
      (func (export "job_chunk") (param i32 i32) (result i32 i32) (i32.const 0) (i32.mul (i32.const 4) (i32.const 1))))`
    const values = runtime.job(await runtime.loadModule(nothing), [1])
    const bytes = runtime.job(await runtime.loadModule(nothing.replace('(i32.const 1))))', '(i32.const 0))))')), [new Uint8Array(1)])
    const outputs = Promise.all([take(values), take(bytes)])
    runtime.tick(1)
    expect(await outputs).toEqual([[], []])
    expect([await values.result, await bytes.result]).toEqual([undefined, undefined])
  })
})

describe('a job of a mod', () => {
  it('stands still while the mod is disabled', async () => {
    const { runtime } = await createGame()
    const mods = new Mods(runtime)
    await mods.load([{ manifest: { name: 'worker', version: '1.0.0' }, source: jobScript() }])
    const job = runtime.job(mods.get('worker')?.script as ScriptId, numbers(3), { chunk: 1 })
    const outputs = take(job)
    mods.disable('worker')
    for (let tick = 0; tick < 5; tick++) runtime.tick(1)
    expect([job.done, job.progress.chunks]).toEqual([false, 0])
    mods.enable('worker')
    runtime.tick(1)
    expect([await job.result, await outputs]).toEqual([3, [[0], [1], [2]]])
  })
})
