import { ScriptError } from '../../errors.ts'
import type { HostCaller } from '../../runtime/api/host-caller.ts'
import type { GameInput } from '../../runtime/api/input-log.ts'
import { type LoadOptions, recordedOptions } from '../../runtime/api/load-options.ts'
import type { ScriptMetadata } from '../../runtime/api/metadata.ts'
import type { TickReport } from '../../runtime/api/reports.ts'
import { captureGame } from '../../runtime/image/game.ts'
import type { GameImage } from '../../runtime/image/game-image.ts'
import { PageStore } from '../../runtime/image/page-store.ts'
import type { WasmScriptRuntime } from '../../runtime/runtime.ts'
import type { Store } from '../../runtime/script/store.ts'
import { hashGame } from '../../runtime/time/hash-game.ts'
import { HostCallers } from '../../runtime/time/host-callers.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { HostLog } from './host-log.ts'
import type { PastOptions } from './past-options.ts'

/** The code that a script had, and how it was loaded. */
export interface MomentScript {
  readonly name: string
  readonly source: SourceModule
  readonly options: LoadOptions
  readonly metadata: ScriptMetadata | undefined
}

/** A whole game as a tick began; in a replay, the first as its first input came. */
export interface Moment {
  /** The number of that input. */
  readonly at: number
  /** The number of the next call of a host function. */
  readonly calls: number
  /** Seconds of game time since the past began. */
  readonly time: number
  readonly image: GameImage
  readonly scripts: readonly MomentScript[]
  readonly hash: string
}

/** What a tick came to, by which it is compared with a run again. */
export type TickCheck = Pick<TickReport, 'entities' | 'fuel' | 'faults'>

/** What the game did between two ticks. */
export interface PastInput {
  /** The input, as `runtime.on('input')` told it. */
  readonly input: GameInput
  /** Where it called the runtime for it; left out if that is not known. */
  readonly caller?: HostCaller
}

/** An input, where the game called for it, and for a tick what it came to. */
interface KeptInput {
  readonly input: GameInput
  readonly caller: HostCaller | undefined
  check: TickCheck | undefined
}

/** Bytes of an input in memory, roughly, beside those in it. */
const INPUT_BYTES = 200

/** Keeps moments of a game, and all that entered it since the first of them. */
export class Moments {
  readonly #store: Store
  readonly #options: Required<PastOptions>
  readonly #offs: readonly (() => void)[]
  readonly #hosts: HostLog | undefined
  readonly #callers: HostCallers
  readonly #pages = new PageStore()
  readonly #moments: Moment[] = []
  #inputs: KeptInput[] = []
  /** The number of the first input that is kept. */
  #first = 0
  #inputBytes = 0
  #time = 0
  /** Ticks since the last moment. */
  #ticks = 0

