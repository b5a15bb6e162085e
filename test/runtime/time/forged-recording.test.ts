import { addEntity, getAllEntities } from 'bitecs'
import { type Grant, hashWorld, type Limits, Recorder, Recording, Replay, type RuntimeOptions, type ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { type Content, forgeRecording, forgeSnapshot } from '../../fixtures/forge.ts'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'
import { counterScript, tickScript } from '../../fixtures/scripts.ts'
import { fuzzRecordings } from './forged-recording-fuzz.ts'

/** Calls a function of the game from `init` and from each tick. */
const THIEF = `(module (import "bank" "pay" (func $pay))
  (func (export "init") (call $pay)) (func (export "tick") (param f32) (call $pay)))`

const PLUGIN = plugin('(func (export "run") (result i32) (drop (call $input_length)) (i32.const 0))')

interface Bank extends Game {
  readonly paid: () => number
}

async function createBank(options: Partial<RuntimeOptions> = {}): Promise<Bank> {
  let paid = 0
  const game = await createGame({ host: { bank: { pay: () => void paid++ } }, ...options })
  return { ...game, paid: () => paid }
}

/** Returns a recording of a game that loads the thief, with the options of a stranger. */
async function stolen(options: { grant?: Grant; limits?: Partial<Limits> } = {}): Promise<Recording> {
  const { runtime } = await createBank()
  await runtime.loadModule(counterScript(), { name: 'counter', grant: {} })
  const recorder = new Recorder(runtime)
  runtime.tick(1)
  await runtime.loadModule(THIEF, { name: 'thief', ...options })
  runtime.tick(1)
  return Recording.fromBytes(recorder.stop().toBytes())
}

describe('a recording that loads a script of its own', () => {
  it('is refused, in both modes, unless that is allowed', async () => {
    const recording = await stolen()
    const { runtime, paid } = await createBank()
    await runtime.loadModule(counterScript(), { name: 'counter' })
    runtime.tick(1)
    const before = runtime.snapshot().toBytes()
    for (const scripts of ['loaded', 'recorded'] as const) {
      const error = await errorOf(Replay.begin(runtime, recording, { scripts }))
      expect(error.message).toMatch(/loads a script of its own, 'thief'.*load: true.*LoadFailed/)
    }
    expect([paid(), Buffer.compare(runtime.snapshot().toBytes(), before), runtime.tick(1).tick]).toEqual([0, 0, 2])
  })

  it('has no grant beyond those of the scripts that are loaded', async () => {
    const recording = await stolen()
    for (const [grant, times] of [
      [{}, 0],
      [{ host: ['bank'] }, 2],
      [undefined, 2],
    ] as const) {
      const { runtime, paid } = await createBank()
      await runtime.loadModule(counterScript(), { name: 'counter', ...(grant && { grant }) })
      const replay = await Replay.begin(runtime, recording, { load: true })
      await replay.run()
      expect([grant, paid(), runtime.find('thief') !== undefined]).toEqual([grant, times, times > 0])
    }
    const { runtime, paid } = await createBank()
    await (await Replay.begin(runtime, recording, { load: true })).run()
    expect(paid()).toBe(0)
  })

  it('has the grant that is given, or the recorded one', async () => {
    const recording = await stolen({ grant: { host: ['bank'] } })
    for (const [grant, times] of [
      [{}, 0],
      [{ host: ['pay'] }, 2],
      ['recorded', 2],
    ] as const) {
      const { runtime, paid } = await createBank()
      await runtime.loadModule(counterScript(), { name: 'counter', grant: {} })
      await (await Replay.begin(runtime, recording, { load: true, grant })).run()
      expect([grant, paid()]).toEqual([grant, times])
    }
  })

  it('has no limits beyond those of the scripts that are loaded, or those that are given', async () => {
    const recording = await stolen({ limits: { fuel: 900_000_000, logsPerTick: 3 } })
    const limitsOf = async (options: Parameters<typeof Replay.begin>[2]): Promise<unknown> => {
      const { runtime } = await createBank({ limits: { fuel: 5000 } })
      await runtime.loadModule(counterScript(), { name: 'counter' })
      await runtime.loadModule(tickScript(''), { name: 'other', limits: { fuel: 7000 } })
      const replay = await Replay.begin(runtime, recording, { load: true, ...options })
      await replay.run()
      replay.end()
      const again = Recording.fromBytes(new Recorder(runtime).stop().toBytes())
      const { fuel, logsPerTick } = again.content.scripts.find(({ name }) => name === 'thief')?.options.limits ?? {}
      return [fuel, logsPerTick]
    }
    expect(await limitsOf({})).toEqual([7000, 3])
    expect(await limitsOf({ limits: { fuel: 800_000, logsPerTick: 9 } })).toEqual([800_000, 9])
    expect(await limitsOf({ limits: 'recorded' })).toEqual([900_000_000, 3])
  })

  it('changes nothing if its code is refused, or its start', async () => {
    const spawns = tickScript('', '(import "ecs" "spawn" (func $spawn (result i32))) (func (export "init") (drop (call $spawn)))')
    const { runtime: theirs } = await createBank()
    await theirs.loadModule(counterScript(7), { name: 'counter' })
    await theirs.loadModule(spawns, { name: 'spawns' })
    await theirs.loadModule(THIEF, { name: 'thief' })
    const bytes = new Recorder(theirs).stop().toBytes()
    const ours = await createBank()
    const id = await ours.runtime.loadModule(counterScript(), { name: 'counter' })
    await ours.runtime.loadModule(tickScript(''), { name: 'ours' })
    ours.runtime.tick(1)
    const [before, hash] = [[...getAllEntities(ours.world)], hashWorld(ours.world, ours.components)]
    const forged = forgeRecording(bytes, (content) => {
      content.start = forgeSnapshot(content.start, (game) => {
        game.scripts[0].own.globals = []
      })
    })
    for (const [file, options, code] of [
      [bytes, { grant: { spawn: true } }, 'GrantDenied'],
      [forged, {}, 'StateRejected'],
    ] as const) {
      const work = Replay.begin(ours.runtime, Recording.fromBytes(file), { scripts: 'recorded', load: true, ...options })
      expect(await codeOf(work)).toBe(code)
      expect([...getAllEntities(ours.world)]).toEqual(before)
      expect([hashWorld(ours.world, ours.components), ours.runtime.scripts().map(({ name }) => name)]).toEqual([hash, ['counter', 'ours']])
    }
    ours.runtime.tick(1)
    expect(ours.runtime.call(id, 'count')).toBe(2)
    expect((await Replay.begin(ours.runtime, Recording.fromBytes(bytes), { scripts: 'recorded', load: true })).scripts).toEqual([
      { script: 'counter', state: 'same' },
      { script: 'spawns', state: 'same' },
      { script: 'thief', state: 'same' },
    ])
  })

  it('needs options that are right', async () => {
    const { runtime } = await createBank()
    const recording = await stolen()
    for (const wrong of [{ load: 1 }, { grant: 'all' }, { grant: { read: ['Nothing'] } }, { limits: { fuel: -1 } }, { limits: 'none' }])
      expect(await codeOf(Replay.begin(runtime, recording, wrong as never))).toBe('InvalidOptions')
  })
})

describe('an answer in a recording', () => {
  it('to a call or a script that there is not does nothing', async () => {
    const { runtime } = await createBank()
    await runtime.loadModule(counterScript(), { name: 'counter' })
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    const forged = forgeRecording(recorder.stop().toBytes(), (content) => {
      content.inputs.unshift({ ...ANSWER, isFault: true, error: ['Trap', 'x'] }, { ...ANSWER, script: 'nobody', call: -(2 ** 53) + 1 })
    })
    const replay = await Replay.begin(runtime, Recording.fromBytes(forged))
    expect(await replay.run()).toMatchObject({ ticks: 1, matches: true })
    expect(runtime.find('counter')?.status).toBe('active')
  })

  it('gives a plugin of the recording no host that the game grants to none', async () => {
    const game = await createBank()
    const recorder = new Recorder(game.runtime)
    await game.runtime.loadModule(PLUGIN, { name: 'plugin', worker: true, grant: { host: ['bank'], hosts: ['*'] } })
    game.runtime.tick(1)
    const recording = recorder.stop()
    game.runtime.dispose()
    for (const [options, hosts] of [
      [{}, []],
      [{ grant: 'recorded' as const }, ['*']],
    ] as const) {
      const { runtime } = await createBank()
      await runtime.loadModule(counterScript(), { name: 'counter' })
      const replay = await Replay.begin(runtime, recording, { load: true, ...options })
      await replay.run()
      replay.end()
      const again = new Recorder(runtime)
      expect(again.stop().content.scripts.find(({ name }) => name === 'plugin')?.options.grant?.hosts).toEqual(hosts)
    }
  })
})

describe('a reload in a recording', () => {
  it('runs with the grant of the script of the game', async () => {
    const one = await createBank()
    const id = await one.runtime.loadModule(counterScript(), { name: 'counter' })
    const recorder = new Recorder(one.runtime)
    await one.runtime.reloadModule(id, THIEF)
    one.runtime.tick(1)
    const recording = recorder.stop()
    const other = await createBank()
    await other.runtime.loadModule(counterScript(), { name: 'counter', grant: {} })
    await (await Replay.begin(other.runtime, recording)).run()
    expect([one.paid(), other.paid(), other.runtime.find('counter')?.generation]).toEqual([2, 0, 1])
  })
})

const ANSWER = { kind: 'answer', script: 'counter', call: 0, output: null, error: null, isFault: false, variables: [] }

describe('a forged recording with a right checksum is refused', () => {
  const whole = (async () => {
    const { runtime, world, components } = await createBank()
    const id: ScriptId = await runtime.loadModule(counterScript(), { name: 'counter' })
    const recorder = new Recorder(runtime, { about: 'forgery' })
    runtime.tick(1)
    runtime.spawn({ Position: { x: 1 } })
    runtime.attach(addEntity(world, components.Position), id)
    return recorder.stop().toBytes()
  })()

  const cases: Readonly<Record<string, (content: Content) => unknown>> = {
    'of no content': () => [null],
    'with more than a recording holds': (c) => {
      c.more = 1
    },
    'without a start': (c) => {
      delete c.start
    },
    'with a seed that is a text': (c) => {
      c.seed = 'x'
    },
    'with a script that is none': (c) => {
      c.scripts = [null]
    },
    'with two scripts of one name': (c) => {
      c.scripts.push(c.scripts[0])
    },
    'with a script whose code is a number': (c) => {
      c.scripts[0].content = 7
    },
    'with a script of unknown options': (c) => {
      c.scripts[0].options.trusted = true
    },
    'with a script of wrong limits': (c) => {
      c.scripts[0].options.limits.fuel = -1
    },
    'with an input that is none': (c) => {
      c.inputs = [null]
    },
    'with an input of an unknown kind': (c) => {
      c.inputs = [{ kind: 'zzz' }]
    },
    'with an input that has more': (c) => {
      c.inputs[0].more = 1
    },
    'with a tick of a length that is no number': (c) => {
      c.inputs[0].dt = Number.NaN
    },
    'with ticks that last for ever': (c) => {
      c.inputs[0].times = 1e9
    },
    'with ticks below none': (c) => {
      c.inputs[0].times = -1
    },
    'with a spawn of texts': (c) => {
      c.inputs[1].components = { Position: { x: 'x' } }
    },
    'with a spawn of nothing': (c) => {
      c.inputs[1].components = null
    },
    'with an entity that is a text': (c) => {
      c.inputs[2].entity = 'x'
    },
    'with an answer of no output': (c) => {
      c.inputs[0] = { ...ANSWER, output: 'x' }
    },
    'with an answer of an unknown error': (c) => {
      c.inputs[0] = { ...ANSWER, error: ['NoCode', 'x'] }
    },
    'with an answer to no call': (c) => {
      c.inputs[0] = { ...ANSWER, call: 0.5 }
    },
    'with an answer that sets a variable to a text': (c) => {
      c.inputs[0] = { ...ANSWER, variables: [['v', 'x']] }
    },
    'with hashes that are none': (c) => {
      c.hashes = [[0]]
    },
    'with hashes out of order': (c) => {
      c.hashes = [
        [1, 'a'],
        [1, 'b'],
      ]
    },
    'with notes that are numbers': (c) => {
      c.notes.sim = 5
    },
  }

  it.each(Object.entries(cases))('%s', async (_, change) => {
    const bytes = forgeRecording(await whole, change)
    expect(await codeOf(() => Recording.fromBytes(bytes))).toBe('LoadFailed')
  })

  it('when it is made from a content, too', async () => {
    const { content } = Recording.fromBytes(await whole)
    for (const inputs of [[null], [{ kind: 'tick', dt: 1, times: 1e9 }]])
      expect(await codeOf(() => new Recording({ ...content, inputs: inputs as never }))).toBe('LoadFailed')
    expect(await codeOf(async () => new Recorder((await createBank()).runtime, { note: 5 as never }))).toBe('InvalidOptions')
  })

  it('when its start is forged', async () => {
    const { runtime } = await createBank()
    await runtime.loadModule(counterScript(), { name: 'counter' })
    const before = runtime.snapshot().toBytes()
    const forged = forgeRecording(await whole, (content) => {
      content.start = forgeSnapshot(content.start, (game) => {
        game.alive = -1
      })
    })
    expect(await codeOf(Replay.begin(runtime, Recording.fromBytes(forged)))).toBe('StateRejected')
    expect(Buffer.compare(runtime.snapshot().toBytes(), before)).toBe(0)
  })
})

it('a recording that is forged anywhere is refused whole, or is played', () => fuzzRecordings(60))
