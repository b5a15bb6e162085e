import { resetWorld } from 'bitecs'
import type { Job, ScriptId, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { jobScript, take, turn } from '../../fixtures/jobs.ts'

/** Promises that were rejected and that nobody handled. */
const unhandled: unknown[] = []
const keep = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', keep))
afterAll(async () => {
  await turn()
  process.off('unhandledRejection', keep)
  expect(unhandled).toEqual([])
})

/** An input that gives the numbers and then nothing, for ever. Tells whether it was closed. */
function openInput(...items: unknown[]): AsyncIterable<unknown> & { isClosed: boolean } {
  const input = {
    isClosed: false,
    async *[Symbol.asyncIterator]() {
      try {
        yield* items
        await new Promise(() => undefined)
      } finally {
        input.isClosed = true
      }
    },
  }
  return input
}

interface Stage extends Game {
  readonly id: ScriptId
  readonly job: Job
  /** What each `job_cleanup` told: the chunks that its instance had. */
  readonly cleanups: unknown[]
}

/** Starts a job that has had one chunk and waits for more. */
async function createStage(chunk?: string, more?: string, host = {}): Promise<Stage> {
  const game = await createGame({ host })
  const { runtime } = game
  const cleanups: unknown[] = []
  runtime.on('event', ({ name, args }) => name === 'cleaned' && cleanups.push(args[0]))
  const id = await runtime.loadModule(jobScript(chunk, more), { name: 'worker' })
  const job = runtime.job(id, openInput(1))
  await turn()
  runtime.tick(1)
  return { ...game, id, job, cleanups }
}

const ENDS: readonly (readonly [string, (stage: Stage) => unknown, string])[] = [
  ['it is cancelled', ({ job }) => job.cancel(), 'the job was ended: it was cancelled'],
  ['its loop is left', ({ job }) => job[Symbol.asyncIterator]().return?.(), 'the job was ended: it was cancelled'],
  ['its script is unloaded', ({ runtime, id }) => runtime.unloadModule(id), 'the job was ended: its script was unloaded'],
  [
    'its script is reloaded',
    ({ runtime, id }) => runtime.reloadModule(id, jobScript('nop', '(func)')),
    'the job was ended: its script was reloaded',
  ],
  [
    'the game is restored',
    ({ runtime }) => runtime.restore(runtime.snapshot()),
    'the job was ended: the game was restored, and no snapshot holds a job',
  ],
  ['the runtime is disposed of', ({ runtime }) => runtime.dispose(), 'the job was ended: the runtime was disposed of'],
]

describe('a job ends', () => {
  it.each(ENDS)('when %s: its result says so, its cleanup runs in its own instance, its iteration ends', async (_, end, detail) => {
    const stage = await createStage()
    const { job, cleanups, errors } = stage
    const outputs = job[Symbol.asyncIterator]()
    expect(await outputs.next()).toEqual({ done: false, value: [1] })
    const next = errorOf(outputs.next())
    await end(stage)
    const error = await errorOf(job.result)
    expect([error.code, error.detail, error.script]).toEqual(['Disposed', detail, 'worker'])
    expect(await next).toBe(error)
    expect(await outputs.next()).toEqual({ done: true, value: undefined })
    expect([job.done, job.progress]).toEqual([true, { chunks: 1, items: 1 }])
    expect([cleanups, errors]).toEqual([[1], []])
  })

  it.each(ENDS)('when %s, and nobody listens', async (_, end) => {
    const stage = await createStage()
    await end(stage)
    await turn()
    expect(stage.job.done).toBe(true)
  })

  it.each(ENDS)('when %s before it begins: no cleanup is due', async (_, end) => {
    const stage = await createStage()
    const input = openInput(1)
    const job = stage.runtime.job(stage.id, input)
    await end({ ...stage, job })
    await turn()
    expect(job.done).toBe(true)
    expect(stage.cleanups.length).toBeLessThan(2)
  })

  it('with the input closed, even if it never gives what it was asked for', async () => {
    const { runtime, id } = await createStage()
    const closed: string[] = []
    const input: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          closed.push('closed')
          return Promise.reject(new Error('no matter'))
        },
      }),
    }
    const job = runtime.job(id, input)
    await turn()
    job.cancel()
    job.cancel()
    await turn()
    expect(closed).toEqual(['closed'])
  })

  it('for good: what is done to it later changes nothing', async () => {
    const { runtime, id, cleanups } = await createStage()
    const job = runtime.job(id, [1])
    runtime.tick(1)
    expect(await job.result).toBe(1)
    job.cancel()
    runtime.unloadModule(id)
    job.cancel()
    expect([await job.result, cleanups]).toEqual([1, [1, 1]])
  })

  it('with a warning in the report of the reload that ended it', async () => {
    const { runtime, id } = await createStage()
    const { warnings } = await runtime.reloadModule(id, jobScript('nop', '(func)'))
    expect(warnings).toEqual(['a job of the old code ended, and can be started again'])
    expect((await runtime.reloadModule(id, jobScript('nop', '(func) (func)'))).warnings).toEqual([])
  })

  it('not by a reload that fails', async () => {
    const { runtime, id, job } = await createStage()
    await expect(runtime.reloadModule(id, jobScript('nop', '(func (export "init") unreachable)'))).rejects.toBeDefined()
    runtime.tick(1)
    expect(job.done).toBe(false)
  })

  it('of a world that was reset, without a cleanup', async () => {
    const { runtime, world, job } = await createStage()
    resetWorld(world)
    job.cancel()
    expect((await errorOf(job.result)).detail).toBe('the job was ended: it was cancelled')
    runtime.dispose()
  })
})

