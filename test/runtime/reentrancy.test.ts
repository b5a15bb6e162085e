import { entityExists, hasComponent, observe, onAdd, onRemove } from 'bitecs'
import {
  History,
  hashWorld,
  Recorder,
  type Recording,
  Replay,
  ScriptError,
  type ScriptId,
  type Snapshot,
  WasmScriptRuntime,
} from 'bitscript'
import { beforeAll, describe, expect, it } from 'vitest'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { createGame, type Game } from '../fixtures/game.ts'
import { counterScript } from '../fixtures/scripts.ts'

/** Where the host's code runs: in a host function that a script calls from this export. */
const IN_SCRIPTS = [
  'init',
  'get_state',
  'on_attach',
  'on_detach',
  'on_detach as it is unloaded',
  'on_go',
  'tick',
  'update',
  'call',
] as const
const IN_LISTENERS = ['load', 'reload', 'unload', 'error', 'log', 'tick event', 'event'] as const
const IN_OBSERVERS = ['onAdd', 'onRemove'] as const
const PLACES = [...IN_SCRIPTS, ...IN_LISTENERS, ...IN_OBSERVERS]
type Place = (typeof PLACES)[number]

/**
 * What a call does: when its effect is there, or the code of the error that it is refused with. `and` says what becomes of what
 * the script was in the middle of, if that fails.
 */
type Outcome = string

/** What is expected: of all places, of those in scripts, listeners or observers, or of one place. The closest counts. */
type Expected = Outcome | (Partial<Record<Place, Outcome>> & { scripts: Outcome; listeners: Outcome; observers: Outcome })

interface Stage extends Game {
  /** The script in whose exports the host functions are called. */
  readonly actor: ScriptId
  /** A script whose `boom` traps, and that is unloaded. */
  readonly victim: ScriptId
  /** A script that counts the runs of its `update` and its calls, and the events `hit`. */
  readonly other: ScriptId
  /** A script that counts ticks, to the end. */
  readonly bystander: ScriptId
  readonly player: number
  /** An entity that no script runs on. */
  readonly rock: number
  readonly saved: Snapshot
  readonly recording: Recording
  /** The script that is running: the actor, or one like it that is being loaded. */
  self: ScriptId
  /** What there was before the call. */
  before: { readonly runs: number; readonly generation: number }
  /** Ticks that a listener of the row has heard of. */
  heard: number
}

interface Row {
  /** The member of the class, or what is built on it. */
  readonly method: string
  readonly what?: string
  readonly act: (stage: Stage) => unknown
  /** Whether the effect is there. Left out: the call returns what it should at once, or throws. */
  readonly effect?: (stage: Stage, result: unknown) => boolean
  readonly expected: Expected
}

/** What is as long as no script runs: half of a tick is no state of a game. */
const REFUSED_IN_SCRIPTS: Expected = { scripts: 'HostError', listeners: 'at once', observers: 'HostError' }
const OTHER = `(module (memory (export "memory") 1)
  (global $runs (mut i32) (i32.const 0)) (global $calls (mut i32) (i32.const 0)) (global $hits (mut i32) (i32.const 0))
  (func (export "update") (param i32 f32) (global.set $runs (i32.add (global.get $runs) (i32.const 1))))
  (func (export "on_hit") (global.set $hits (i32.add (global.get $hits) (i32.const 1))))
  (func (export "add") (result i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
  (func (export "bytes") (result i32 i32) (i32.const 0) (i32.const 1))
  (func (export "runs") (result i32) (global.get $runs))
  (func (export "hits") (result i32) (global.get $hits))
  (func (export "get_state") (result i32 i32) (i32.store8 (i32.const 8) (i32.const 55)) (i32.const 8) (i32.const 1)))`
