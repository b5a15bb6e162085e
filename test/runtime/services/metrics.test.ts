import { Recorder, Replay, type ScriptId, Snapshot, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_SERIES } from '../../../src/host/services/service-limits.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Writes 1 to metrics of a kind for each name, by exports `m0`, `m1`, … that take the number. */
const writes = (kind: string, ...names: string[]): string => `(module
  ${names.map((name, index) => `(import "metrics.${kind}" "${name}" (func $m${index} (param f64)))`).join('\n')}
  ${names.map((_, index) => `(func (export "m${index}") (param f64) (call $m${index} (local.get 0)))`).join('\n')})`

async function createWriter(kind: string, ...names: string[]): Promise<{ runtime: WasmScriptRuntime; id: ScriptId }> {
  const { runtime } = await createGame()
  return { runtime, id: await runtime.loadModule(writes(kind, ...names), { name: 'gun' }) }
}

describe('a metric', () => {
  it('that is a counter adds up, from 0 on, and does not fall', async () => {
    const { runtime } = await createGame()
    const gun = await runtime.loadModule(writes('counter', 'shots{weapon=laser}', 'shots'), { name: 'gun' })
    const values = () => runtime.metrics().map(({ name, kind, tags, value, script }) => [name, kind, tags, value, script])
    expect(values()).toEqual([
      ['shots', 'counter', { weapon: 'laser' }, 0, 'gun'],
      ['shots', 'counter', {}, 0, 'gun'],
    ])
    for (const number of [2, 0.5, -1, Number.NaN]) runtime.call(gun, 'm0', number)
    expect(values()[0]?.[3]).toBe(2.5)
    expect(values()[1]?.[3]).toBe(0)
  })

  it('that is a gauge has the last number', async () => {
    const { runtime, id } = await createWriter('gauge', 'enemies')
    for (const number of [5, -2]) runtime.call(id, 'm0', number)
    expect(runtime.metrics()).toMatchObject([{ kind: 'gauge', value: -2 }])
  })

  it('that is a histogram has count, sum, least and greatest', async () => {
    const { runtime, id } = await createWriter('histogram', 'damage')
    expect(runtime.metrics()).toMatchObject([{ kind: 'histogram', value: { count: 0, sum: 0, min: 0, max: 0 } }])
    for (const number of [5, 3, Number.NaN, 7]) runtime.call(id, 'm0', number)
    expect(runtime.metrics()).toMatchObject([{ kind: 'histogram', value: { count: 3, sum: 15, min: 3, max: 7 } }])
  })

  it('is the same whatever the order of its tags', async () => {
    const { runtime, id } = await createWriter('counter', 'shots{b=2,a=1}', 'shots{a=1,b=2}')
    runtime.call(id, 'm0', 1)
    runtime.call(id, 'm1', 1)
    expect(runtime.metrics()).toMatchObject([{ tags: { a: '1', b: '2' }, value: 2 }])
  })

  it.each([
    ['', 'a name has letters, digits and _'],
    ['1st', 'a name has letters, digits and _'],
    ['shots-fired', 'a name has letters, digits and _'],
    ['shots{', 'its braces do not match'],
    ['shots{a=1}x', 'its braces do not match'],
    ['shots{}', "'' is no key of a tag"],
    ['shots{a-b=1}', "'a-b' is no key of a tag"],
    ['shots{__a=1}', "'__a' is no key of a tag"],
    ['shots{a}', "the tag 'a' has no value"],
    ['shots{a=}', "the tag 'a' has no value"],
    ['shots{a=1,a=2}', "the tag 'a' is given twice"],
    ['shots{script=x}', "the tag 'script' is the name of the script that writes it"],
  ])('cannot be named %j', async (name, why) => {
    const { runtime } = await createGame()
    const { code, message } = await errorOf(runtime.loadModule(writes('counter', name)))
    expect([code, message]).toEqual(['UnknownImport', expect.stringContaining(why)])
    expect(message).toContain('write it as shots{weapon=laser,mode=burst}')
    expect(runtime.metrics()).toEqual([])
  })

  it('has a name that is one kind of metric in the whole game', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(writes('histogram', 'damage'), { name: 'gun' })
    const { code, message } = await errorOf(runtime.loadModule(writes('counter', 'damage')))
    expect([code, message]).toEqual([
      'DuplicateName',
      expect.stringContaining("'damage' is a histogram in gun, and would be a counter; choose another name"),
    ])
    expect(await codeOf(runtime.loadModule(writes('gauge', 'damage_min')))).toBe('DuplicateName')
    await runtime.loadModule(writes('histogram', 'damage'), { name: 'other' })
  })

  it('must be granted, as a module or by its kind, and declared with its type', async () => {
    const { runtime } = await createGame()
    for (const host of [['metrics'], ['metrics.counter']]) await runtime.loadModule(writes('counter', 'a'), { grant: { host } })
    for (const host of [[], ['host'], ['metrics.gauge']])
      expect(await codeOf(runtime.loadModule(writes('counter', 'a'), { grant: { host } }))).toBe('GrantDenied')
    const wrong = '(module (import "metrics.counter" "a" (func (param i32))) (func (export "f")))'
    expect(await codeOf(runtime.loadModule(wrong))).toBe('ImportTypeMismatch')
  })

  it(`is one of at most ${MAX_SERIES} that a script imports`, async () => {
    const { runtime } = await createGame()
    const names = Array.from({ length: MAX_SERIES + 1 }, (_, index) => `a{n=${index}}`)
    const { code, message } = await errorOf(runtime.loadModule(writes('counter', ...names)))
    expect([code, message]).toEqual(['TooLarge', expect.stringContaining(`more than ${MAX_SERIES} metrics, which no option raises`)])
  })
})

