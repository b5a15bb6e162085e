import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

const script = (...exports: readonly string[]): string =>
  `(module (memory (export "memory") 1) ${exports.map((each) => `(func (export "${each.split(' ')[0]}") ${each.slice(each.indexOf(' '))})`).join('')})`
const RUNS = 'tick (param f32)'
const uncalled = (name: string, meant: string): string => `export '${name}': the runtime does not call it; did you mean '${meant}'?`

describe('loadModule warns of', () => {
  it.each([
    ['updat (param i32 f32)', 'update'],
    ['udpate (param i32 f32)', 'update'],
    ['Update (param i32 f32)', 'update'],
    ['tik (param f32)', 'tick'],
    ['on_atach (param i32)', 'on_attach'],
    ['onDetach (param i32)', 'on_detach'],
    ['on_tick (param f32)', 'tick'],
    ['int', 'init'],
    ['getState (result i32 i32) i32.const 0 i32.const 0', 'get_state'],
    ['get_metadate (result i32 i32) i32.const 0 i32.const 0', 'get_metadata'],
  ])("an export named almost like one that the runtime calls: '%s'", async (text, meant) => {
    const { runtime, logs } = await createGame()
    const loaded: unknown[] = []
    runtime.on('load', ({ warnings }) => loaded.push(warnings))
    const name = text.split(' ')[0] as string
    const id = await runtime.loadModule(script(`${text} `), { name: 'script' })
    expect(runtime.script(id).warnings).toEqual([uncalled(name, meant)])
    expect(loaded).toEqual([[uncalled(name, meant)]])
    expect(logs).toEqual([{ script: 'script', level: 'warn', message: uncalled(name, meant), tick: 0 }])
    expect((await runtime.checkModule(script(`${text} `))).exports.at(-1)).toMatchObject({ name, warning: expect.stringContaining(meant) })
  })

  it.each([
    'pick (param i32)',
    'unit',
    'ticks (result i32) i32.const 0',
    'on_attack (param i32)',
    'on_hit (param i32)',
    'get_stats (result i32 i32) i32.const 0 i32.const 0',
    'get_score (result i32 i32) i32.const 0 i32.const 0',
    'malloc (param i32) (result i32) i32.const 0',
    'progress (param i32 i32) (result i64) i64.const 0',
    'process (param f32)',
  ])("but not of another word: '%s'", async (text) => {
    const { runtime } = await createGame()
    expect(runtime.script(await runtime.loadModule(script(`${text} `))).warnings).toEqual([])
  })

  it('nor of a name beside the one that it resembles, or that the host requires', async () => {
    const { runtime } = await createGame()
    expect(runtime.script(await runtime.loadModule(script(RUNS, 'tik (param f32)'))).warnings).toEqual([])
    expect(runtime.script(await runtime.loadModule(script('tik (param f32)'), { requires: ['tik'] })).warnings).toEqual([])
  })

  it('the first of very many, and how many there are', async () => {
    const { runtime } = await createGame()
    const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index))
    const id = await runtime.loadModule(
      script(...letters.filter((letter) => letter !== 'e').map((letter) => `updat${letter} (param i32 f32)`), RUNS),
    )
    const { warnings } = runtime.script(id)
    expect(warnings).toHaveLength(11)
    expect(warnings.at(-1)).toBe('and 15 more warnings of this kind')
    const events = await runtime.loadModule(script(...letters.map((letter) => `on_${letter.repeat(500)} `)), { name: 'events' })
    const report = await runtime.reloadModule(events, script(RUNS))
    expect(report.warnings).toHaveLength(11)
    expect(report.warnings.join('').length).toBeLessThan(2000)
  })

  it('a config that no init takes', async () => {
    const { runtime } = await createGame()
    const warnings = async (text: string, config?: unknown): Promise<readonly string[]> =>
      runtime.script(await runtime.loadModule(script(RUNS, text), { config })).warnings
    const told = [expect.stringMatching(/^the config is passed to nothing: export init with the parameters \(i32, i32\)/)]
    expect(await warnings('other ', { bullets: 3 })).toEqual(told)
    expect(await warnings('init ', { bullets: 3 })).toEqual(told)
    expect(await warnings('init (param i32 i32)', { bullets: 3 })).toEqual([])
    expect(await warnings('init ')).toEqual([])
  })
})

describe('reloadModule warns of', () => {
  it('exports that the runtime called and that are gone', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(script(RUNS, 'on_hit (param i32)', 'shoot ', 'alloc (param i32) (result i32) i32.const 0'))
    const reports: unknown[] = []
    runtime.on('reload', ({ warnings }) => reports.push(warnings))
    const gone = ["it no longer exports 'tick', which the runtime called", "it no longer exports 'on_hit', which the runtime called"]
    const text = script('tik (param f32)')
    const report = await runtime.reloadModule(id, text)
    expect(report.warnings).toEqual([...gone, uncalled('tik', 'tick')])
    expect(runtime.script(id).warnings).toEqual(report.warnings)
    // As long as the code is the same, so are the warnings.
    expect((await runtime.reloadModule(id, `;; comment\n${text}`)).warnings).toEqual(report.warnings)
    expect((await runtime.reloadModule(id, script(RUNS))).warnings).toEqual([])
    expect(reports).toEqual([report.warnings, report.warnings, []])
    expect(runtime.script(id).warnings).toEqual([])
  })

  it('nothing any more after a rollback', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(script(RUNS, 'update (param i32 f32)'))
    await runtime.reloadModule(id, script('tick (param f32) unreachable'))
    expect(runtime.script(id).warnings).toHaveLength(1)
    runtime.tick(1)
    expect(runtime.script(id)).toMatchObject({ generation: 1, warnings: [] })
  })
})
