import { History, Recorder, Recording, Replay, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { jobScript, SPENDS, spend, take, turn } from '../../fixtures/jobs.ts'

/** A job that spawns an entity for each chunk, with its length, at the place that its random number says. */
const BUILDER = jobScript(
  `${spend(20_000)} (local.set $eid (call $spawn)) (call $add (local.get $eid)) (call $x (local.get $eid) (f32.convert_i32_u (local.get $length)))
    (call $y (local.get $eid) (f32.demote_f64 (call $random)))`,
  SPENDS,
)
  .replace(
    '(module',
    `(module (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.add" "Position" (func $add (param i32))) (import "host" "random" (func $random (result f64)))
      (import "ecs.set" "Position.x" (func $x (param i32 f32))) (import "ecs.set" "Position.y" (func $y (param i32 f32)))`,
  )
  .replace('(result i32 i32)', '(result i32 i32) (local $eid i32)')

async function createBuilding(): Promise<Game & { readonly id: Awaited<ReturnType<WasmScriptRuntime['loadModule']>> }> {
  const game = await createGame({ seed: 3 })
  return { ...game, id: await game.runtime.loadModule(BUILDER, { name: 'builder' }) }
}

/** Records a game whose job gets its input at random moments, and whose outputs are taken at others. */
async function record(): Promise<{ readonly recording: Recording; readonly chunks: number }> {
  const { runtime, id } = await createBuilding()
  runtime.tick(1)
  const recorder = new Recorder(runtime)
  let feed: (() => void) | undefined
  async function* slow(): AsyncGenerator<number> {
    for (let item = 0; item < 300; item++) {
      if (item % 37 === 0) await new Promise<void>((resolve) => (feed = resolve))
      yield item
    }
  }
  const job = runtime.job(id, slow(), { chunk: 4, fuelPerTick: 100_000, config: { any: 1 } })
  const other = runtime.job(id, [new Uint8Array(10), new Uint8Array(20)])
  const outputs = job[Symbol.asyncIterator]()
  let isReading = false
  for (let tick = 0; !job.done; tick++) {
    if (tick % 3 === 0) feed?.()
    if (tick === 20) isReading = true
    if (tick === 40) other.cancel()
    if (isReading && tick % 4 === 0)
      void outputs
        .next()
        .then(() => outputs.next())
        .then(() => outputs.next())
        .catch(() => undefined)
    await turn()
    runtime.tick(1)
    if (tick > 2000) throw new Error('it does not end')
  }
  expect(await job.result.catch(() => undefined)).toBeGreaterThan(0)
  const failing = runtime.job(
    id,
    (function* () {
      yield 1
      throw new Error('no more')
    })(),
  )
  runtime.tick(1)
  expect(failing.done).toBe(true)
  return { recording: recorder.stop(), chunks: job.progress.chunks }
}

describe('a replay of a game with jobs', () => {
  it('slices them in the same way, without their inputs', async () => {
    const { recording, chunks } = await record()
    expect(chunks).toBeGreaterThan(50)
    const { runtime, components } = await createBuilding()
    const replay = await Replay.begin(runtime, Recording.fromBytes(recording.toBytes()))
    const { matches, ticks } = await replay.run()
    expect([matches, ticks > 25]).toEqual([true, true])
    expect([...components.Position.x].filter((x) => x > 0).length).toBeGreaterThan(chunks)
    replay.end()
    expect(runtime.tick(1).faults).toBe(0)
  })

  it('that is ended ends them', async () => {
    const { runtime, id } = await createBuilding()
    const recorder = new Recorder(runtime)
    runtime.job(id, [1, 2], { chunk: 1, fuelPerTick: 1000 })
    runtime.tick(1)
    const recording = recorder.stop()
    const replay = await Replay.begin(runtime, recording)
    await replay.run()
    replay.end()
    // Nothing is left that refuses another recording.
    new Recorder(runtime).stop()
  })

  it('finds where a game parts whose job does something else', async () => {
    const { recording } = await record()
    const { runtime } = await createGame({ seed: 3 })
    await runtime.loadModule(BUILDER.replace('(f32.convert_i32_u (local.get $length))', '(f32.const 5)'), { name: 'builder' })
    const replay = await Replay.begin(runtime, recording)
    expect((await replay.run()).matches).toBe(false)
    replay.end()
  })
})

describe('a recorder', () => {
  it('does not begin while a job runs, and says why', async () => {
    const { runtime, id } = await createBuilding()
    const job = runtime.job(id, [1])
    const error = await errorOf(() => new Recorder(runtime))
    expect([error.code, error.detail]).toEqual([
      'InvalidOptions',
      'a job is running, whose earlier input cannot be recorded: start to record before the job, or when it is done',
    ])
    void take(job)
    runtime.tick(1)
    new Recorder(runtime).stop()
  })
})

describe('a recording that was forged', () => {
  it.each([
    ['input for a job that there is not', { kind: 'jobInput', job: 7, items: ['1'], isOver: true, error: null, taken: 5 }],
    ['an input that is no JSON', { kind: 'jobInput', job: 0, items: ['{'], isOver: false, error: null, taken: 0 }],
    ['an input that nests deeply', { kind: 'jobInput', job: 0, items: ['['.repeat(100_000)], isOver: false, error: null, taken: 0 }],
    ['bytes after values', { kind: 'jobInput', job: 0, items: ['1', new Uint8Array(3), '2'], isOver: true, error: null, taken: 9 }],
    ['a job of no script', { kind: 'job', script: 'nobody', options: {} }],
    ['a cancellation of no job', { kind: 'cancelJob', job: 99 }],
  ])('with %s does nothing worse than a job that fails', async (_, forged) => {
    const { runtime, id } = await createBuilding()
    const recorder = new Recorder(runtime)
    const job = runtime.job(
      id,
      (async function* () {
        await new Promise(() => undefined)
      })(),
    )
    runtime.tick(1)
    const { content } = recorder.stop()
    job.cancel()
    const [first, ...rest] = content.inputs
    const recording = new Recording({ ...content, inputs: [first, forged, ...rest] as typeof content.inputs })
    const replay = await Replay.begin(runtime, recording)
    await replay.run()
    replay.end()
    expect(runtime.tick(1).faults).toBe(0)
  })

  it.each([
    { kind: 'jobInput', job: -1, items: [], isOver: false, error: null, taken: 0 },
    { kind: 'jobInput', job: 0, items: [1], isOver: false, error: null, taken: 0 },
    { kind: 'jobInput', job: 0, items: [], isOver: false, error: ['Nothing', ''], taken: 0 },
    { kind: 'jobInput', job: 0, items: [], isOver: false, error: null, taken: 0.5 },
    { kind: 'job', script: 'builder', options: { chunk: 0 } },
    { kind: 'cancelJob', job: 'all' },
  ])('is refused with %o', async (forged) => {
    const { runtime } = await createBuilding()
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    const { content } = recorder.stop()
    expect(
      await codeOf(() =>
        Recording.fromBytes(new Recording({ ...content, inputs: [forged] as unknown as typeof content.inputs }).toBytes()),
      ),
    ).not.toBe(undefined)
  })
})

describe('a history', () => {
  it('that is rewound ends jobs, and starts none', async () => {
    const { runtime, id } = await createBuilding()
    const history = new History(runtime)
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    const job = runtime.job(id, [1, 2, 3], { chunk: 1, fuelPerTick: 30_000 })
    runtime.tick(1)
    history.back(2)
    expect((await errorOf(job.result)).detail).toBe('the job was ended: the game was restored, and no snapshot holds a job')
    expect(runtime.tick(1).faults).toBe(0)
    history.dispose()
  })
})

describe('a reload that is rolled back', () => {
  it('ends jobs', async () => {
    const { runtime, id } = await createBuilding()
    const other = await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'other' })
    await runtime.reloadModule(other, '(module (func (export "tick") (param f32) unreachable))')
    const job = runtime.job(id, [1, 2, 3], { chunk: 1, fuelPerTick: 30_000 })
    runtime.tick(1)
    expect((await errorOf(job.result)).code).toBe('Disposed')
    expect(runtime.script(other).status).toBe('active')
  })
})