describe('a job that faults', () => {
  it('rejects with the fault, cleans up in a new instance, and leaves its script alone', async () => {
    const { runtime, id, errors, cleanups } = await createStage('(if (i32.eq (global.get $chunks) (i32.const 2)) (then unreachable))')
    const job = runtime.job(id, [1, 2, 3], { chunk: 1 })
    expect(runtime.tick(1).faults).toBe(1)
    const error = await errorOf(job.result)
    expect([error.code, error.export, error.script]).toEqual(['Trap', 'job_chunk', 'worker'])
    expect(errors).toEqual([error])
    expect([runtime.script(id).status, cleanups]).toEqual(['active', [0]])
    expect(await take(job)).toEqual([[1]])
    expect(runtime.tick(1).faults).toBe(0)
  })

  it.each([
    ['job_init', '(func (export "job_init") unreachable)', [0]],
    ['job_finish', '', [0]],
  ])('in %s, too', async (name, more, cleaned) => {
    const { runtime, cleanups } = await createStage()
    const script = jobScript('nop', more)
    const id = await runtime.loadModule(
      name === 'job_init' ? script : script.replace('(i32.store8 (i32.const 0)', 'unreachable (i32.store8 (i32.const 0)'),
    )
    const job = runtime.job(id, [])
    runtime.tick(1)
    expect(await errorOf(job.result)).toMatchObject({ code: 'Trap', export: name })
    expect(cleanups).toEqual(cleaned)
  })

  it('in job_cleanup has its result all the same, and the fault is reported', async () => {
    const { runtime, errors } = await createStage()
    const id = await runtime.loadModule(jobScript().replace('(call $cleaned', 'unreachable (call $cleaned'))
    const job = runtime.job(id, [1])
    runtime.tick(1)
    expect(await job.result).toBe(1)
    expect(errors.map(({ code, export: name }) => [code, name])).toEqual([['Trap', 'job_cleanup']])
  })

  it('is told of on the console if nobody listens', async () => {
    const { runtime, id, errors } = await createStage('(if (i32.eq (global.get $chunks) (i32.const 2)) (then unreachable))')
    runtime.job(id, [1, 2], { chunk: 1 })
    runtime.tick(1)
    await turn()
    expect(errors).toHaveLength(1)
  })

  it('by what its input throws is the fault of the game, and cleans up in its own instance', async () => {
    const { runtime, id, errors, cleanups } = await createStage()
    const cause = new Error('the disk is full')
    function* failing(): Generator<number> {
      yield 1
      throw cause
    }
    const job = runtime.job(id, failing())
    runtime.tick(1)
    const error = await errorOf(job.result)
    expect([error.code, error.detail, error.cause]).toEqual(['HostError', "the input of the job threw 'the disk is full'", cause])
    expect([errors, cleanups]).toEqual([[error], [1]])
    expect(await take(job)).toEqual([[1]])
  })
})

