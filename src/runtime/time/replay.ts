import * as v from 'valibot'
import { sameBytes } from '../../bytes.ts'
import { hashWorld } from '../../ecs/image/hash.ts'
import { ScriptError } from '../../errors.ts'
import { checkOptions, oneOf } from '../../options.ts'
import { checkNoInputLog, type HostInput, openInputLog } from '../api/input-log.ts'
import type { TickReport } from '../api/reports.ts'
import type { ScriptId } from '../api/script-info.ts'
import { pack } from '../image/codec.ts'
import { fingerprint } from '../image/portable-game.ts'
import { Snapshot } from '../image/snapshot.ts'
import { replaceCode } from '../reload/reload.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import type { Script } from '../script/script.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { type RecordedInput, Recording } from './recording.ts'

export interface ReplayOptions {
  /**
   * `'loaded'` plays on the scripts that the runtime has: what the same input makes of other code. `'recorded'` puts the code
   * of the recording in their place.
   * @default 'loaded'
   */
  readonly scripts?: 'loaded' | 'recorded'
}

const replayOptions = v.strictObject({ scripts: v.optional(oneOf('loaded', 'recorded')) }, 'an object of options')

/** A script of the recording, or of the runtime. */
export interface ReplayedScript {
  readonly script: string
  /** `same` code as recorded, `changed` code, `missing` in the runtime, or `new` in it. */
  readonly state: 'same' | 'changed' | 'missing' | 'new'
}

export interface ReplayReport {
  /** Ticks played. */
  readonly ticks: number
  /** `hashWorld` of the game now. */
  readonly hash: string
  /** Whether every hash that the recording has of the time up to now was met. */
  readonly matches: boolean
  /** Where the first was missed: the worlds parted after the one tick and not after the other. */
  readonly parted?: { readonly after: number; readonly before: number }
}

/**
 * Plays a recording on a runtime with the same components and host functions. Meanwhile the runtime takes no input but the
 * recorded: the same input that the game itself makes again in its listeners is taken for it.
 */
export class Replay {
  readonly #runtime: WasmScriptRuntime
  readonly #store: Store
  readonly #recording: Recording
  readonly #closeInputLog: () => void
  /** How the scripts of the runtime compare with those of the recording. */
  readonly scripts: readonly ReplayedScript[]
  #at = 0
  /** Ticks of the entry at hand that are played. */
  #times = 0
  #ticks = 0
  #known = 0
  #lastMet = 0
  #parted: ReplayReport['parted']
  #isEnded = false

  private constructor(runtime: WasmScriptRuntime, recording: Recording, scripts: readonly ReplayedScript[]) {
    this.#runtime = runtime
    this.#store = storeOf(runtime)
    this.#recording = recording
    this.scripts = scripts
    this.#closeInputLog = openInputLog(this.#store, (input) => this.#take(input))
  }

  /**
   * Makes the game what it was when the recording began. Rejects with `InvalidOptions` for a runtime of another seed, or one
   * that is recorded or replayed, `StateRejected` for one with other components, `HostError` while scripts are running.
   */
  static async begin(runtime: WasmScriptRuntime, recording: Recording, options: ReplayOptions = {}): Promise<Replay> {
    checkOptions(replayOptions, options, 'Replay')
    const { scripts = 'loaded' } = options
    const store = storeOf(runtime)
    if (!(recording instanceof Recording))
      throw new ScriptError('InvalidOptions', 'a replay needs what Recorder.stop() or Recording.fromBytes() returned')
    const { seed, start } = recording.content
    if (store.options.seed !== seed)
      throw new ScriptError('InvalidOptions', `the recording was made with the seed ${seed}, and the runtime has ${store.options.seed}`)
    checkNoInputLog(store)
    checkIdle(store, 'Replay.begin')
    if (scripts === 'recorded') await putCode(runtime, store, recording)
    const compared = compareScripts(store, recording)
    runtime.restore(Snapshot.fromBytes(start))
    return new Replay(runtime, recording, compared)
  }

  /** Ticks played so far. */
  get ticks(): number {
    return this.#ticks
  }

  /** Whether everything has been played. */
  get isOver(): boolean {
    return this.#at >= this.#recording.content.inputs.length
  }

