import * as v from 'valibot'
import { type Limits, limitsSchema } from '../../abi/limits.ts'
import { ScriptError } from '../../errors.ts'
import type { Grant } from '../../host/modules/permissions.ts'
import { boolean, checkOptions, oneOf } from '../../options.ts'
import { checkNoInputLog, type HostInput, openInputLog } from '../api/input-log.ts'
import { grantSchema } from '../api/load-options.ts'
import type { TickReport } from '../api/reports.ts'
import { Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { dropLateCalls } from '../script/late-calls.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { hashGame } from './hash-game.ts'
import { boundsOf, type CodeBounds, checkLoads, codeOf, loadRecordedCode } from './recorded-code.ts'
import { Recording } from './recording.ts'
import type { RecordedInput } from './recording-content.ts'
import { isSameInput, playInput } from './replay-input.ts'

/** Options of `Replay.begin`. */
export interface ReplayOptions {
  /**
   * `'loaded'` uses the scripts of the runtime, which shows what other code does with the same input. `'recorded'` replaces
   * their code by that of the recording.
   * @default 'loaded'
   */
  readonly scripts?: 'loaded' | 'recorded'
  /**
   * Whether the recording may load scripts of its own. A recording holds code, which may come from anyone. Code that it gives to scripts
   * of the runtime, in reloads and with `scripts: 'recorded'`, runs with the grant and the limits of those scripts.
   * @default false; a recording that loads scripts is refused
   */
  readonly load?: boolean
  /**
   * What scripts that the recording loads may import, in place of what it says. `'recorded'` is what it says: for recordings that
   * you made yourself.
   * @default what the scripts of the runtime may import, all together; if one of them may import everything, what the recording says
   */
  readonly grant?: Grant | 'recorded'
  /**
   * Limits of scripts that the recording loads, in place of those that it says. `'recorded'` is what it says.
   * @default what the recording says, but no more than the highest of the runtime's scripts, or than the runtime's if there are none
   */
  readonly limits?: Partial<Limits> | 'recorded'
}

const recorded = v.literal('recorded')
const replayOptions = v.strictObject(
  {
    scripts: v.optional(oneOf('loaded', 'recorded')),
    load: v.optional(boolean),
    grant: v.optional(v.union([recorded, grantSchema], "a grant or 'recorded'")),
    limits: v.optional(v.union([recorded, limitsSchema], "limits or 'recorded'")),
  },
  'an object of options',
)

/** A script of the recording or of the runtime, and how the two compare. */
export interface ReplayedScript {
  /** The name of the script. */
  readonly script: string
  /** `same`: the code is as recorded. `changed`: the code differs. `missing`: not in the runtime. `new`: not in the recording. */
  readonly state: 'same' | 'changed' | 'missing' | 'new'
}

/** The progress of a {@link Replay}, and whether the world is the same as recorded. */
export interface ReplayReport {
  /** The number of ticks played. */
  readonly ticks: number
  /** The result of `hashWorld` for the world as it is now. */
  readonly hash: string
  /** Whether the world matched every recorded hash so far. */
  readonly matches: boolean
  /** The first mismatch: the worlds began to differ after the tick `after`, and at the latest in the tick `before`. */
  readonly parted?: { readonly after: number; readonly before: number }
}

/**
 * Plays a recording on a runtime with the same components and host functions. Until `end`, the runtime refuses any input that
 * is not the next one of the recording. A listener of the game that repeats its recorded input is not refused.
 *
 * @example
 * const replay = await Replay.begin(runtime, Recording.fromBytes(bytes))
 * const { matches } = await replay.run()
 * replay.end()
 */
export class Replay {
  readonly #runtime: WasmScriptRuntime
  readonly #store: Store
  readonly #recording: Recording
  readonly #bounds: CodeBounds
  readonly #closeInputLog: () => void
  /** How the scripts of the runtime compared with those of the recording when the replay began. */
  readonly scripts: readonly ReplayedScript[]
  /** The index of the next input. */
  #at = 0
  /** How often that input has been played, if it is a tick. */
  #times = 0
  #ticks = 0
  /** The index of the next hash. */
  #nextHash = 0
  /** The ticks of the last hash that was compared. */
  #lastCompared = 0
  #parted: ReplayReport['parted']
  #isEnded = false

  private constructor(runtime: WasmScriptRuntime, recording: Recording, scripts: readonly ReplayedScript[], bounds: CodeBounds) {
    this.#bounds = bounds
    this.#runtime = runtime
    this.#store = storeOf(runtime)
    this.#recording = recording
    this.scripts = scripts
    this.#closeInputLog = openInputLog(this.#store, (input) => this.#accept(input))
  }

  /**
   * Restores the game to the beginning of a recording and starts to play it. If it fails, nothing changes.
   *
   * @throws {ScriptError} InvalidOptions if the runtime has another seed, or is already recorded or replayed; StateRejected if
   * it has other components; LoadFailed if the recording loads scripts and `load` does not allow it; HostError while scripts are
   * running; with `scripts: 'recorded'` the errors of `loadModule`
   * @example
   * const replay = await Replay.begin(runtime, recording, { scripts: 'recorded' })
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
    const bounds = boundsOf(store, options)
    checkLoads(store, recording.content, scripts, bounds)
    const snapshot = Snapshot.fromBytes(start)
    store.isReplayed = true
    try {
      if (scripts === 'recorded') await loadRecordedCode(runtime, store, recording.content, snapshot, bounds)
      const compared = compareScripts(store, recording)
      runtime.restore(snapshot)
      return new Replay(runtime, recording, compared, bounds)
    } catch (error) {
      store.isReplayed = false
      throw error
    }
  }

  /** The number of ticks played so far. */
  get ticks(): number {
    return this.#ticks
  }

  /** Whether the whole recording has been played. */
  get isOver(): boolean {
    return this.#at >= this.#recording.content.inputs.length
  }

  /**
   * Plays up to and including the next tick. Resolves with its report; `undefined` if no tick was left.
   *
   * @throws {ScriptError} Disposed after `end`; HostError while scripts are running
   * @example
   * while (!replay.isOver) draw(await replay.step())
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
        const result = await playInput(this.#runtime, input, this.#bounds)
        if (input.kind === 'tick') report = result as TickReport
      } catch (error) {
        // An input that failed in the recording fails again, with the same effects.
        if (!(error instanceof ScriptError)) throw error
      }
      if (this.#at === at && this.#times === times) this.#advance(input)
      if (report !== undefined) return report
    }
  }

  /**
   * Plays until `until` ticks have been played in all, or to the end.
   *
   * @throws {ScriptError} Disposed after `end`
   * @example
   * const { hash, matches } = await replay.run()
   */
  async run(until: number = Number.POSITIVE_INFINITY): Promise<ReplayReport> {
    while (!this.isOver && this.#ticks < until) await this.step()
    return this.report()
  }

  /**
   * Returns how far the replay is, and whether the world matches the recording so far.
   *
   * @example
   * const { parted } = replay.report()
   */
  report(): ReplayReport {
    if (this.isOver) this.#compareHash()
    const parted = this.#parted
    return { ticks: this.#ticks, hash: hashGame(this.#store), matches: parted === undefined, ...(parted && { parted }) }
  }

  /**
   * Ends the replay: the runtime accepts any input again, and nothing more can be played. Further calls do nothing.
   *
   * @example
   * replay.end()
   */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#closeInputLog()
    this.#store.isReplayed = false
    // Their answers would have come from the recording.
    dropLateCalls(this.#store, 'the replay ended')
    for (const { services } of this.#store.scripts) services?.http.abandon('the replay ended before there was an answer')
    this.#store.jobs?.end('replayed')
  }

  /** Accepts the next input of the recording. Throws `HostError` for any other. */
  #accept(given: HostInput): void {
    const next = this.#recording.content.inputs[this.#at]
    if (next === undefined || !isSameInput(given, next)) {
      throw new ScriptError('HostError', `a recording is being replayed, and '${given.kind}' is not its next input`)
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

  /** Compares the world with the hash that was recorded at this point, if there is one. */
  #compareHash(): void {
    const { hashes } = this.#recording.content
    for (let next = hashes[this.#nextHash]; next !== undefined && next[0] <= this.#ticks; next = hashes[this.#nextHash]) {
      const isEnd = this.#nextHash === hashes.length - 1
      if (isEnd && !this.isOver) return
      this.#nextHash++
      const [ticks, hash] = next
      if (this.#parted === undefined && hashGame(this.#store) !== hash) this.#parted = { after: this.#lastCompared, before: ticks }
      this.#lastCompared = ticks
    }
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
