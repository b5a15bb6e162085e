import type { Job, ScriptId } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { turn } from '../../fixtures/jobs.ts'

/** A job whose chunk 7 traps, and that spends some fuel for each chunk. */
const JOBS = `(module (import "test" "begun" (func $begun)) (import "test" "cleaned" (func $cleaned))
  (memory (export "memory") 1) (global $left (mut i32) (i32.const 0)) (global $chunks (mut i32) (i32.const 0))
  (func (export "job_init") (call $begun))
  (func (export "job_chunk") (param $at i32) (param $length i32) (result i32 i32)
    (global.set $chunks (i32.add (global.get $chunks) (i32.const 1)))
    (if (i32.eq (global.get $chunks) (i32.const 7)) (then unreachable))
    (global.set $left (i32.const 2000))
    (loop $spend
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      (br_if $spend (global.get $left)))
    (local.get $at) (local.get $length))
  (func (export "job_cleanup") (call $cleaned))
  (func (export "boom") unreachable))`

const STEPS = [
  'tick',
  'tick',
  'tick',
  'start',
  'start a stream',
  'take',
  'cancel',
  'leave',
  'reload',
  'unload',
  'restore',
  'boom',
  'turn',
] as const

describe('whatever happens to jobs', () => {
  it('each that began is cleaned up once, each result settles, and nothing is kept', async () => {
    const run = async (steps: readonly (typeof STEPS)[number][]): Promise<void> => {
      const counts = { begun: 0, cleaned: 0 }
      const { runtime, errors } = await createGame({
        host: { test: { begun: () => void counts.begun++, cleaned: () => void counts.cleaned++ } },
      })
      const load = (): Promise<ScriptId> => runtime.loadModule(JOBS, { limits: { totalMemoryPages: 6 } })
      let id = await load()
      const saved = runtime.snapshot()
      const jobs: Job[] = []
      const settled: Promise<unknown>[] = []
      const keep = (job: Job): void => {
        jobs.push(job)
        settled.push(
          job.result.then(
            () => 'done',
            ({ code }: { code: string }) => code,
          ),
        )
      }
      const act: Record<(typeof STEPS)[number], () => unknown> = {
        tick: () => runtime.tick(1),
        start: () => keep(runtime.job(id, [1, 2, 3, 4, 5, 6, 7, 8].slice(jobs.length % 4), { chunk: 1, fuelPerTick: 60_000 })),
        'start a stream': () =>
          keep(
            runtime.job(
              id,
              (async function* () {
                for (let item = 0; ; item++) {
                  await undefined
                  yield item
                }
              })(),
              { chunk: 1, fuelPerTick: 60_000 },
            ),
          ),
        take: () =>
          void jobs
            .at(-1)
            ?.[Symbol.asyncIterator]()
            .next()
            .catch(() => undefined),
        cancel: () => jobs.at(-1)?.cancel(),
        leave: () => void jobs[0]?.[Symbol.asyncIterator]().return?.(),
        reload: () =>
          runtime.reloadModule(
            id,
            `${JOBS};; ${jobs.length} ${runtime.script(id).generation}`.replace('(i32.const 2000)', `(i32.const ${2000 + jobs.length})`),
          ),
        async unload() {
          runtime.unloadModule(id)
          id = await load()
        },
        restore: () => runtime.restore(saved),
        boom: () => expect(() => runtime.call(id, 'boom')).toThrow(),
        turn,
      }
      for (const step of steps) await act[step]()
      runtime.tick(1)
      if (runtime.script(id).status === 'faulted') await act.reload()
      for (const job of jobs) job.cancel()
      // The room of the ended jobs is there again.
      const again = [1, 2, 3, 4, 5].map(() => runtime.job(id, [1]))
      runtime.tick(1)
      expect(await Promise.all(again.map(({ result }) => result))).toEqual([undefined, undefined, undefined, undefined, undefined])
      runtime.dispose()
      expect(counts.cleaned).toBe(counts.begun)
      for (const code of await Promise.all(settled)) expect(['done', 'Disposed', 'Trap', 'OutOfMemory']).toContain(code)
      for (const { code } of errors) expect(['Trap', 'OutOfMemory']).toContain(code)
    }
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 40 }), run), { numRuns: 40 })
  })
})
