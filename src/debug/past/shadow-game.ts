import { ScriptError } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import { HAS_MULTI_MEMORY } from '../../multi-memory.ts'
import type { GameInput } from '../../runtime/api/input-log.ts'
import type { TickReport } from '../../runtime/api/reports.ts'
import type { RuntimeOptions } from '../../runtime/api/runtime-options.ts'
import type { ScriptId } from '../../runtime/api/script-info.ts'
import { copyGame } from '../../runtime/image/copy-game.ts'
import { captureGame, restoreGame } from '../../runtime/image/game.ts'
import { enterScript, openGeneration } from '../../runtime/load/load.ts'
import { WasmScriptRuntime } from '../../runtime/runtime.ts'
import { makeCounted } from '../../runtime/script/pages.ts'
import { install } from '../../runtime/script/script.ts'
import { addScriptEntity } from '../../runtime/script/script-entity.ts'
import { type Store, storeOf } from '../../runtime/script/store.ts'
import { hashGame } from '../../runtime/time/hash-game.ts'
import type { CodeBounds } from '../../runtime/time/recorded-code.ts'
import { playInput } from '../../runtime/time/replay-input.ts'
import type { RawTrace, Tracer, Untraced } from '../trace/tick-tracer.ts'
import type { TraceRequest, TraceWindow } from '../trace/trace-request.ts'
import { type Checkpoint, Checkpoints, type Position } from './checkpoints.ts'
import { HostAnswers } from './host-answers.ts'
import type { Moment, MomentScript, Moments } from './moments.ts'
import { TRACE_BYTES, TracerCache } from './tracer-cache.ts'

/**
 * Bytes for the memories of scripts, where those are a part of the memory of columns, each as large as it may become. Most of them are never touched. Where the
 * computer does not give so many, fewer are tried.
 */
const MEMORY_BYTES: readonly number[] = HAS_MULTI_MEMORY ? [0] : [1024, 256, 64].map((megabytes) => megabytes * 1024 * 1024)
/** The inputs come from the game itself. */
const BOUNDS: CodeBounds = { load: true, grant: undefined, hosts: undefined, limits: {}, maxLimits: undefined }

/** What a shadow said while a tick ran. */
export interface Heard {
  readonly report: TickReport
  readonly errors: readonly ScriptError[]
  readonly logs: readonly { readonly script: string; readonly level: string; readonly message: string }[]
}

/** What a traced tick left. */
export interface TracedTick {
  readonly raw: RawTrace
  readonly heard: Heard
  readonly untraced: readonly Untraced[]
}

/** Inputs between two ticks that run no code of scripts and change none. */
const KEEPS_CODE: ReadonlySet<GameInput['kind']> = new Set([
  'emit',
  'spawn',
  'write',
  'despawn',
  'relate',
  'unrelate',
  'attach',
  'detach',
  'send',
])

/**
 * A second game with the code, the components and the past of the first, in a world of its own. What runs in it changes nothing of the first, and
 * nobody who listens to the first hears of it.
 */
export class ShadowGame {
  readonly runtime: WasmScriptRuntime
  readonly store: Store
  readonly #moments: Moments
  readonly #answers: HostAnswers
  readonly #checkpoints = new Checkpoints()
  readonly #tracers: TracerCache
  #position: Position | undefined
  #heard: { errors: ScriptError[]; logs: Heard['logs'][number][] } = { errors: [], logs: [] }