describe('the metrics of a script', () => {
  it('stay over a reload as far as the new code imports them, and go with the script', async () => {
    const { runtime, id } = await createWriter('counter', 'kept', 'gone')
    runtime.call(id, 'm0', 1)
    runtime.call(id, 'm1', 1)
    await runtime.reloadModule(id, writes('counter', 'kept', 'fresh'))
    expect(runtime.metrics()).toMatchObject([
      { name: 'kept', value: 1 },
      { name: 'fresh', value: 0 },
    ])
    await runtime.reloadModule(id, writes('counter', 'gone'))
    expect(runtime.metrics()).toMatchObject([{ name: 'gone', value: 0 }])
    runtime.unloadModule(id)
    expect(runtime.metrics()).toEqual([])
  })

  it('are as they were if a reload fails, or is rolled back', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(writes('counter', 'a'), { name: 'a' })
    runtime.call(id, 'm0', 3)
    const init = (body: string, tick = '') => `(module (import "metrics.counter" "a" (func $a (param f64)))
      (func (export "init") (call $a (f64.const 10)) ${body}) (func (export "tick") (param f32) ${tick}))`
    expect(await codeOf(runtime.reloadModule(id, init('unreachable')))).toBe('InitFailed')
    expect(runtime.metrics()).toMatchObject([{ value: 3 }])
    await runtime.reloadModule(id, init('', 'unreachable'))
    expect(runtime.metrics()).toMatchObject([{ value: 13 }])
    runtime.tick(1)
    expect(runtime.metrics()).toMatchObject([{ value: 3 }])
    runtime.call(id, 'm0', 1)
    expect(runtime.metrics()).toMatchObject([{ value: 4 }])
  })

  it('are part of snapshots, as bytes too, and of replays', async () => {
    const { runtime, id } = await createWriter('histogram', 'damage')
    runtime.call(id, 'm0', 4)
    const saved = runtime.snapshot()
    const recorder = new Recorder(runtime)
    runtime.call(id, 'm0', Number.POSITIVE_INFINITY)
    runtime.tick(1)
    const after = runtime.metrics()
    const recording = recorder.stop()
    runtime.restore(saved)
    expect(runtime.metrics()).toMatchObject([{ value: { count: 1, sum: 4 } }])

    const other = await createWriter('histogram', 'damage')
    other.runtime.restore(Snapshot.fromBytes(saved.toBytes()))
    expect(other.runtime.metrics()).toEqual(runtime.metrics())
    const replay = await Replay.begin(other.runtime, recording)
    await replay.run()
    expect(other.runtime.metrics()).toEqual(after)
  })
})

describe('formatPrometheus', () => {
  it('gives a TYPE for each name, and a line for each metric with its tags and script', async () => {
    const { runtime } = await createGame()
    expect(runtime.formatPrometheus()).toBe('')
    const gun = await runtime.loadModule(writes('counter', 'shots{weapon=laser}', 'shots'), { name: 'gun' })
    await runtime.loadModule(writes('gauge', 'heat'), { name: 'heat' })
    await runtime.loadModule(writes('counter', 'shots'), { name: 'bow' })
    const hits = await runtime.loadModule(writes('histogram', 'damage', 'unused'), { name: 'hits' })
    runtime.call(gun, 'm0', 2)
    for (const damage of [1, 2.5]) runtime.call(hits, 'm0', damage)
    expect(runtime.formatPrometheus()).toBe(`# TYPE shots counter
shots{weapon="laser",script="gun"} 2
shots{script="gun"} 0
shots{script="bow"} 0
# TYPE heat gauge
heat{script="heat"} 0
# TYPE damage summary
damage_sum{script="hits"} 3.5
damage_count{script="hits"} 2
# TYPE damage_min gauge
damage_min{script="hits"} 1
# TYPE damage_max gauge
damage_max{script="hits"} 2.5
# TYPE unused summary
unused_sum{script="hits"} 0
unused_count{script="hits"} 0
`)
  })

  it('escapes what tags and names of scripts may hold, and writes numbers as Prometheus does', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(writes('gauge', 'a{path=C:\\\\,quote=\\22,line=\\0a}', 'b', 'c', 'd'), { name: 'say "hi"\\\n' })
    for (const [index, number] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries())
      runtime.call(id, `m${index + 1}`, number)
    const script = 'script="say \\"hi\\"\\\\\\n"'
    expect(runtime.formatPrometheus().split('\n')).toEqual([
      '# TYPE a gauge',
      `a{line="\\n",path="C:\\\\",quote="\\"",${script}} 0`,
      '# TYPE b gauge',
      `b{${script}} NaN`,
      '# TYPE c gauge',
      `c{${script}} +Inf`,
      '# TYPE d gauge',
      `d{${script}} -Inf`,
      '',
    ])
  })
})
