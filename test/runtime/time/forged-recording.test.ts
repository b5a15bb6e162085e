import { addEntity, getAllEntities } from 'bitecs'
import { type Grant, hashWorld, type Limits, Recorder, Recording, Replay, type RuntimeOptions, type ScriptId, Snapshot } from 'bitscript'
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
    const recorder = new Recorder(runtime, { about: 'forgery' }, { callers: new URL('../', import.meta.url) })
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
    'with hashes that end before it does': (c) => {
      c.hashes.at(-1)[0]--
    },
    'with hashes that end after it does, so that none is compared': (c) => {
      c.hashes = [[1e9, 'x']]
    },
    'without hashes': (c) => {
      c.hashes = []
      c.inputs = c.inputs.filter(({ kind }: Content) => kind !== 'tick')
    },
    'with a manifest that names a file': (c) => {
      c.scripts[0].content = '{ "wasm": [{ "path": "/etc/passwd" }] }'
    },
    'with the manifest of a mod that names a file': (c) => {
      c.scripts[0].content = '{ "name": "x", "version": "1.0.0", "source": { "path": "/etc/passwd" } }'
    },
    'with an event of texts': (c) => {
      c.inputs[0] = { kind: 'emit', name: 'hit', args: ['x'] }
    },
    'with a caller that there is not': (c) => {
      c.callers.ofInputs[1] = 60_000
    },
    'with fewer callers than inputs': (c) => {
      c.callers.ofInputs = c.callers.ofInputs.slice(1)
    },
    'with callers that are no whole numbers': (c) => {
      c.callers.ofInputs = Float32Array.from(c.callers.ofInputs)
    },
    'with more places than a recording has': (c) => {
      c.callers.places = Array(1001).fill(c.callers.places[0])
    },
    'with a caller in a file outside of the folder': (c) => {
      c.callers.places[0].file = 'a/../../.ssh/id_rsa'
    },
    'with a caller in a file of the whole disk': (c) => {
      c.callers.places[0].file = '/etc/passwd'
    },
    'with a caller in a file on a server': (c) => {
      c.callers.places[0].file = 'https://example.com/game.js'
    },
    'with a caller whose name controls a terminal': (c) => {
      c.callers.places[0].function = '\u001b[2J'
    },
    'with a caller of a very long name': (c) => {
      c.callers.places[0].file = `${'x'.repeat(1000)}.js`
    },
    'with a caller at no line': (c) => {
      c.callers.places[0].line = 0.5
    },
    'with a caller that has more': (c) => {
      c.callers.places[0].more = 1
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

describe('a forged recording with a right checksum is played without harm', () => {
  const HANDLER = `(module (memory (export "memory") 1) (func (export "tick") (param f32)) (func (export "trap") unreachable)
    (func (export "add") (param i32) (result i32) (local.get 0))
    (func (export "handle_message") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1)))`
  const nested = JSON.parse('['.repeat(515) + ']'.repeat(515))
  const to = { script: 'own' }
  const game = async (): Promise<Bank & { readonly id: ScriptId }> => {
    const bank = await createBank()
    return { ...bank, id: await bank.runtime.loadModule(HANDLER, { name: 'own', grant: {} }) }
  }
  const whole = game().then(({ runtime }) => {
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    return recorder.stop().toBytes()
  })
  const inputs: Readonly<Record<string, readonly object[]>> = {
    'more entities than the capacity': Array.from({ length: 1100 }, () => ({ kind: 'spawn', components: { Position: { x: 1 } } })),
    'a component named __proto__': [{ kind: 'spawn', components: JSON.parse('{"__proto__":{"x":1},"constructor":{"y":2}}') }],
    'more events than may wait': Array.from({ length: 10_100 }, () => ({ kind: 'emit', name: 'hit', args: [] })),
    'arguments that are no numbers': [{ kind: 'call', ...to, name: 'add', args: ['x', {}, null] }],
    'a call of what objects inherit': [{ kind: 'call', ...to, name: '__proto__', args: [] }],
    'a call that traps': [{ kind: 'call', ...to, name: 'trap', args: [] }],
    'arguments that nest too deeply': [{ kind: 'callJson', ...to, name: 'handle_message', arg: nested }],
    'arguments that are not JSON': [{ kind: 'callJson', ...to, name: 'handle_message', arg: 5n }],
    'a message that nests too deeply': [{ kind: 'send', ...to, topic: 'x', data: nested }],
    'a message that is too large': [{ kind: 'send', ...to, topic: 'x', data: 'x'.repeat(600_000) }],
    'a config that nests too deeply': [{ kind: 'configure', ...to, config: nested }],
    'a request that waits for ever': [{ kind: 'request', ...to, topic: 'x', data: 1, ticks: Number.MAX_SAFE_INTEGER }],
    'an answer of a server that nobody asked': [{ kind: 'response', ...to, id: 1, status: 200, body: new Uint8Array(100) }],
    'an answer of a worker that nobody called': [
      { kind: 'answer', call: 1, output: null, error: null, isFault: true, variables: [], ...to },
    ],
    'a job of a script that has none': [{ kind: 'job', ...to, options: {} }],
    'the input of a job that is not there': [{ kind: 'jobInput', job: 0, items: ['{}'], isOver: true, error: null, taken: 5 }],
    'a relation that is not there': [{ kind: 'relate', entity: 1, relation: 'ChildOf', target: 2, data: {} }],
    'an entity past the capacity': [{ kind: 'write', entity: 999_999_999, components: { Position: { x: 1 } } }],
    'a reload that is refused': [{ kind: 'reload', ...to, content: '(module', options: {} }],
    'a restore of what is no snapshot': [{ kind: 'restore', snapshot: new Uint8Array(10) }],
  }

  it.each(Object.entries(inputs))('with %s', async (_, forged) => {
    const { runtime, world, id, errors, paid } = await game()
    const bytes = forgeRecording(await whole, (content) => void content.inputs.unshift(...forged))
    const replay = await Replay.begin(runtime, Recording.fromBytes(bytes))
    expect((await replay.run()).ticks).toBe(1)
    replay.end()
    expect([paid(), errors.filter(({ code }) => code !== 'Trap')]).toEqual([0, []])
    expect(({} as { x?: unknown }).x).toBeUndefined()
    expect(getAllEntities(world).length).toBeLessThan(1000)
    const saved = runtime.snapshot().toBytes()
    runtime.restore(Snapshot.fromBytes(saved))
    expect([runtime.call(id, 'add', 7), runtime.tick(1).tick]).toEqual([7, 2])
  })

  it('with another grant, other limits or a worker for a script of the game, which keeps its own', async () => {
    const options = { limits: { fuel: 2 ** 30 - 1, memoryPages: 65_536, jsonBytes: 2 ** 20 }, grant: { host: ['bank'] } }
    const bytes = forgeRecording(await whole, (content) => {
      content.scripts[0].options = options
    })
    for (const [scripts, load] of [
      ['loaded', false],
      ['recorded', true],
    ] as const) {
      const { runtime } = await game()
      const replay = await Replay.begin(runtime, Recording.fromBytes(bytes), { scripts, load })
      expect(await replay.run()).toMatchObject({ matches: true })
      replay.end()
      const [own] = new Recorder(runtime).stop().content.scripts
      expect([own?.options.grant, own?.options.limits?.fuel]).toEqual([{}, 50_000_000])
    }
    const { runtime } = await createBank()
    const inWorker = forgeRecording(await whole, (content) => {
      content.scripts[0].options = { worker: true }
    })
    const begun = Replay.begin(runtime, Recording.fromBytes(inWorker), { scripts: 'recorded', load: true })
    expect([await codeOf(begun), runtime.scripts()]).toEqual(['InvalidOptions', []])
  })

  it('with very many inputs that are refused, whose errors nobody reads', async () => {
    const { runtime } = await game()
    const kinds = Object.values(inputs).flatMap(([first]) => ((first as { name?: string }).name === 'trap' ? [] : [first as object]))
    const bytes = forgeRecording(await whole, (content) => {
      content.inputs.unshift(...Array.from({ length: 4 }, () => kinds).flat())
    })
    const replay = await Replay.begin(runtime, Recording.fromBytes(bytes))
    const { prepareStackTrace } = Error
    let written = 0
    Error.prepareStackTrace = ({ message }) => {
      written++
      return message
    }
    try {
      await replay.run()
    } finally {
      Error.prepareStackTrace = prepareStackTrace
    }
    expect(written).toBe(0)
  })
})

it('a recording that is forged anywhere is refused whole, or is played', () => fuzzRecordings(60))
