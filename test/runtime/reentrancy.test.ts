import { addComponent, addEntity, createRelation, entityExists, hasComponent, observe, onAdd, onRemove } from 'bitecs'
import {
  History,
  hashWorld,
  InputPlayer,
  type Job,
  Recorder,
  type Recording,
  Replay,
  ScriptError,
  type ScriptId,
  type Snapshot,
  setClock,
  WasmScriptRuntime,
} from 'bitscript'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { codeOf, createGame, type Game } from '../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'

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
  (global $runs (mut i32) (i32.const 0)) (global $calls (mut i32) (i32.const 0)) (global $hits (mut i32) (i32.const 0)) (global $messages (mut i32) (i32.const 0))
  (func (export "update") (param i32 f32) (global.set $runs (i32.add (global.get $runs) (i32.const 1))))
  (func (export "on_hit") (global.set $hits (i32.add (global.get $hits) (i32.const 1))))
  (func (export "add") (result i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
  (func (export "bytes") (result i32 i32) (i32.const 0) (i32.const 1))
  (func (export "runs") (result i32) (global.get $runs))
  (func (export "hits") (result i32) (global.get $hits))
  (func (export "handle_message") (param i32 i32) (global.set $messages (i32.add (global.get $messages) (i32.const 1))))
  (func (export "messages") (result i32) (global.get $messages))
  (func (export "job_chunk") (param i32 i32))
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

const RELATIONS = { Near: createRelation() }

const ROWS: readonly Row[] = [
  { method: 'world', act: ({ runtime, world }) => runtime.world === world, expected: 'at once' },
  { method: 'components', act: ({ runtime, components }) => runtime.components === components, expected: 'at once' },
  { method: 'limits', act: ({ runtime }) => runtime.limits.fuel > 0, expected: 'at once' },
  { method: 'relations', act: ({ runtime }) => runtime.relations === RELATIONS, expected: 'at once' },
  { method: 'script', act: ({ runtime, other }) => runtime.script(other).id === other, expected: 'at once' },
  { method: 'scripts', act: ({ runtime }) => runtime.scripts().length > 2, expected: 'at once' },
  { method: 'find', act: ({ runtime, other }) => runtime.find('other')?.id === other, expected: 'at once' },
  { method: 'cacheStats', act: ({ runtime }) => runtime.cacheStats().entries > 0, expected: 'at once' },
  { method: 'readVariables', act: ({ runtime, other }) => runtime.readVariables(other).size === 0, expected: 'at once' },
  { method: 'readConfig', act: ({ runtime, other }) => (runtime.readConfig(other) as { a: number }).a === 0, expected: 'at once' },
  { method: 'readStorage', act: ({ runtime, other }) => runtime.readStorage(other).size === 0, expected: 'at once' },
  { method: 'metrics', act: ({ runtime }) => runtime.metrics().length === 0, expected: 'at once' },
  { method: 'formatPrometheus', act: ({ runtime }) => runtime.formatPrometheus() === '', expected: 'at once' },
  { method: 'settle', act: ({ runtime }) => runtime.settle() instanceof Promise, expected: 'at once' },
  { method: 'tag', act: ({ runtime, other }) => typeof runtime.tag(other) === 'object', expected: 'at once' },
  { method: 'version', act: ({ runtime, rock }) => runtime.version(rock) === 0, expected: 'at once' },
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
      // It waits until the script has loaded.
      init: 'after the step',
      get_state: 'later, and LoadFailed',
      'on_detach as it is unloaded': 'ScriptNotFound',
    },
  },
  {
    method: 'checkModule',
    act: ({ runtime }) => runtime.checkModule(modules.other),
    effect: (_, result) => (result as { functions?: number } | undefined)?.functions === 10,
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
  {
    method: 'relate',
    act: ({ runtime, rock, player }) => runtime.relate(rock, 'Near', player),
    effect: ({ world, rock, player }) => hasComponent(world, rock, RELATIONS.Near(player) as object),
    expected: 'at once',
  },
  {
    method: 'unrelate',
    act: ({ runtime, world, rock, player }) => {
      addComponent(world, rock, RELATIONS.Near(player) as object)
      runtime.unrelate(rock, 'Near', player)
    },
    effect: ({ world, rock, player }) => !hasComponent(world, rock, RELATIONS.Near(player) as object),
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
    method: 'send',
    act: ({ runtime, other }) => runtime.send(other, 'hello'),
    effect: ({ runtime, other }) => runtime.call(other, 'messages') === 1,
    expected: {
      scripts: 'in the next tick',
      listeners: 'in the next tick',
      observers: 'after the step',
      // Attachments and events come before messages.
      on_attach: 'after the step',
      on_detach: 'after the step',
      on_go: 'after the step',
    },
  },
  {
    method: 'request',
    act: ({ runtime, other }) => void runtime.request(other, 'hello').catch(() => undefined),
    effect: ({ runtime, other }) => runtime.call(other, 'messages') === 1,
    expected: {
      scripts: 'in the next tick',
      listeners: 'in the next tick',
      observers: 'after the step',
      // Attachments and events come before messages.
      on_attach: 'after the step',
      on_detach: 'after the step',
      on_go: 'after the step',
    },
  },
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
  {
    method: 'job',
    act: ({ runtime, other }) => runtime.job(other, [1]),
    effect: (_, result) => (result as Job).done,
    expected: 'in the next tick',
  },
  {
    method: 'job',
    what: 'and cancel',
    act({ runtime, other }) {
      const job = runtime.job(other, [1])
      job.cancel()
      return job
    },
    effect: (_, result) => (result as Job).done,
    expected: 'at once',
  },
  { method: 'tick', act: ({ runtime }) => runtime.tick(1).faults === 0, expected: REFUSED_IN_SCRIPTS },
  { method: 'snapshot', act: ({ runtime }) => runtime.snapshot().tick >= 0, expected: REFUSED_IN_SCRIPTS },
  { method: 'restore', act: ({ runtime, saved }) => runtime.restore(saved).tick === saved.tick, expected: REFUSED_IN_SCRIPTS },
  {
    method: 'revert',
    what: 'of a script that is not on probation',
    act: ({ runtime, other }) => runtime.revert(other),
    expected: { scripts: 'HostError', listeners: 'InvalidOptions', observers: 'HostError' },
  },
  {
    method: 'setClock',
    act({ runtime }) {
      setClock(runtime, { tick: runtime.snapshot().tick, time: 9 })
      return runtime.snapshot().time === 9
    },
    expected: REFUSED_IN_SCRIPTS,
  },
  { method: 'readState', act: ({ runtime, other }) => runtime.readState(other) === 7, expected: REFUSED_IN_SCRIPTS },
  {
    method: 'configure',
    act({ runtime, other }) {
      runtime.configure(other, { a: 1 })
      return (runtime.readConfig(other) as { a: number }).a === 1
    },
    expected: REFUSED_IN_SCRIPTS,
  },
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
  { method: 'InputPlayer.begin', act: ({ runtime, saved }) => InputPlayer.begin(runtime, saved).end(), expected: REFUSED_IN_SCRIPTS },
  {
    method: 'Replay.begin',
    act: async ({ runtime, recording }) => (await Replay.begin(runtime, recording)).end(),
    expected: { scripts: 'HostError', listeners: 'later', observers: 'HostError' },
  },
  {
    method: 'Replay.begin',
    what: 'with the recorded scripts',
    act: async ({ runtime, recording }) => {
      const replay = await Replay.begin(runtime, recording, { scripts: 'recorded', load: true })
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

let recordingOfTick: Recording | undefined

/** Runs the first tick of a stage. Returns its recording, which is the same for every stage, since the host has done nothing yet. */
function tickRecorded(runtime: WasmScriptRuntime): Recording {
  const recorder = recordingOfTick === undefined ? new Recorder(runtime) : undefined
  runtime.tick(1)
  recordingOfTick ??= (recorder as Recorder).stop()
  return recordingOfTick
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
  // Memories are copied for recordings and snapshots: small ones do.
  const game = await createGame({ relations: RELATIONS, host: { test: { at } }, limits: { jsonBytes: 1000 } })
  const { world, components, runtime } = game
  const load = (module: Uint8Array, name: string, order = 0, config: unknown = null): Promise<ScriptId> =>
    runtime.loadModule(module, { name, order, config })
  const actor = await load(modules.actor, 'actor')
  await load(modules.changer, 'changer')
  const victim = await load(modules.traps, 'victim')
  const other = await load(modules.other, 'other', 1, { a: 0 })
  const bystander = await load(modules.counter, 'bystander', 2)
  const player = runtime.spawn({ Position: {} })
  const rock = runtime.spawn({ Position: {}, Health: {} })
  for (const id of [actor, other]) runtime.attach(player, id)
  const recording = tickRecorded(runtime)
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

/** `npm test` tries a third of the places for each row, other ones than for the row before. The soak tries all. */
const placesFor = (row: number): readonly Place[] =>
  process.env.PLACES === 'all' ? PLACES : PLACES.filter((_, place) => place % 3 === row % 3)

describe('what the host calls while scripts run, in a listener, in an observer', () => {
  it.each(
    ROWS.map((row, index) => ({
      ...row,
      places: placesFor(index),
      name: row.what === undefined ? row.method : `${row.method}, ${row.what}`,
    })),
  )('$name', async (row) => {
    const found: Record<string, Outcome> = {}
    const wanted: Record<string, Outcome> = {}
    for (const place of row.places) {
      found[place] = await outcomeAt(row, place)
      wanted[place] = expectedAt(row.expected, place)
    }
    expect(found).toEqual(wanted)
  })

  it('has a row for every member of the class', () => {
    const members = [
      ...Object.getOwnPropertyNames(WasmScriptRuntime.prototype).filter((name) => name !== 'constructor'),
      ...Object.getOwnPropertyNames(WasmScriptRuntime).filter((name) => !['length', 'name', 'prototype'].includes(name)),
    ]
    const rows = new Set(ROWS.map(({ method }) => method))
    expect(members.filter((name) => !rows.has(name))).toEqual([])
  })
})

interface Acting extends Game {
  /** What the host function `test.act` does. */
  act: () => unknown
}

async function createActing(): Promise<Acting> {
  const game: Acting = { ...(await createGame({ host: { test: { act: () => void game.act() } } })), act: () => undefined }
  return game
}

const ACT = '(import "test" "act" (func $act))'

describe('a call that is refused', () => {
  it.each(['tick', 'snapshot'] as const)('is the fault of the script if its host function lets it through: %s', async (method) => {
    const game = await createActing()
    const { runtime, errors } = game
    const id = await runtime.loadModule(tickScript('(call $act)', ACT), { name: 'acting' })
    const other = await runtime.loadModule(counterScript())
    game.act = () => runtime[method](1)
    expect(runtime.tick(1)).toMatchObject({ tick: 1, faults: 1 })
    expect(errors).toMatchObject([{ code: 'HostError', script: 'acting' }])
    expect([runtime.script(id).status, runtime.call(other, 'count')]).toEqual(['faulted', 1])
    expect(runtime.tick(1)).toMatchObject({ tick: 2, faults: 0 })
  })

  it('leaves a history, a recording and a replay where they are', async () => {
    const game = await createActing()
    const { runtime } = game
    await runtime.loadModule(tickScript('(call $act)', ACT))
    const history = new History(runtime)
    const recorder = new Recorder(runtime)
    const refused: unknown[] = []
    const refuse = (work: () => unknown) => () => {
      try {
        work()
      } catch (error) {
        refused.push(codeIn(error))
      }
    }
    for (const work of [() => history.back(2), () => history.goTo(0), () => recorder.stop()]) {
      game.act = refuse(work)
      runtime.tick(1)
    }
    expect([refused, history.tick, recorder.ticks]).toEqual([['HostError', 'HostError', 'HostError'], 3, 3])
    game.act = () => undefined
    const replay = await Replay.begin(runtime, recorder.stop())
    let step: Promise<unknown> | undefined
    game.act = () => {
      step ??= codeOf(replay.step())
    }
    const report = await replay.run()
    expect(await step).toBe('HostError')
    expect(report).toMatchObject({ ticks: 3, matches: true })
  })
})

describe('a script that its own on_detach unloads', () => {
  it('is unloaded once', async () => {
    const game = await createActing()
    const { world, runtime } = game
    const id = await runtime.loadModule(`(module ${ACT} (func (export "on_detach") (param i32) (call $act)))`)
    runtime.attach(addEntity(world), id)
    runtime.tick(1)
    let unloads = 0
    runtime.on('unload', () => unloads++)
    game.act = () => runtime.unloadModule(id)
    runtime.unloadModule(id)
    const next = [await runtime.loadModule(counterScript()), await runtime.loadModule(counterScript())] as const
    expect(unloads).toBe(1)
    expect(runtime.tag(next[0])).not.toBe(runtime.tag(next[1]))
  })
})

describe('a script that another one unloads, by way of a host function', () => {
  it.each(['inline', 'host'] as const)('gets on_detach for each entity, and the other runs on, linked %s', async (link) => {
    const game = await createActing()
    const { world, components, runtime, errors } = game
    const writes = `(import "ecs.set" "Health.points" (func $set (param i32 i32))) (import "ecs" "despawn" (func $despawn (param i32)))`
    const leaves = `(module ${writes} (func (export "on_detach") (param i32) (call $set (local.get 0) (i32.const 7)) (call $despawn (local.get 0))))`
    const counts = `${ACT} (import "ecs" "exists" (func $exists (param i32) (result i32))) (global $n (mut i32) (i32.const 0))
      (func (export "n") (result i32) (global.get $n))`
    const other = await runtime.loadModule(leaves, { link })
    const id = await runtime.loadModule(
      updateScript('(call $act) (global.set $n (i32.add (global.get $n) (call $exists (i32.const 4))))', counts),
      { link },
    )
    const entities = [addEntity(world), addEntity(world)]
    expect(entities).toEqual([3, 4])
    for (const entity of entities) for (const each of [id, other]) runtime.attach(entity, each)
    runtime.tick(1)
    game.act = () => {
      if (runtime.find('script-1') !== undefined) runtime.unloadModule(other)
    }
    expect(runtime.tick(1)).toMatchObject({ entities: 2, faults: 0 })
    expect(errors).toEqual([])
    expect([...components.Health.points].slice(3, 5)).toEqual([7, 7])
    // What on_detach despawned is removed when the run of the script that unloaded it ends.
    expect([runtime.call(id, 'n'), entities.map((entity) => entityExists(world, entity))]).toEqual([4, [false, false]])
  })

  it('does not get it while its own init or reload runs', async () => {
    const game = await createActing()
    const { world, runtime } = game
    let detached = 0
    const script = `(module ${ACT} (func (export "on_detach") (param i32) (call $act)))`
    const id = await runtime.loadModule(script)
    runtime.attach(addEntity(world), id)
    runtime.tick(1)
    const reload = runtime.reloadModule(id, script.replace('(func (export', '(func (export "init") (call $act)) (func (export'))
    game.act = () => {
      game.act = () => detached++
      runtime.unloadModule(id)
    }
    await expect(reload).rejects.toMatchObject({ code: 'ScriptNotFound' })
    expect(detached).toBe(0)
  })
})

describe('a script that unloads itself and runs on', () => {
  it('takes nothing from a script that is loaded in its place', async () => {
    const game = await createActing()
    const { world, runtime } = game
    const id = await runtime.loadModule(updateScript('(call $act) unreachable', ACT), { onFault: 'detach' })
    const entity = addEntity(world)
    runtime.attach(entity, id)
    let loading: Promise<ScriptId> | undefined
    game.act = () => {
      runtime.unloadModule(id)
      loading = runtime.loadModule(updateScript('nop'), { name: 'next' })
      runtime.attach(entity, runtime.find('next')?.id as ScriptId)
    }
    expect(runtime.tick(1).faults).toBe(1)
    await loading
    expect(runtime.tick(1).entities).toBe(1)
  })
})

describe('a script that faults in a call from its own update', () => {
  it.each(['inline', 'host'] as const)('updates no other entity, linked %s', async (link) => {
    const game = await createActing()
    const { world, runtime } = game
    const id = await runtime.loadModule(updateScript('(call $act)', `${ACT} (func (export "boom") unreachable)`), { link })
    for (let count = 0; count < 5; count++) runtime.attach(addEntity(world), id)
    let calls = 0
    game.act = () => {
      calls++
      expect(() => runtime.call(id, 'boom')).toThrow()
    }
    expect(runtime.tick(1)).toMatchObject({ entities: 1, faults: 1 })
    expect(calls).toBe(1)
  })
})

describe('an init that fails', () => {
  it.each(['inline', 'host'] as const)('takes back what a script that it called wrote, linked %s', async (link) => {
    const game = await createActing()
    const { components, runtime } = game
    const writes = `(module (import "ecs.set" "Position.x" (func $set (param i32 f32)))
      (func (export "go") (param i32) (call $set (local.get 0) (f32.const 9))))`
    const other = await runtime.loadModule(writes, { link })
    const entity = runtime.spawn({ Position: { x: 1 } })
    game.act = () => runtime.call(other, 'go', entity)
    expect(await codeOf(runtime.loadModule(`(module ${ACT} (func (export "init") (call $act) unreachable))`))).toBe('InitFailed')
    expect(components.Position.x[entity]).toBe(1)
  })
})

describe('a nested call', () => {
  it('spends the fuel of the run that it came from', async () => {
    const game = await createActing()
    const { runtime, errors } = game
    const SPENDS =
      '(func (export "spend") (local $n i32) (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000)))))'
    const other = await runtime.loadModule(`(module ${SPENDS})`, { order: 1 })
    const id = await runtime.loadModule(tickScript('(call $act)', ACT), { limits: { fuel: 20_000 } })
    game.act = () => runtime.call(other, 'spend')
    runtime.tick(1)
    expect([runtime.script(id).stats.fuel > 1000, runtime.script(other).stats.fuel]).toEqual([true, 0])
    game.act = () => {
      for (;;) runtime.call(other, 'spend')
    }
    expect(runtime.tick(1).faults).toBe(2)
    expect(errors.map(({ code, scriptId }) => [code, scriptId])).toEqual([
      ['OutOfFuel', other],
      ['HostError', id],
    ])
  })

  it('ends before the stack does, whatever the host function does there', async () => {
    let compiled = 0
    const again = { call: (_: number): unknown => undefined }
    const { runtime } = await createGame({
      host: {
        test: {
          again(_, depth: number) {
            // V8 ends the process where the stack has no room to compile a regular expression.
            new RegExp(`a|${compiled++}`).test('b')
            again.call(depth)
          },
        },
      },
    })
    const id = await runtime.loadModule(`(module (import "test" "again" (func $again (param i32)))
      (func $down (param $calls i32) (param $depth i32)
        (if (local.get $calls) (then (call $down (i32.sub (local.get $calls) (i32.const 1)) (local.get $depth)) (return)))
        (if (local.get $depth) (then (call $again (i32.sub (local.get $depth) (i32.const 1))))))
      (func (export "at") (param $calls i32) (param $depth i32) (call $down (local.get $calls) (local.get $depth))))`)
    for (let calls = 500; calls < 1500; calls += 10) {
      again.call = (depth) => runtime.call(id, 'at', calls, depth)
      expect(await codeOf(() => runtime.call(id, 'at', calls, 60)).catch(() => 'none')).toMatch(/none|StackOverflow|HostError/)
    }
  })
})

describe('a restore in which set_state unloads and loads scripts', () => {
  it('restores all others', async () => {
    const game = await createActing()
    const { runtime } = game
    const first = await runtime.loadModule(counterScript(), { name: 'first' })
    const second = await runtime.loadModule(counterScript(), { name: 'second' })
    runtime.tick(1)
    const saved = runtime.snapshot()
    await runtime.reloadModule(
      first,
      `(module ${ACT} (memory (export "memory") 1) (data (i32.const 0) "1")
        (func (export "get_state") (result i32 i32) (i32.const 0) (i32.const 1))
        (func (export "set_state") (param i32 i32) (call $act)))`,
    )
    runtime.tick(1)
    game.act = () => runtime.unloadModule(first)
    const { scripts } = runtime.restore(saved)
    expect(scripts).toEqual([
      { script: 'second', state: 'restored' },
      { script: 'first', state: 'missing' },
    ])
    expect(runtime.call(second, 'count')).toBe(1)
  })
})

describe('a listener', () => {
  it.each([
    ['that an earlier one ended', (_: WasmScriptRuntime, off: () => void) => off()],
    ['of a runtime that an earlier one disposed of', (runtime: WasmScriptRuntime) => runtime.dispose()],
  ])('%s is not called', async (_, end) => {
    const { runtime } = await createGame()
    let calls = 0
    runtime.on('tick', () => end(runtime, off))
    const off = runtime.on('tick', () => calls++)
    runtime.tick(1)
    expect(calls).toBe(0)
  })
})

describe('an observer', () => {
  it('that despawns an entity with the id of one that was despawned in the same tick is heard', async () => {
    const { world, components, runtime } = await createGame()
    const [first, second] = [runtime.spawn({ Position: {} }), runtime.spawn({ Position: {} })]
    const despawns = [first, second].map((entity) => `(call $despawn (i32.const ${entity}))`).join(' ')
    await runtime.loadModule(tickScript(despawns, '(import "ecs" "despawn" (func $despawn (param i32)))'))
    let born: number | undefined
    observe(world, onRemove(components.Position), (entity: number) => {
      if (entity !== second) return
      born = runtime.spawn({ Dead: {} })
      runtime.despawn(born)
    })
    runtime.tick(1)
    expect(born).toBe(first)
    expect(entityExists(world, first)).toBe(false)
  })

  it.each([
    ['throws', () => raise(new TypeError('observed'))],
    ['uses the runtime', (runtime: WasmScriptRuntime, id: ScriptId) => runtime.script(id)],
  ])('that %s as a script is unloaded, or the runtime disposed of, leaves nothing half done', async (_, observed) => {
    // Once the runtime is disposed of, there is no listener.
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => printed.mockRestore())
    for (const end of ['unloadModule', 'dispose'] as const) {
      const { world, runtime, errors } = await createGame()
      const ids = [await runtime.loadModule(updateScript('nop')), await runtime.loadModule(updateScript('nop'))] as const
      const tags = ids.map((id) => runtime.tag(id))
      const entities = [addEntity(world), addEntity(world)]
      for (const entity of entities) for (const id of ids) runtime.attach(entity, id)
      runtime.tick(1)
      observe(world, onRemove(tags[0] as object), () => void observed(runtime, ids[0]))
      runtime[end](ids[0])
      expect(entities.map((entity) => hasComponent(world, entity, tags[0] as object))).toEqual([false, false])
      expect(printed).toHaveBeenCalledTimes(end === 'dispose' ? 1 : 0)
      if (end === 'dispose') continue
      for (const error of errors)
        expect(error).toMatchObject({ code: 'HostError', detail: expect.stringMatching(/^an observer of the world threw/) })
      expect(runtime.tick(1)).toMatchObject({ entities: 2, faults: 0 })
    }
  })
})

function raise(error: Error): never {
  throw error
}