  /**
   * Plays up to the end of the next tick. Gives what it did; `undefined` if what was left held no tick. Rejects with `Disposed`,
   * and `HostError` while scripts are running.
   */
  async step(): Promise<TickReport | undefined> {
    if (this.#isEnded) throw new ScriptError('Disposed', 'the replay was ended; begin another')
    checkIdle(this.#store, 'step')
    for (;;) {
      const input = this.#recording.content.inputs[this.#at]
      if (input === undefined) return undefined
      const [at, times] = [this.#at, this.#times]
      let report: TickReport | undefined
      try {
        if (input.kind === 'tick') this.#compareHash()
        const result = await perform(this.#runtime, input)
        if (input.kind === 'tick') report = result as TickReport
      } catch (error) {
        // What failed then fails again, and changed then what it changes now.
        if (!(error instanceof ScriptError)) throw error
      }
      if (this.#at === at && this.#times === times) this.#advance(input)
      if (report !== undefined) return report
    }
  }

  /** Plays until so many ticks are played, or to the end. */
  async run(until: number = Number.POSITIVE_INFINITY): Promise<ReplayReport> {
    while (!this.isOver && this.#ticks < until) await this.step()
    return this.report()
  }

  /** How it stands. */
  report(): ReplayReport {
    if (this.isOver) this.#compareHash()
    const { world, components } = this.#store.options
    const parted = this.#parted
    return { ticks: this.#ticks, hash: hashWorld(world, components), matches: parted === undefined, ...(parted && { parted }) }
  }

  /** Lets the runtime go on by itself from here. May be called again; after it, nothing more can be played. */
  end(): void {
    this.#isEnded = true
    this.#closeInputLog()
  }

  /** Lets through what comes next in the recording. */
  #take(given: HostInput): void {
    const next = this.#recording.content.inputs[this.#at]
    if (next === undefined || !isSame(given, next)) {
      throw new ScriptError('HostError', `a recording is being replayed, which takes no other input: a call of ${given.kind} was refused`)
    }
    this.#advance(next)
  }

  #advance(input: RecordedInput): void {
    if (input.kind === 'tick') {
      this.#ticks++
      if (++this.#times < input.times) return
      this.#times = 0
    }
    this.#at++
  }

  /** Holds the world against the hash that was taken at this place, if one was. */
  #compareHash(): void {
    const { hashes } = this.#recording.content
    const { world, components } = this.#store.options
    for (let known = hashes[this.#known]; known !== undefined && known[0] <= this.#ticks; known = hashes[this.#known]) {
      const isEnd = this.#known === hashes.length - 1
      if (isEnd && !this.isOver) return
      this.#known++
      if (this.#parted === undefined && hashWorld(world, components) !== known[1]) this.#parted = { after: this.#lastMet, before: known[0] }
      this.#lastMet = known[0]
    }
  }
}

async function perform(runtime: WasmScriptRuntime, input: RecordedInput): Promise<unknown> {
  const id = (name: string): ScriptId => runtime.find(name)?.id ?? (-1 as ScriptId)
  switch (input.kind) {
    case 'tick':
      return runtime.tick(input.dt)
    case 'emit':
      return runtime.emit(input.name, ...input.args)
    case 'spawn':
      return runtime.spawn(input.components)
    case 'write':
      return runtime.write(input.entity, input.components)
    case 'despawn':
      return runtime.despawn(input.entity)
    case 'attach':
    case 'detach':
      return runtime[input.kind](input.entity, id(input.script))
    case 'call':
      return runtime.call(id(input.script), input.name, ...input.args)
    case 'callJson':
      return runtime.callJson(id(input.script), input.name, input.arg)
    case 'callBytes':
      return runtime.callBytes(id(input.script), input.name, input.bytes)
    case 'load':
      return runtime.loadModule(input.content, { ...input.options, name: input.script })
    case 'reload':
      return runtime.reloadModule(id(input.script), input.content, input.options)
    case 'unload':
      return runtime.unloadModule(id(input.script))
    case 'restore':
      return runtime.restore(Snapshot.fromBytes(input.snapshot))
  }
}

function isSame(given: HostInput, next: RecordedInput): boolean {
  if (given.kind === 'tick') return next.kind === 'tick' && Object.is(given.dt, next.dt)
  // A snapshot tells what the game was, which may be another on other scripts.
  if (given.kind === 'restore') return next.kind === 'restore'
  if (given.kind !== next.kind) return false
  return sameBytes(pack(given), pack(next))
}

/** Gives the runtime the scripts of the recording, with the code that they had. */
async function putCode(runtime: WasmScriptRuntime, store: Store, { content: { scripts } }: Recording): Promise<void> {
  for (const { name, id } of runtime.scripts()) if (!scripts.some((script) => script.name === name)) runtime.unloadModule(id)
  for (const { name, content, options, module } of scripts) {
    const script = store.scripts.find((each) => each.name === name)
    if (script === undefined) await runtime.loadModule(content, { ...options, name })
    else if (codeOf(script) !== module) await replaceCode(store, script, content)
  }
}

function compareScripts(store: Store, { content: { scripts } }: Recording): readonly ReplayedScript[] {
  const recorded = scripts.map(({ name, module }): ReplayedScript => {
    const script = store.scripts.find((each) => each.name === name)
    return { script: name, state: script === undefined ? 'missing' : codeOf(script) === module ? 'same' : 'changed' }
  })
  const added = store.scripts.filter(({ name }) => !scripts.some((script) => script.name === name))
  return [...recorded, ...added.map(({ name }): ReplayedScript => ({ script: name, state: 'new' }))]
}

/** Tells the code that a script runs from other code. */
function codeOf({ running }: Script): string {
  return running === undefined ? '' : fingerprint(running)
}