  constructor(runtime: WasmScriptRuntime, store: Store, options: Required<PastOptions>) {
    this.#store = store
    this.#options = options
    this.#hosts = options.hostResults ? new HostLog(store) : undefined
    this.#callers = new HostCallers(runtime)
    this.#offs = [
      runtime.on('input', (input) => this.#keep(input), { passive: true }),
      runtime.on('tick', (report) => this.#check(report), { passive: true }),
    ]
  }

  get hosts(): HostLog | undefined {
    return this.#hosts
  }

  /** Bytes of all that is kept, roughly. */
  get bytes(): number {
    return this.#pages.bytes + this.#inputBytes + (this.#hosts?.bytes ?? 0)
  }

  /** The moments, the oldest first. */
  get all(): readonly Moment[] {
    return this.#moments
  }

  /** The number of inputs so far, those that were dropped among them. */
  get end(): number {
    return this.#first + this.#inputs.length
  }

  inputAt(number: number): GameInput | undefined {
    return this.#inputs[number - this.#first]?.input
  }

  checkAt(number: number): TickCheck | undefined {
    return this.#inputs[number - this.#first]?.check
  }

  callerAt(number: number): HostCaller | undefined {
    return this.#inputs[number - this.#first]?.caller
  }

  /** Returns what the game did between a tick and the one before it. `number` is that of the tick. */
  inputsBefore(number: number): readonly PastInput[] {
    const inputs: PastInput[] = []
    for (let at = number - 1 - this.#first; at >= 0; at--) {
      const { input, caller } = this.#inputs[at] as KeptInput
      if (input.kind === 'tick') break
      inputs.unshift({ input, ...(caller && { caller }) })
    }
    return inputs
  }

  /** Returns the number of the input that is a tick, the last one with that number of ticks before it; -1 if it is not kept. */
  findTick(ticksBefore: number): number {
    const from = this.#moments[0]?.at ?? Number.POSITIVE_INFINITY
    for (let number = this.end - 1; number >= from; number--) {
      const input = this.inputAt(number)
      if (input?.kind === 'tick' && input.tick === ticksBefore) return number
    }
    return -1
  }

  /** Returns the last moment at or before an input. */
  momentBefore(number: number): Moment | undefined {
    return this.#moments.findLast(({ at }) => at <= number)
  }

  /** Returns the moment after one. */
  next(moment: Moment): Moment | undefined {
    return this.#moments[this.#moments.indexOf(moment) + 1]
  }

  dispose(): void {
    for (const off of this.#offs) off()
    this.#hosts?.dispose()
    for (const { image } of this.#moments.splice(0)) this.#pages.release(image)
    this.#inputs = []
  }

  #keep(input: GameInput): void {
    // What a replay does before its first tick came from a recording. What a game does there may bypass the runtime.
    if (input.kind !== 'tick' && this.#moments.length === 0 && this.#store.isReplayed) this.#capture()
    if (input.kind === 'tick') {
      if (this.#isDue()) this.#capture()
      this.#ticks++
      this.#time += input.dt
    }
    // Without a moment before it, it could not be played.
    if (this.#moments.length === 0) {
      this.#first++
      return
    }
    this.#inputs.push({ input, caller: this.#callers.callerOf(input), check: undefined })
    this.#inputBytes += INPUT_BYTES + bytesIn(input)
    this.#drop()
  }

  #isDue(): boolean {
    return this.#moments.length === 0 || this.#ticks >= this.#options.keyframeEvery
  }

  /** Keeps the game as it is, unless it is in the middle of what no image holds: a job, or a probation. */
  #capture(): void {
    const { scripts, jobs } = this.#store
    if (jobs?.isBusy === true || scripts.some(({ probation }) => probation !== undefined)) return
    let image: GameImage
    try {
      image = this.#pages.take((keeper) => captureGame(this.#store, keeper))
    } catch (error) {
      if (error instanceof ScriptError) return
      throw error
    }
    this.#ticks = 0
    this.#moments.push({
      ...{ at: this.end, calls: this.#hosts?.end ?? 0, time: this.#time, image, hash: hashGame(this.#store) },
      scripts: scripts.flatMap((script) => {
        const { name, running } = script
        if (running === undefined) return []
        const { generation, metadata } = running
        return [{ name, source: generation.program.source, options: recordedOptions(script), metadata }]
      }),
    })
  }

  #check({ entities, fuel, faults }: TickReport): void {
    const last = this.#inputs.findLast(({ input }) => input.kind === 'tick')
    if (last !== undefined) last.check ??= { entities, fuel, faults }
  }

  /** Drops the oldest moments, with what entered the game until the next one, while there is too much. */
  #drop(): void {
    const { seconds, bytes } = this.#options
    for (let [first, second] = this.#moments; first !== undefined && second !== undefined; [first, second] = this.#moments) {
      if (this.#time - second.time < seconds && this.bytes <= bytes) return
      this.#moments.shift()
      this.#pages.release(first.image)
      const dropped = this.#inputs.slice(0, second.at - this.#first)
      for (const { input } of dropped) this.#inputBytes -= INPUT_BYTES + bytesIn(input)
      this.#inputs = this.#inputs.slice(dropped.length)
      this.#first = second.at
      this.#hosts?.dropBefore(second.calls)
    }
  }
}

/** Returns the bytes of the texts and arrays in a value, roughly. */
function bytesIn(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (typeof value !== 'object' || value === null) return 8
  let sum = 0
  for (const each of Object.values(value)) sum += bytesIn(each)
  return sum
}
