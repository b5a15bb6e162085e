import * as v from 'valibot'
import { checkOptions, invalidOption, oneOf } from '../../options.ts'
import { contentOf } from '../../wasm/text/source-module.ts'
import type { GameInput } from '../api/input-log.ts'
import { recordedOptions } from '../api/load-options.ts'
import { fingerprint } from '../image/export-script.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { hashGame } from './hash-game.ts'
import { HostCallers } from './host-callers.ts'
import { CallerTable } from './recorded-callers.ts'
import { Recording } from './recording.ts'
import type { RecordedInput, RecordedScript } from './recording-content.ts'
import { HASH_EVERY } from './recording-schema.ts'

/** Options of {@link Recorder}. */
export interface RecorderOptions {
  /** Leaves out components and relations that `create` did not name. @default nothing: a game that has any cannot be recorded */
  readonly without?: 'unnamed'
  /**
   * Keeps where the game calls the runtime, for the first 32 calls after each tick, so that `Past.writers` tells the line. Files are named from this folder, and those
   * outside of it by their names alone, so that the recording says nothing of the machine. A call takes
   * about 8 µs more.
   * @default no such places are kept
   * @example
   * new Recorder(runtime, {}, { callers: new URL('/', location.href) })
   */
  readonly callers?: URL
}

const recorderOptions = v.strictObject(
  { without: v.optional(oneOf('unnamed')), callers: v.optional(v.instance(URL, 'the URL of a folder')) },
  'an object of options',
)

/**
 * Records what the host does through the runtime: `tick`, `emit`, `attach`, `detach`, `spawn`, `write`, `despawn`, `relate`,
 * `unrelate`, `call`, `callJson`, `callBytes`, `send`, `request`, `configure`, `restore`, jobs with all their input, scripts that are
 * loaded, reloaded and unloaded, with their code, the answers of plugins in workers, and those of servers to `http.request`. Changes that
 * bypass these methods, such as direct writes to columns, are not recorded.
 *
 * @example
 * const recorder = new Recorder(runtime)
 * for (let tick = 0; tick < 600; tick++) runtime.tick(1 / 60)
 * await writeFile('game.rec', recorder.stop().toBytes())
 */
export class Recorder {
  readonly #store: Store
  readonly #start: Uint8Array
  readonly #scripts: readonly RecordedScript[]
  readonly #notes: Readonly<Record<string, string>>
  readonly #inputs: RecordedInput[] = []
  readonly #hashes: (readonly [number, string])[] = []
  readonly #off: () => void
  readonly #callers: HostCallers
  readonly #table: CallerTable | undefined
  #ticks = 0
  #recording: Recording | undefined

  /**
   * Starts to record. `notes` are stored in the recording unchanged.
   *
   * @throws {ScriptError} HostError while scripts are running; InvalidOptions for a note that is not a string, while a
   * job runs, or if it cannot be saved to a file (see `Snapshot.toBytes`)
   */
  constructor(runtime: WasmScriptRuntime, notes: Readonly<Record<string, string>> = {}, options: RecorderOptions = {}) {
    checkOptions(recorderOptions, options, 'Recorder')
    this.#store = storeOf(runtime)
    this.#notes = { ...notes }
    if (this.#store.jobs?.isBusy === true)
      invalidOption('a job is running, whose earlier input cannot be recorded: start to record before the job, or when it is done')
    for (const [name, note] of Object.entries(this.#notes)) if (typeof note !== 'string') invalidOption(`the note '${name}' must be a text`)
    const { callers, ...saved } = options
    this.#callers = new HostCallers(runtime)
    this.#table = callers && new CallerTable(callers)
    this.#start = runtime.snapshot().toBytes(saved)
    this.#scripts = this.#store.scripts.flatMap((script) => {
      const { name, running } = script
      if (running === undefined) return []
      return [
        { name, content: contentOf(running.generation.program.source), options: recordedOptions(script), module: fingerprint(running) },
      ]
    })
    this.#off = runtime.on('input', (input) => this.#record(input), { passive: true })
  }

  /** The number of ticks recorded so far. */
  get ticks(): number {
    return this.#ticks
  }

  /**
   * Stops recording and returns the recording. Further calls return the same one.
   *
   * @throws {ScriptError} HostError while scripts are running
   * @example
   * const recording = recorder.stop()
   */
  stop(): Recording {
    if (this.#recording !== undefined) return this.#recording
    checkIdle(this.#store, 'stop')
    this.#off()
    this.#addHash()
    const { options } = this.#store
    const callers = this.#table?.content()
    this.#recording = new Recording({
      seed: options.seed,
      start: this.#start,
      scripts: this.#scripts,
      inputs: this.#inputs,
      hashes: this.#hashes,
      ...(callers && { callers }),
      notes: this.#notes,
    })
    return this.#recording
  }

  #record(given: GameInput): void {
    const { tick: _, ...input } = given
    const caller = this.#table && this.#callers.callerOf(given)
    if (input.kind !== 'tick') {
      this.#inputs.push(input)
      this.#table?.add(caller)
      return
    }
    if (this.#ticks % HASH_EVERY === 0) this.#addHash()
    this.#ticks++
    const last = this.#inputs.at(-1)
    if (last?.kind === 'tick' && Object.is(last.dt, input.dt)) this.#inputs[this.#inputs.length - 1] = { ...last, times: last.times + 1 }
    else {
      this.#inputs.push({ ...input, times: 1 })
      this.#table?.add(undefined)
    }
  }

  #addHash(): void {
    this.#hashes.push([this.#ticks, hashGame(this.#store)])
  }
}
