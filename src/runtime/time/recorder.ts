import { hashWorld } from '../../ecs/image/hash.ts'
import { type HostInput, openInputLog } from '../api/input-log.ts'
import { recordedOptions } from '../api/load-options.ts'
import { fingerprint } from '../image/portable-game.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { type RecordedInput, type RecordedScript, Recording } from './recording.ts'

/** Ticks from one hash of the world to the next: a replay that goes astray is known to have done so between two. */
const HASH_EVERY = 300

/**
 * Records a game from now on: what the host does through the runtime (`tick`, `emit`, `attach`, `detach`, `spawn`, `write`,
 * `despawn`, `call`, `callJson`, `restore`, scripts loaded, reloaded and unloaded with their code). What it writes into columns
 * past `runtime.write` is not seen.
 */
export class Recorder {
  readonly #store: Store
  readonly #start: Uint8Array
  readonly #scripts: readonly RecordedScript[]
  readonly #notes: Readonly<Record<string, string>>
  readonly #inputs: RecordedInput[] = []
  readonly #hashes: (readonly [number, string])[] = []
  readonly #closeInputLog: () => void
  #ticks = 0
  #recording: Recording | undefined

  /**
   * Begins between two ticks. `notes` go into the recording as they are. Throws `HostError` while scripts are running,
   * `InvalidOptions` if the runtime is recorded or replayed already, or holds what no file can tell (see `Snapshot.toBytes`).
   */
  constructor(runtime: WasmScriptRuntime, notes: Readonly<Record<string, string>> = {}) {
    this.#store = storeOf(runtime)
    this.#notes = { ...notes }
    this.#start = runtime.snapshot().toBytes()
    this.#scripts = this.#store.scripts.flatMap(({ name, options, running }) => {
      if (running === undefined) return []
      const { text, bytes } = running.generation.program.source
      return [{ name, content: text ?? bytes, options: recordedOptions(options), module: fingerprint(running) }]
    })
    this.#closeInputLog = openInputLog(this.#store, (input) => this.#record(input))
  }

  /** Ticks recorded so far. */
  get ticks(): number {
    return this.#ticks
  }

  /** Ends the recording and gives it. May be called again. Throws `HostError` while scripts are running. */
  stop(): Recording {
    if (this.#recording !== undefined) return this.#recording
    checkIdle(this.#store, 'stop')
    this.#closeInputLog()
    this.#keepHash()
    const { options } = this.#store
    this.#recording = new Recording({
      seed: options.seed,
      start: this.#start,
      scripts: this.#scripts,
      inputs: this.#inputs,
      hashes: this.#hashes,
      notes: this.#notes,
    })
    return this.#recording
  }

  #record(input: HostInput): void {
    if (input.kind !== 'tick') {
      // What the host goes on to change must not change what it did.
      this.#inputs.push(structuredClone(input))
      return
    }
    if (this.#ticks % HASH_EVERY === 0) this.#keepHash()
    this.#ticks++
    const last = this.#inputs.at(-1)
    if (last?.kind === 'tick' && Object.is(last.dt, input.dt)) this.#inputs[this.#inputs.length - 1] = { ...last, times: last.times + 1 }
    else this.#inputs.push({ ...input, times: 1 })
  }

  #keepHash(): void {
    const { world, components } = this.#store.options
    this.#hashes.push([this.#ticks, hashWorld(world, components)])
  }
}
