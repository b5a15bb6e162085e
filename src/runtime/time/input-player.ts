import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import type { GameInput, HostInput } from '../api/input-log.ts'
import type { Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'
import { checkInputs } from './game-inputs.ts'
import { type PlayOptions, playEntries } from './play-options.ts'
import { checkNotPlayed, Playback } from './playback.ts'
import { boundsOf, checkLoads } from './recorded-code.ts'

const playOptions = v.strictObject(playEntries, 'an object of options')

/**
 * Plays the inputs of another runtime as they come, on a runtime with the same components, host functions, scripts and seed. After each
 * input the game is what the other one was. Until `end`, the runtime refuses any other input; then the game goes on by itself.
 *
 * @example
 * const sent: Uint8Array[] = []
 * const saved = server.snapshot()
 * server.on('input', (input) => sent.push(encodeInputs([input])))
 * // Somewhere else:
 * const player = InputPlayer.begin(client, saved)
 * for (const bytes of sent) await player.play(decodeInputs(bytes))
 */
export class InputPlayer {
  readonly #store: Store
  readonly #bounds: ReturnType<typeof boundsOf>
  readonly #playback: Playback
  #inputs: readonly GameInput[] = []
  /** The index of the next input. */
  #at = 0
  #isPlaying = false

  private constructor(runtime: WasmScriptRuntime, bounds: ReturnType<typeof boundsOf>) {
    this.#store = storeOf(runtime)
    this.#bounds = bounds
    this.#playback = new Playback(runtime, bounds, { peek: () => this.#peek(), advance: () => this.#at++ })
  }

  /**
   * Restores the game to the snapshot after which the inputs follow, and starts to play. Take the snapshot while no script is on probation
   * (`ScriptInfo.probation`) and no job runs: it holds neither.
   *
   * @throws {ScriptError} InvalidOptions if inputs are being played already; HostError while scripts are running; the errors of `restore`
   * @example
   * const player = InputPlayer.begin(runtime, Snapshot.fromBytes(bytes), { load: true })
   */
  static begin(runtime: WasmScriptRuntime, snapshot: Snapshot, options: PlayOptions = {}): InputPlayer {
    checkOptions(playOptions, options, 'InputPlayer')
    const store = storeOf(runtime)
    checkNotPlayed(store)
    checkIdle(store, 'InputPlayer.begin')
    const bounds = boundsOf(store, options)
    store.isReplayed = true
    try {
      runtime.restore(snapshot)
      return new InputPlayer(runtime, bounds)
    } catch (error) {
      store.isReplayed = false
      throw error
    }
  }

  /**
   * Plays inputs, in order. Await it before you play the next ones. What a listener for `tick` did in the other game must be among the inputs
   * that are given with that tick, if a listener here does it, too.
   *
   * @throws {ScriptError} StateRejected for an input of another tick than the game is at: inputs are missing, or the game is another;
   * LoadFailed for what is no input, and if one loads a script and `load` does not allow it: then none is played; HostError while others are
   * being played; Disposed after `end`
   * @example
   * await player.play(decodeInputs(bytes))
   */
  async play(inputs: readonly GameInput[]): Promise<void> {
    if (this.#playback.isEnded) throw new ScriptError('Disposed', 'the player was ended; begin another')
    if (this.#isPlaying) throw new ScriptError('HostError', 'inputs are still being played: await play() before you call it again')
    checkIdle(this.#store, 'play')
    checkInputs(inputs)
    checkLoads(this.#store, { scripts: [], inputs }, 'loaded', this.#bounds)
    this.#isPlaying = true
    this.#inputs = inputs
    this.#at = 0
    try {
      for (let next = this.#peek(); next !== undefined && !this.#playback.isEnded; next = this.#peek()) {
        this.#checkTick((inputs[this.#at] as GameInput).tick)
        await this.#playback.play(next)
      }
    } finally {
      this.#isPlaying = false
      this.#inputs = []
    }
  }

  /**
   * Ends the player: the runtime accepts any input again. Calls of workers, requests by HTTP and jobs that wait are dropped. Further calls
   * do nothing.
   *
   * @example
   * player.end()
   */
  end(): void {
    this.#playback.end()
  }

  #peek(): HostInput | undefined {
    const next = this.#inputs[this.#at]
    if (next === undefined) return undefined
    const { tick: _, ...input } = next
    return input
  }

  #checkTick(tick: number): void {
    const here = this.#store.clock.tick
    if (tick === here) return
    throw new ScriptError(
      'StateRejected',
      `the next input is of tick ${tick}, and the game is at tick ${here}: inputs are missing, or the game is another. Begin again from a snapshot`,
    )
  }
}
