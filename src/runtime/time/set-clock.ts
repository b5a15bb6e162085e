import * as v from 'valibot'
import { checkOptions, MAX_COUNT, wholeNumber } from '../../options.ts'
import { recordInput } from '../api/input-log.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, storeOf } from '../script/store.ts'

const seconds = v.custom<number>((value) => Number.isFinite(value) && (value as number) >= 0, 'a number of seconds, 0 or more')
const clockTime = v.strictObject({ tick: wholeNumber(0, MAX_COUNT), time: seconds }, 'an object with tick and time')

/**
 * Sets the number of completed ticks and of simulated seconds of a game, and nothing else: the next tick is `tick + 1`. A client calls it
 * after it wrote what a server sent it, to run the ticks that follow.
 *
 * @throws {ScriptError} InvalidOptions for a tick that is no whole number from 0 to 2 ** 52, and for a time that is negative or not finite;
 * HostError while scripts are running
 * @example
 * setClock(runtime, { tick: frame.tick, time: frame.tick / 60 })
 */
export function setClock(runtime: WasmScriptRuntime, time: { readonly tick: number; readonly time: number }): void {
  const store = storeOf(runtime)
  checkOptions(clockTime, time, 'setClock')
  checkIdle(store, 'setClock')
  recordInput(store, () => ({ kind: 'setClock', clock: { tick: time.tick, time: time.time } }))
  store.clock.tick = time.tick
  store.clock.time = time.time
}