const ACTOR = `(module
  (import "test" "at" (func $at (param i32))) (import "host" "log" (func $log (param i32 i32))) (import "emit" "ping" (func $ping))
  (memory (export "memory") 1) (data (i32.const 0) "7")
  (func (export "init") (call $at (i32.const 0)))
  (func (export "get_state") (result i32 i32) (call $at (i32.const 1)) (i32.const 0) (i32.const 1))
  (func (export "set_state") (param i32 i32))
  (func (export "on_attach") (param i32) (call $at (i32.const 2)))
  (func (export "on_detach") (param i32) (call $at (i32.const 3)))
  (func (export "on_go") (call $at (i32.const 5)))
  (func (export "tick") (param f32) (call $at (i32.const 6)))
  (func (export "update") (param i32 f32) (call $at (i32.const 7)))
  (func (export "call") (call $at (i32.const 8)))
  (func (export "seven") (result i32) (i32.const 7))
  (func (export "speak") (call $log (i32.const 0) (i32.const 1)))
  (func (export "shout") (call $ping)))`
const CHANGER = `(module (import "ecs.add" "Dead" (func $add (param i32))) (import "ecs.remove" "Health" (func $remove (param i32)))
  (func (export "on_mark") (param i32) (call $add (local.get 0))) (func (export "on_heal") (param i32) (call $remove (local.get 0))))`
const TRAPS = '(module (func (export "boom") unreachable))'