describe('a script that faults while its job runs', () => {
  it('ends the job, and one that is restarted does not go on with it', async () => {
    for (const onFault of ['stop', { restart: 3, within: 100 }] as const) {
      const { runtime, cleanups } = await createStage()
      const id = await runtime.loadModule(jobScript('nop', '(func (export "boom") unreachable)'), { onFault })
      const job = runtime.job(id, openInput(1))
      await turn()
      runtime.tick(1)
      expect(() => runtime.call(id, 'boom')).toThrow()
      expect(job.done).toBe(false)
      runtime.tick(1)
      const error = await errorOf(job.result)
      expect([error.code, error.detail]).toEqual(['Disposed', 'the job was ended: its script has faulted'])
      expect((error.cause as { code?: string }).code).toBe('Trap')
      expect(cleanups).toEqual([1])
    }
  })

  it('in the same tick if it faults in the tick', async () => {
    const { runtime } = await createStage()
    const id = await runtime.loadModule(jobScript('nop', '(func (export "tick") (param f32) unreachable)'))
    const job = runtime.job(id, [1])
    runtime.tick(1)
    expect(job.done).toBe(true)
  })
})

describe('a host function that a job calls', () => {
  it.each(ENDS.filter(([what]) => !/restored|reloaded/.test(what)))(
    'ends the job when %s: its cleanup runs when the call has returned',
    async (what, end, detail) => {
      const act = { now: (): unknown => undefined }
      const calls: string[] = []
      const host = { test: { act: () => void act.now(), cleaned: () => void calls.push('cleaned') } }
      const game = await createGame({ host })
      const { runtime } = game
      const id = await runtime.loadModule(
        `(module (import "test" "act" (func $act)) (import "test" "cleaned" (func $cleaned)) (memory (export "memory") 1)
        (func (export "job_chunk") (param i32 i32) (call $act)) (func (export "job_cleanup") (call $cleaned)))`,
        { name: 'worker' },
      )
      const job = runtime.job(id, [1, 2, 3], { chunk: 1 })
      act.now = () => {
        void end({ ...game, id, job, cleanups: [] })
        calls.push('ended')
      }
      runtime.tick(1)
      expect(calls).toEqual(['ended', 'cleaned'])
      expect((await errorOf(job.result)).detail).toBe(detail)
      expect(game.errors).toEqual([])
      if (!what.includes('disposed')) runtime.tick(1)
    },
  )

  it('cleans up in a new instance if the call that ended it faults then', async () => {
    const act = { now: (): unknown => undefined }
    const cleaned: number[] = []
    const { runtime } = await createGame({
      host: { test: { act: () => void act.now(), cleaned: (_, calls: number) => void cleaned.push(calls) } },
    })
    const id = await runtime.loadModule(
      `(module (import "test" "act" (func $act)) (import "test" "cleaned" (func $cleaned (param i32))) (memory (export "memory") 1)
        (global $calls (mut i32) (i32.const 0))
        (func (export "job_chunk") (param i32 i32) (global.set $calls (i32.const 1)) (call $act) unreachable)
        (func (export "job_cleanup") (call $cleaned (global.get $calls))))`,
    )
    const job = runtime.job(id, [1])
    act.now = () => job.cancel()
    runtime.tick(1)
    expect([(await errorOf(job.result)).code, cleaned]).toEqual(['Disposed', [0]])
  })

  it('may start a job, which runs from the next tick on', async () => {
    const act = { now: (): unknown => undefined }
    const { runtime } = await createGame({ host: { test: { act: () => void act.now() } } })
    const id = await runtime.loadModule(
      '(module (import "test" "act" (func $act)) (memory (export "memory") 1) (func (export "job_chunk") (param i32 i32) (call $act)))',
    )
    let inner: Job | undefined
    act.now = () => {
      inner ??= runtime.job(id, [1])
    }
    runtime.job(id, [1])
    runtime.tick(1)
    expect(inner?.progress.chunks).toBe(0)
    runtime.tick(1)
    expect(inner?.done).toBe(true)
  })
})

describe('an input that uses the runtime', () => {
  it.each([
    ['ticks', (runtime: WasmScriptRuntime) => runtime.tick(1), 1],
    ['ends all', (runtime: WasmScriptRuntime) => runtime.dispose(), 'Disposed'],
  ])('as it is read: it %s', async (_, use, expected) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(jobScript())
    const job = runtime.job(
      id,
      (function* () {
        use(runtime)
        yield 1
      })(),
    )
    void take(job)
    const outcome = await Promise.resolve()
      .then(() => runtime.tick(1).faults)
      .catch((error: { code: string }) => error.code)
    expect(outcome).toBe(expected === 1 ? 0 : expected)
    expect(await job.result.catch(({ code }: { code: string }) => code)).toBe(expected)
  })
})
