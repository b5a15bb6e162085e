import { describe, expect, it } from 'vitest'
import { ALLOCATOR, component } from '../../fixtures/component.ts'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { take, turn } from '../../fixtures/jobs.ts'
import { plugin } from '../../fixtures/plugin.ts'

async function run({ runtime }: Game, job: { readonly done: boolean }): Promise<void> {
  while (!job.done) {
    runtime.tick(1)
    await turn()
  }
}

describe('a plugin of Extism', () => {
  const echo = (more = ''): string =>
    plugin(
      `(global $init (mut i32) (i32.const 0))
      (func (export "job_init") (result i32) (global.set $init (call $input (i32.const 100))) (i32.const 0))
      (func (export "job_chunk") (result i32) ${more} (call $output (i32.const 0) (call $input (i32.const 0))) (i32.const 0))
      (func (export "job_finish") (result i32) (call $output (i32.const 100) (global.get $init)) (i32.const 0))
      (func (export "job_cleanup") (result i32) (call $log_info (call $block (i32.const 100) (global.get $init))) (i32.const 0))`,
    )

  it('takes values and bytes, by the inputs and outputs of its functions', async () => {
    const game = await createGame()
    const { runtime, logs } = game
    const id = await runtime.loadModule(echo())
    const values = runtime.job(id, [{ a: 1 }, 'two'], { config: { seed: 7 } })
    const bytes = runtime.job(id, [new Uint8Array([1, 2])])
    const outputs = Promise.all([take(values), take(bytes)])
    await run(game, bytes)
    expect(await outputs).toEqual([[[{ a: 1 }, 'two']], [new Uint8Array([1, 2])]])
    expect([await values.result, new TextDecoder().decode(await bytes.result)]).toEqual([{ seed: 7 }, 'null'])
    expect(logs.map(({ message }) => message)).toEqual(['{"seed":7}', 'null'])
  })

  it('ends a job with an error of its own, and cleans up', async () => {
    const game = await createGame()
    const id = await game.runtime.loadModule(echo('(call $error_set (call $block (i32.const 100) (global.get $init)))'))
    const job = game.runtime.job(id, [1], { config: 'not today' })
    await run(game, job)
    expect(await errorOf(job.result)).toMatchObject({ code: 'GuestError', detail: '"not today"', export: 'job_chunk' })
    expect(game.runtime.script(id).status).toBe('active')
  })

  it('in a worker takes no jobs, and says why', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(echo(), { worker: true })
    expect(await errorOf(() => runtime.job(id, [1]))).toMatchObject({
      code: 'InvalidOptions',
      detail: 'it runs in a worker, and a job runs within the tick: load it without worker: true',
    })
    runtime.dispose()
  })
})

describe('a component', () => {
  it('takes values of any types', async () => {
    const bytes = await component(
      'export job-init: func(first: u32); export job-chunk: func(items: list<u32>) -> list<u32>; export job-finish: func() -> u32; export job-cleanup: func();',
      `(module ${ALLOCATOR} (global $sum (mut i32) (i32.const 0))
        (func (export "job-init") (param i32) (global.set $sum (local.get 0)))
        (func (export "job-chunk") (param $at i32) (param $length i32) (result i32) (local $index i32)
          (loop $next
            (global.set $sum (i32.add (global.get $sum) (i32.load (i32.add (local.get $at) (i32.shl (local.get $index) (i32.const 2))))))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $index) (local.get $length))))
          (i32.store (i32.const 16) (local.get $at)) (i32.store (i32.const 20) (local.get $length)) (i32.const 16))
        (func (export "job-finish") (result i32) (global.get $sum))
        (func (export "job-cleanup")))`,
    )
    const game = await createGame()
    const id = await game.runtime.loadModule(bytes)
    const job = game.runtime.job(id, [1, 2, 3], { config: 100, chunk: 2 })
    const outputs = take(job)
    await run(game, job)
    expect([await outputs, await job.result]).toEqual([[[1, 2], [3]], 106])
  })

  it('takes bytes as a list of them, and is made anew to clean up after a trap', async () => {
    const bytes = await component(
      'import bitscript:game/log; export job-chunk: func(part: list<u8>) -> list<u8>; export job-cleanup: func();',
      `(module (import "bitscript:game/log" "write" (func $write (param i32 i32))) ${ALLOCATOR} (data (i32.const 32) "clean")
        (func (export "job-chunk") (param $at i32) (param $length i32) (result i32)
          (if (i32.eq (local.get $length) (i32.const 3)) (then unreachable))
          (i32.store (i32.const 16) (local.get $at)) (i32.store (i32.const 20) (local.get $length)) (i32.const 16))
        (func (export "job-cleanup") (call $write (i32.const 32) (i32.const 5))))`,
    )
    const game = await createGame()
    const { runtime, logs } = game
    const job = runtime.job(await runtime.loadModule(bytes), [new Uint8Array([1, 2]), new Uint8Array(3)])
    const outputs = take(job)
    await run(game, job)
    expect([await outputs, (await errorOf(job.result)).code]).toEqual([[new Uint8Array([1, 2])], 'Trap'])
    expect(logs.map(({ message }) => message)).toEqual(['clean'])
  })
})