const ROWS: readonly Row[] = [
  { method: 'world', act: ({ runtime, world }) => runtime.world === world, expected: 'at once' },
  { method: 'components', act: ({ runtime, components }) => runtime.components === components, expected: 'at once' },
  { method: 'script', act: ({ runtime, other }) => runtime.script(other).id === other, expected: 'at once' },
  { method: 'scripts', act: ({ runtime }) => runtime.scripts().length > 2, expected: 'at once' },
  { method: 'find', act: ({ runtime, other }) => runtime.find('other')?.id === other, expected: 'at once' },
  { method: 'tag', act: ({ runtime, other }) => typeof runtime.tag(other) === 'object', expected: 'at once' },
  {
    method: 'loadModule',
    act: ({ runtime }) => runtime.loadModule(modules.other, { name: 'late' }),
    effect: ({ runtime }) => runtime.find('late')?.status === 'active',
    expected: 'later',
  },
  {
    method: 'loadModule',
    what: 'takes its name',
    act: ({ runtime }) => void runtime.loadModule(modules.other, { name: 'late' }),
    effect: ({ runtime }) => runtime.find('late') !== undefined,
    expected: 'at once',
  },
  {
    method: 'loadModule',
    what: 'a name that is taken',
    act: ({ runtime }) => runtime.loadModule(modules.other, { name: 'other' }),
    expected: 'DuplicateName',
  },
  {
    method: 'reloadModule',
    act: ({ runtime, other }) => runtime.reloadModule(other, modules.counter),
    effect: ({ runtime, other }) => runtime.script(other).generation > 1,
    expected: 'later',
  },
  {
    method: 'reloadModule',
    what: 'of the script that runs',
    act: ({ runtime, self }) => runtime.reloadModule(self, modules.counter),
    effect: ({ runtime, self, before }) => runtime.script(self).generation > before.generation,
    expected: {
      scripts: 'later',
      listeners: 'later',
      observers: 'later',
      init: 'ScriptNotFound',
      get_state: 'later, and LoadFailed',
      'on_detach as it is unloaded': 'ScriptNotFound',
    },
  },
  {
    method: 'checkModule',
    act: ({ runtime }) => runtime.checkModule(modules.other),
    effect: (_, result) => (result as { functions?: number } | undefined)?.functions === 7,
    expected: 'later',
  },
  {
    method: 'unloadModule',
    act: ({ runtime, other }) => runtime.unloadModule(other),
    effect: ({ runtime }) => runtime.find('other') === undefined,
    expected: 'at once',
  },
  {
    method: 'unloadModule',
    what: 'of the script that runs',
    act: ({ runtime, self }) => runtime.unloadModule(self),
    effect: ({ runtime, self }) => runtime.scripts().every(({ id }) => id !== self),
    expected: {
      scripts: 'at once',
      listeners: 'at once',
      observers: 'at once',
      init: 'at once, and ScriptNotFound',
      get_state: 'at once, and ScriptNotFound',
    },
  },
  {
    method: 'attach',
    what: 'adds the tag',
    act: ({ runtime, other, rock }) => runtime.attach(rock, other),
    effect: ({ world, runtime, other, rock }) => hasComponent(world, rock, runtime.tag(other)),
    expected: 'at once',
  },
  {
    method: 'attach',
    what: 'has it run on the entity',
    act: ({ runtime, other, rock, player }) => {
      runtime.detach(player, other)
      runtime.attach(rock, other)
    },
    effect: ({ runtime, other, before }) => (runtime.call(other, 'runs') as number) > before.runs,
    expected: {
      scripts: 'in the next tick',
      listeners: 'in the next tick',
      observers: 'in the next tick',
      // Scripts are told of attachments one after the other, at the beginning of the tick.
      on_attach: 'after the step',
      on_detach: 'after the step',
    },
  },
  {
    method: 'detach',
    act: ({ runtime, other, player }) => runtime.detach(player, other),
    effect: ({ world, runtime, other, player }) => !hasComponent(world, player, runtime.tag(other)),
    expected: 'at once',
  },
  {
    method: 'spawn',
    act: ({ runtime }) => runtime.spawn({ Health: { points: 77 } }),
    effect: ({ components }) => components.Health.points.includes(77),
    expected: 'at once',
  },
  {
    method: 'write',
    what: 'adds and writes',
    act: ({ runtime, rock }) => runtime.write(rock, { Velocity: { x: 5 } }),
    effect: ({ world, components, rock }) => hasComponent(world, rock, components.Velocity) && components.Velocity.x[rock] === 5,
    expected: 'at once',
  },
  {
    method: 'write',
    what: 'removes',
    act: ({ runtime, rock }) => runtime.write(rock, { Position: null }),
    effect: ({ world, components, rock }) => !hasComponent(world, rock, components.Position),
    expected: { scripts: 'after the step', listeners: 'at once', observers: 'after the step' },
  },
  {
    method: 'despawn',
    act: ({ runtime, rock }) => runtime.despawn(rock),
    effect: ({ world, rock }) => !entityExists(world, rock),
    expected: { scripts: 'after the step', listeners: 'at once', observers: 'after the step' },
  },
  { method: 'call', act: ({ runtime, other }) => runtime.call(other, 'add') === 1, expected: 'at once' },
  {
    method: 'call',
    what: 'of the script that runs',
    act: ({ runtime, self }) => runtime.call(self, 'seven') === 7,
    expected: { scripts: 'at once', listeners: 'at once', observers: 'at once', init: 'ScriptNotFound' },
  },
  { method: 'callJson', act: ({ runtime, other }) => runtime.callJson(other, 'get_state') === 7, expected: 'at once' },
  { method: 'callBytes', act: ({ runtime, other }) => runtime.callBytes(other, 'bytes')?.length === 1, expected: 'at once' },
  {
    method: 'emit',
    act: ({ runtime }) => runtime.emit('hit'),
    effect: ({ runtime, other }) => runtime.call(other, 'hits') === 1,
    expected: {
      scripts: 'in the next tick',
      listeners: 'in the next tick',
      observers: 'in the next tick',
      // Attachments are told before events.
      on_attach: 'after the step',
      on_detach: 'after the step',
    },
  },
  { method: 'tick', act: ({ runtime }) => runtime.tick(1).faults === 0, expected: REFUSED_IN_SCRIPTS },
  { method: 'snapshot', act: ({ runtime }) => runtime.snapshot().tick >= 0, expected: REFUSED_IN_SCRIPTS },
  { method: 'restore', act: ({ runtime, saved }) => runtime.restore(saved).tick === saved.tick, expected: REFUSED_IN_SCRIPTS },
  { method: 'readState', act: ({ runtime, other }) => runtime.readState(other) === 7, expected: REFUSED_IN_SCRIPTS },
  {
    method: 'on',
    act: (stage) => void stage.runtime.on('tick', () => stage.heard++),
    effect: ({ heard }) => heard > 0,
    expected: {
      scripts: 'after the step',
      listeners: 'in the next tick',
      observers: 'after the step',
      // These steps are no ticks.
      init: 'in the next tick',
      get_state: 'in the next tick',
      'on_detach as it is unloaded': 'in the next tick',
      call: 'in the next tick',
    },
  },
  {
    method: 'dispose',
    act: ({ runtime }) => runtime.dispose(),
    effect: ({ runtime }) => isDisposed(runtime),
    expected: {
      scripts: 'at once',
      listeners: 'at once',
      observers: 'at once',
      init: 'at once, and Disposed',
      get_state: 'at once, and Disposed',
    },
  },
  {
    method: 'create',
    what: 'of another runtime on the world, which ticks',
    act: async ({ world, components }) => {
      const another = await WasmScriptRuntime.create({ world, components })
      const id = await another.loadModule(modules.counter)
      another.tick(1)
      return another.call(id, 'count')
    },
    effect: (_, result) => result === 1,
    expected: 'later',
  },
  { method: 'new History', act: ({ runtime }) => new History(runtime).dispose(), expected: REFUSED_IN_SCRIPTS },
  { method: 'new Recorder', act: ({ runtime }) => new Recorder(runtime).stop().ticks === 0, expected: REFUSED_IN_SCRIPTS },
  {
    method: 'Replay.begin',
    act: async ({ runtime, recording }) => (await Replay.begin(runtime, recording)).end(),
    expected: { scripts: 'HostError', listeners: 'later', observers: 'HostError' },
  },
  {
    method: 'Replay.begin',
    what: 'with the recorded scripts',
    act: async ({ runtime, recording }) => {
      const replay = await Replay.begin(runtime, recording, { scripts: 'recorded' })
      replay.end()
      expect(replay.scripts.map(({ state }) => state)).not.toContain('missing')
    },
    expected: { scripts: 'HostError', listeners: 'later', observers: 'HostError' },
  },
]

