import { setImmediate } from 'node:timers/promises'

/** Milliseconds of ticks between two turns of the event loop, which handle the terminal and signals. */
const TURN = 50

/** Calls `step` as long as `goesOn` returns true, as fast as possible. `onTurn` is called each time the event loop had a turn meanwhile: to show how far it is. */
export async function playTicks(goesOn: () => boolean, step: () => Promise<unknown>, onTurn: () => void = () => undefined): Promise<void> {
  let turn = performance.now()
  while (goesOn()) {
    await step()
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
    onTurn()
  }
}
