import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions, oneOf } from '../../options.ts'
import type { TickReport } from '../api/reports.ts'
import { Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { hashGame } from './hash-game.ts'
import { type PlayOptions, playEntries } from './play-options.ts'
import { checkNotPlayed, Playback } from './playback.ts'
import { callerOfInput } from './recorded-callers.ts'
import { boundsOf, type CodeBounds, checkLoads, codeOf, loadRecordedCode } from './recorded-code.ts'
import { Recording } from './recording.ts'

/** Options of `Replay.begin`. */
export interface ReplayOptions extends PlayOptions {
  /**
   * `'loaded'` uses the scripts of the runtime, which shows what other code does with the same input. `'recorded'` replaces
   * their code by that of the recording.
   * @default 'loaded'
   */
  readonly scripts?: 'loaded' | 'recorded'
}

const replayOptions = v.strictObject({ scripts: v.optional(oneOf('loaded', 'recorded')), ...playEntries }, 'an object of options')

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
  readonly #store: Store
  readonly #recording: Recording
  readonly #playback: Playback
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

  private constructor(runtime: WasmScriptRuntime, recording: Recording, scripts: readonly ReplayedScript[], bounds: CodeBounds) {
    this.#store = storeOf(runtime)
    this.#recording = recording
    this.scripts = scripts
    const inputs = { peek: () => recording.content.inputs[this.#at], advance: () => this.#advance() }
    this.#playback = new Playback(runtime, bounds, inputs)
  }

  /**
   * Restores the game to the beginning of a recording and starts to play it. If it fails, nothing changes.
   *
   * @throws {ScriptError} InvalidOptions if the runtime has another seed, or inputs are being played on it already; StateRejected if
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
    checkNotPlayed(store)
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
    if (this.#playback.isEnded) throw new ScriptError('Disposed', 'the replay was ended; begin another')
    checkIdle(this.#store, 'step')
    for (;;) {
      const input = this.#recording.content.inputs[this.#at]
      if (input === undefined) return undefined
      if (input.kind === 'tick') this.#compareHash()
      const report = await this.#playback.play(input)
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
    this.#playback.end()
    this.#store.recordedCaller = undefined
  }

  #advance(): void {
    const { content } = this.#recording
    const input = content.inputs[this.#at]
    this.#store.recordedCaller = callerOfInput(content, this.#at)
    if (input?.kind === 'tick') {
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