const EVENTS = {
  load: 'load',
  reload: 'reload',
  unload: 'unload',
  error: 'error',
  log: 'log',
  'tick event': 'tick',
  event: 'event',
} as const

/** What makes the scripts, the runtime or bitECS come to a place. */
const STEPS: Readonly<Record<Place, (stage: Stage) => unknown>> = {
  init: ({ runtime }) => runtime.loadModule(modules.actor, { name: 'in init' }),
  get_state: ({ runtime, actor }) => runtime.reloadModule(actor, modules.actor),
  on_attach({ runtime, actor, rock }) {
    runtime.attach(rock, actor)
    runtime.tick(1)
  },
  on_detach({ runtime, actor, player }) {
    runtime.detach(player, actor)
    runtime.tick(1)
  },
  'on_detach as it is unloaded': ({ runtime, actor }) => runtime.unloadModule(actor),
  on_go({ runtime }) {
    runtime.emit('go')
    runtime.tick(1)
  },
  tick: ({ runtime }) => runtime.tick(1),
  update: ({ runtime }) => runtime.tick(1),
  call: ({ runtime, actor }) => runtime.call(actor, 'call'),
  load: ({ runtime }) => runtime.loadModule(modules.counter, { name: 'loaded' }),
  reload: ({ runtime, actor }) => runtime.reloadModule(actor, modules.actor),
  unload: ({ runtime, victim }) => runtime.unloadModule(victim),
  error: ({ runtime, victim }) => expect(() => runtime.call(victim, 'boom')).toThrow(),
  log: ({ runtime, actor }) => runtime.call(actor, 'speak'),
  'tick event': ({ runtime }) => runtime.tick(1),
  event: ({ runtime, actor }) => runtime.call(actor, 'shout'),
  onAdd({ runtime, rock }) {
    runtime.emit('mark', rock)
    runtime.tick(1)
  },
  onRemove({ runtime, rock }) {
    runtime.emit('heal', rock)
    runtime.tick(1)
  },
}