  private constructor(runtime: WasmScriptRuntime, moments: Moments) {
    this.runtime = runtime
    this.store = storeOf(runtime)
    this.#moments = moments
    this.#tracers = new TracerCache(this.store)
    this.#answers = new HostAnswers(moments, (input) => playInput(runtime, input, BOUNDS))
    this.store.isReplayed = true
    runtime.on('error', (error) => this.#heard.errors.push(error))
    runtime.on('log', ({ script, level, message }) => this.#heard.logs.push({ script, level, message }))
    if (moments.hosts !== undefined) this.store.hostCalls = (script, name) => this.#answers.answer(script, name)
  }

  /** Makes a shadow with the scripts of a moment. Rejects with the errors of loading them. */
  static async create(game: Store, moments: Moments, scripts: readonly MomentScript[]): Promise<ShadowGame> {
    const runtime = await WasmScriptRuntime.create(copyWithRoom(game))
    try {
      const shadow = new ShadowGame(runtime, moments)
      for (const script of scripts) await shadow.#load(script)
      return shadow
    } catch (error) {
      runtime.dispose()
      throw error
    }
  }

  /** Whether it has the scripts of a moment. */
  hasScripts({ scripts }: Moment): boolean {
    const own = this.store.scripts
    return (
      scripts.length === own.length &&
      scripts.every(({ name, source }, index) => name === own[index]?.name && source === own[index]?.running?.generation.program.source)
    )
  }

  /** Whether a host function was called that was not called then. */
  get hasParted(): boolean {
    return this.#answers.hasParted
  }

  get hash(): string {
    return hashGame(this.store)
  }

  /** Goes to a moment, whose content is given as that of a file. */
  begin(moment: Moment, restore: (runtime: WasmScriptRuntime) => void): void {
    restore(this.runtime)
    for (const { name, generationNumber } of moment.image.scripts) {
      const script = this.store.scripts.find((each) => each.name === name)
      if (script !== undefined) script.generationNumber = generationNumber
    }
    this.#moveTo({ moment, at: moment.at, calls: moment.calls })
  }

  /** Goes to where it was last, having started from a moment, at or before an input. Returns whether it was there. */
  resume(moment: Moment, to: number): boolean {
    const here = this.#position
    const checkpoint = this.#checkpoints.find(moment, to, (each) => this.#hasCodeOf(each))
    if (here?.moment === moment && here.at <= to && here.at >= (checkpoint?.at ?? -1)) return true
    if (checkpoint === undefined) return false
    this.#checkpoints.use(checkpoint)
    restoreGame(this.store, checkpoint.image)
    this.#moveTo(checkpoint)
    return true
  }

  #hasCodeOf({ image: { scripts } }: Checkpoint): boolean {
    const own = this.store.scripts
    return (
      own.length === scripts.length &&
      scripts.every(({ name, generation }) => own.some((each) => each.name === name && each.running?.generation === generation))
    )
  }

  /** Plays inputs up to one, which is not played. `each` is called with the number of each, once it was played, and what it reported if it is a tick. */
  async playTo(to: number, each: (number: number, report: TickReport | undefined) => void = () => undefined): Promise<void> {
    while (this.#at < to) {
      const number = this.#at
      each(number, await this.#play(number))
    }
  }

  /** Keeps where it is. */
  keepCheckpoint(): void {
    if (this.#position === undefined || this.store.jobs?.isBusy === true) return
    this.#checkpoints.add(this.#position, (keeper) => captureGame(this.store, keeper))
  }

  /** Returns traced code for the scripts as they are now. */
  tracer(request: TraceRequest): Promise<Tracer> {
    return this.#tracers.get(request)
  }

  /** Plays the tick that is next, with traced code. */
  trace(tracer: Tracer, window: TraceWindow): TracedTick {
    const swapBack = tracer.enter()
    try {
      return this.#traceTick(tracer, window)
    } finally {
      swapBack()
    }
  }

  /**
   * Plays inputs up to one, which is not played, and ticks with traced code. `before` is called before each input with its number, and `after` after
   * each tick with what was recorded, too. The traced code stays in as long as it can, which takes much less than to put it in for each tick.
   */
  async traceTicks(
    to: number,
    request: TraceRequest,
    window: TraceWindow,
    { before, after }: { readonly before: (number: number) => void; readonly after: (number: number, tick: TracedTick) => void },
  ): Promise<void> {
    let tracer: Tracer | undefined
    let swapBack: (() => void) | undefined
    const leave = (): void => {
      swapBack?.()
      swapBack = undefined
    }
    try {
      while (this.#at < to) {
        const number = this.#at
        const input = this.#moments.inputAt(number)
        before(number)
        if (input?.kind !== 'tick') {
          if (input === undefined || !KEEPS_CODE.has(input.kind)) leave()
          await this.#play(number)
          continue
        }
        // A reload on probation may be taken back, with code.
        const isOnProbation = this.store.scripts.some(({ probation }) => probation !== undefined)
        if (swapBack === undefined || isOnProbation || tracer?.isCurrent !== true) {
          leave()
          tracer = await this.tracer(request)
          swapBack = tracer.enter()
        }
        after(number, this.#traceTick(tracer, window))
      }
    } finally {
      leave()
    }
  }

  #traceTick(tracer: Tracer, window: TraceWindow): TracedTick {
    const input = this.#moments.inputAt(this.#at)
    if (input?.kind !== 'tick') throw new ScriptError('HostError', 'the next input is no tick')
    this.#heard = { errors: [], logs: [] }
    let report: TickReport | undefined
    const raw = tracer.record(window, () => {
      report = this.runtime.tick(input.dt)
    })
    this.#advance()
    return { raw, heard: { report: report as TickReport, ...this.#heard }, untraced: tracer.untraced }
  }

  /** Plays the input that is next, such as a call of a script, with traced code. Nothing else can be played after it. */
  async traceInput(tracer: Tracer, window: TraceWindow): Promise<RawTrace> {
    const number = this.#at
    const input = this.#moments.inputAt(number)
    const script = input !== undefined && 'script' in input ? input.script : ''
    return tracer.runLoad(window, script, () => this.#play(number))
  }

  dispose(): void {
    this.runtime.dispose()
  }

  get #at(): number {
    return this.#position?.at ?? 0
  }

  #advance(): void {
    const { moment, at } = this.#position as Position
    this.#position = { moment, at: at + 1, calls: this.#answers.calls }
  }

  #moveTo({ moment, at, calls }: Position): void {
    this.#position = { moment, at, calls }
    this.#answers.moveTo(calls)
  }

  async #play(number: number): Promise<TickReport | undefined> {
    const input = this.#moments.inputAt(number)
    if (input === undefined) throw new ScriptError('StateRejected', 'that part of the past was dropped meanwhile')
    const { tick: _, ...given } = input
    let result: unknown
    try {
      result = await playInput(this.runtime, given, BOUNDS)
    } catch (error) {
      // An input that failed fails again, with the same effects.
      if (!(error instanceof ScriptError)) throw error
    }
    this.#advance()
    return input.kind === 'tick' ? (result as TickReport) : undefined
  }

  /** Enters a script without running any of it: a moment holds its state. */
  async #load({ name, source, options, metadata }: MomentScript): Promise<void> {
    const { store } = this
    const script = enterScript(store, store.nextScript++ as ScriptId, source.bytes, { ...options, name })
    await store.declareComponents(script)
    const generation = await openGeneration(store, script, source)
    generation.queries.register()
    addScriptEntity(store, script)
    script.hooks = generation.schedule?.watch()
    const instance = makeCounted(generation.program)
    install(script, { generation, instance, entityInstances: new Map<number, GuestInstance>(), jobInstances: new Set(), metadata })
    script.generationNumber = 1
    script.status = 'active'
  }
}

/** Returns the options of a copy of a game with room for a trace and the memories of scripts. */
function copyWithRoom({ options }: Store): RuntimeOptions {
  for (const bytes of MEMORY_BYTES) {
    try {
      return copyGame(options, TRACE_BYTES + bytes)
    } catch (error) {
      if (bytes === MEMORY_BYTES.at(-1)) throw error
    }
  }
  return copyGame(options, TRACE_BYTES)
}