/** Makes a game in which the host does one thing, once, at one place. */
async function createStage(place: Place, act: (stage: Stage) => void): Promise<Stage> {
  let isArmed = false
  const arrive = (): void => {
    if (!isArmed) return
    isArmed = false
    act(stage)
  }
  const at = (_: unknown, index: number): void => {
    const name = IN_SCRIPTS[index]
    if (name === place || (name === 'on_detach' && place === 'on_detach as it is unloaded')) arrive()
  }
  const game = await createGame({ host: { test: { at } } })
  const { world, components, runtime } = game
  const load = (module: Uint8Array, name: string, order = 0): Promise<ScriptId> => runtime.loadModule(module, { name, order })
  const actor = await load(modules.actor, 'actor')
  await load(modules.changer, 'changer')
  const victim = await load(modules.traps, 'victim')
  const other = await load(modules.other, 'other', 1)
  const bystander = await load(modules.counter, 'bystander', 2)
  const player = runtime.spawn({ Position: {} })
  const rock = runtime.spawn({ Position: {}, Health: {} })
  for (const id of [actor, other]) runtime.attach(player, id)
  const recorder = new Recorder(runtime)
  runtime.tick(1)
  const recording = recorder.stop()
  const [saved, before] = [runtime.snapshot(), { runs: 0, generation: 0 }]
  const stage: Stage = { ...game, actor, victim, other, bystander, player, rock, saved, recording, self: actor, before, heard: 0 }
  if (place in EVENTS) runtime.on(EVENTS[place as keyof typeof EVENTS], arrive)
  if (place === 'onAdd') observe(world, onAdd(components.Dead), arrive)
  if (place === 'onRemove') observe(world, onRemove(components.Health), arrive)
  isArmed = true
  return stage
}

/** Runs a row at a place, and the game on from there. Returns what the call did, and what is wrong since, if anything. */
async function outcomeAt({ act, effect }: Row, place: Place): Promise<Outcome> {
  let outcome: Outcome | undefined
  let result: unknown
  let pending: Promise<unknown> | undefined
  const faults: string[] = []
  const look = (stage: Stage, when: Outcome): void => {
    if (outcome === undefined && holds(() => effect?.(stage, result) ?? false)) outcome = when
  }
  const stage = await createStage(place, (stage) => {
    const { runtime, world, components, actor, other } = stage
    stage.self = runtime.find('in init')?.id ?? actor
    stage.before = { runs: runtime.call(other, 'runs') as number, generation: runtime.script(stage.self).generation }
    const hash = hashWorld(world, components)
    try {
      result = act(stage)
    } catch (error) {
      outcome = codeIn(error)
      if (hashWorld(world, components) !== hash) faults.push('it was refused and changed the world')
    }
    if (result instanceof Promise) {
      pending = result.then(
        (value) => {
          result = value
          if (effect === undefined) outcome = 'later'
        },
        (error: unknown) => {
          outcome = codeIn(error)
        },
      )
    } else if (outcome === undefined && effect === undefined) outcome = result === false ? 'another result' : 'at once'
    look(stage, 'at once')
  })
  let interrupted = ''
  try {
    await Promise.resolve(STEPS[place](stage)).finally(() => look(stage, 'after the step'))
  } catch (error) {
    look(stage, 'after the step')
    interrupted = `, and ${codeIn(error)}`
  }
  await pending
  look(stage, 'later')
  if (!isDisposed(stage.runtime)) stage.runtime.tick(1)
  look(stage, 'in the next tick')
  faults.push(...(await unsound(stage, place)))
  return [`${outcome ?? 'never'}${interrupted}`, ...faults].join('; ')
}

/** What is wrong with a game that should go on as if nothing had happened. */
async function unsound({ world, components, runtime, bystander, victim, errors }: Stage, place: Place): Promise<string[]> {
  const faults = errors.filter((error) => !(place === 'error' && error.scriptId === victim)).map(({ message }) => message)
  if (isDisposed(runtime)) {
    const next = await WasmScriptRuntime.create({ world, components })
    const id = await next.loadModule(modules.counter)
    next.tick(1)
    return next.call(id, 'count') === 1 ? faults : [...faults, 'another runtime on the world does not run']
  }
  const { tick, faults: trapped } = runtime.tick(1)
  if (trapped > 0) faults.push('a script trapped in the tick after it')
  if (runtime.call(bystander, 'count') !== tick) faults.push('another script missed a tick')
  // An attachment that two scripts share shows when both are loaded.
  for (let count = 0; count < 2; count++) await runtime.loadModule(modules.counter)
  const scripts = runtime.scripts()
  for (const { name, status } of scripts) {
    // The victim has trapped; a restore takes that back.
    const isVictim = name === 'victim' && place === 'error'
    if (status !== 'active' && !isVictim) faults.push(`${name} is ${status}`)
  }
  if (new Set(scripts.map(({ id }) => runtime.tag(id))).size < scripts.length) faults.push('two scripts have one tag')
  return faults
}

function holds(test: () => boolean): boolean {
  try {
    return test()
  } catch (error) {
    if (error instanceof ScriptError) return false
    throw error
  }
}

function isDisposed(runtime: WasmScriptRuntime): boolean {
  return holds(() => runtime.scripts().length >= 0) === false
}

/** The code of a {@link ScriptError}. Any other error is a fault of the runtime. */
function codeIn(error: unknown): string {
  return error instanceof ScriptError ? error.code : `a raw ${String(error)}`
}

function expectedAt(expected: Expected, place: Place): Outcome {
  if (typeof expected === 'string') return expected
  const kinds = { scripts: IN_SCRIPTS, listeners: IN_LISTENERS, observers: IN_OBSERVERS } as const
  const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((each) => (kinds[each] as readonly Place[]).includes(place))
  return expected[place] ?? expected[kind as keyof typeof kinds]
}

const modules: Record<'actor' | 'other' | 'changer' | 'traps' | 'counter', Uint8Array> = {} as never

beforeAll(async () => {
  const texts = { actor: ACTOR, other: OTHER, changer: CHANGER, traps: TRAPS, counter: counterScript() }
  for (const [name, text] of Object.entries(texts)) modules[name as keyof typeof modules] = await assembleWat(text, `${name}.wat`)
})

describe('what the host calls while scripts run, in a listener, in an observer', () => {
  it.each(ROWS.map((row) => ({ ...row, name: row.what === undefined ? row.method : `${row.method}, ${row.what}` })))(
    '$name',
    async (row) => {
      const found: Record<string, Outcome> = {}
      const wanted: Record<string, Outcome> = {}
      for (const place of PLACES) {
        found[place] = await outcomeAt(row, place)
        wanted[place] = expectedAt(row.expected, place)
      }
      expect(found).toEqual(wanted)
    },
  )

  it('has a row for every member of the class', () => {
    const members = [
      ...Object.getOwnPropertyNames(WasmScriptRuntime.prototype).filter((name) => name !== 'constructor'),
      ...Object.getOwnPropertyNames(WasmScriptRuntime).filter((name) => !['length', 'name', 'prototype'].includes(name)),
    ]
    const rows = new Set(ROWS.map(({ method }) => method))
    expect(members.filter((name) => !rows.has(name))).toEqual([])
  })
})
